"""What must hold after every step, asked of the database itself."""

from __future__ import annotations

import itertools
from collections import Counter

from consent.vocabulary import Purpose, RestrictionClass
from tests.integration.life.model import Life
from tests.integration.life.stage import HANDLES, Stage, outcome
from tests.integration.life.terms import Wanted
from tests.integration.life.wishes import SAID

CASTS = [(one,) for one in HANDLES] + list(itertools.combinations(HANDLES, 2))
QUESTIONS = [(maker, people) for maker in HANDLES for people in CASTS]
ASKED = 6
"""How many questions are asked at every step."""


def check_step(stage: Stage, life: Life, epochs: dict[str, int]) -> None:
    """People, papers, clips and log entries are what was done, and no invariant is broken."""
    _check_people(stage, life, epochs)
    _check_papers(stage, life)
    _check_clips(stage, life)
    counted = stage.rows(
        "select kind, count(*) from (select kind from log_entry"
        " union all select kind from log_pending) group by kind"
    )
    assert dict(map(tuple, counted)) == dict(life.leaves)


def check_opinions(stage: Stage, life: Life, step: int) -> None:
    """A few questions to the gate, other ones at every step, against what the model says.

    Most orders in an example are such as are allowed; these here are any.
    """
    for number in range(step * ASKED, (step + 1) * ASKED):
        maker, people = QUESTIONS[number * 7 % len(QUESTIONS)]
        drinks, speaks, social = (number // each % 5 == 0 for each in (2, 3, 5))
        wanted = Wanted(
            maker,
            people,
            Purpose.SOCIAL if social else Purpose.PERSONAL,
            frozenset({RestrictionClass.ALCOHOL}) if drinks else frozenset(),
            SAID if speaks else "",
        )
        decision = stage.world.permits.check(
            requester=stage.people[maker],
            people=[stage.people[handle] for handle in people],
            modalities=wanted.modalities,  # type: ignore[arg-type]
            purpose=wanted.purpose,
            content_classes=frozenset(map(str, wanted.classes)),
            spoken=wanted.spoken,
        )
        said = life.opinions(wanted, stage.clock.now)
        assert [person.allowed for person in decision.people] == [
            said[handle].agrees for handle in people
        ], (wanted, decision.reasons)
        assert decision.allowed == all(each.agrees for each in said.values())


def check_end(stage: Stage, life: Life) -> None:
    """What is served is what may be served, and the log, read by an auditor, is clean."""
    stage.world.ledger.sequence()
    for clip in life.clips.values():
        clip.covered = clip.covered or clip.status == "completed"
        maker = stage.people[clip.maker]
        got = outcome(stage.studio.library.require_served, maker, clip.id)
        assert got == life.shown(clip, stage.clock.now)
    audit = stage.world.ledger.audit()
    assert audit.findings == ()
    released = stage.rows(
        "select id from clip where completed_at is not null and media_sha256 is not null"
        " and not exists (select 1 from log_entry where kind = 'release' and ref = clip.id)"
    )
    assert not released, "released, and not in the log"


def _check_people(stage: Stage, life: Life, epochs: dict[str, int]) -> None:
    rows = stage.rows("select handle, epoch, paused_at is not null, frozen from person")
    for handle, epoch, paused, frozen in rows:
        person = life.people[handle]
        assert epoch >= epochs[handle], f"the epoch of {handle} fell"
        assert (handle, epoch) == (handle, person.epoch)
        assert (bool(paused), bool(frozen)) == (person.paused, person.frozen)
        epochs[handle] = epoch


def _check_papers(stage: Stage, life: Life) -> None:
    rows = stage.rows(
        "select id, status, uses_reserved, uses_consumed, max_uses from consent union all"
        ' select id, status, uses_reserved, uses_consumed, max_uses from "grant"'
    )
    found = {row.id: tuple(row)[1:] for row in rows}
    papers = [p for person in life.people.values() for p in (*person.consents, *person.grants)]
    assert found == {p.id: (p.status, p.reserved, p.consumed, p.max_uses) for p in papers}
    for paper in papers:
        assert paper.max_uses is None or paper.reserved + paper.consumed <= paper.max_uses
    held: Counter[tuple[str, str]] = Counter()
    members = stage.rows("select consent_id, grant_id, counts_consent, use from clip_person")
    for consent, grant, counts, use in members:
        if counts:
            held[consent, use] += 1
        if grant is not None:
            held[grant, use] += 1
    for paper in papers:
        taken = (held[paper.id, "reserved"], held[paper.id, "consumed"])
        assert taken == (paper.reserved, paper.consumed), "uses are what clips hold"


def _check_clips(stage: Stage, life: Life) -> None:
    rows = stage.rows("select id, status, share_token is not null as shared from clip")
    found = {row.id: (row.status, bool(row.shared)) for row in rows}
    assert found == {clip.id: (clip.status, clip.shared) for clip in life.clips.values()}
    members = Counter(row.clip_id for row in stage.rows("select clip_id from clip_person"))
    for clip in life.clips.values():
        assert members[clip.id] == len(set(clip.wanted.people)), "everybody in it, or nobody"
