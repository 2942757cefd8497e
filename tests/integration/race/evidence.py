"""What the database says about the storm afterwards. Nothing that a process claimed is believed.

Three independent readings: the log in its order, the same entries by the database's clock, and the
marks of when each act returned and each use began.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from consent.documents import parse
from provenance.log.entries import SALT_BYTES, person_ref
from tests.integration.race.ground import Ground

USES = ("release", "publish")


@dataclass(frozen=True)
class Leaf:
    """An entry of the log, opened."""

    index: int
    kind: str
    ref: str
    at: datetime
    private: dict[str, Any]
    epochs: dict[str, int]
    """Person id -> the epoch that is cited."""


@dataclass(frozen=True)
class Call:
    """An act or a use as a bystander saw it."""

    what: str
    person: str | None
    other: str | None
    began: datetime
    returned: datetime | None
    outcome: str | None


@dataclass
class Seen:
    """All rows that count."""

    leaves: list[Leaf]
    calls: list[Call]
    clips: dict[str, Any]
    members: list[Any]
    consents: dict[str, Any]
    grants: dict[str, Any]
    pending: int
    deadlocks: int


@dataclass
class Terms:
    """A person while the log is read: what stands, and what was withdrawn for good."""

    epoch: int = -1
    consent: str | None = None
    paused: bool = False
    grants: dict[str, str] = field(default_factory=dict)
    """Grantee -> the newest grant under the present consent."""


def read(ground: Ground) -> Seen:
    """Everything, in one go."""
    with psycopg.connect(ground.plain_url, row_factory=namedtuple_row) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(query).fetchall()

        refs = {
            person_ref(row.id, bytes(row.log_salt)): row.id
            for row in rows("select id, log_salt from person")
        }
        return Seen(
            leaves=[_leaf(row, refs) for row in rows("select * from log_entry order by idx")],
            calls=[Call(*row) for row in rows(_CALLS)],
            clips={row.id: row for row in rows("select * from clip")},
            members=rows("select * from clip_person"),
            consents={row.id: row for row in rows("select * from consent")},
            grants={row.id: row for row in rows('select * from "grant"')},
            pending=len(rows("select id from log_pending")),
            deadlocks=rows(_DEADLOCKS)[0].deadlocks,
        )


def faults(seen: Seen) -> list[str]:
    """Everything that must not be, in words; empty where nothing is."""
    by_clock = sorted(seen.leaves, key=lambda leaf: (leaf.at, leaf.index))
    return [
        *(f"in log order: {fault}" for fault in _history(seen, seen.leaves)),
        *(f"by the clock: {fault}" for fault in _history(seen, by_clock)),
        *_after_it_returned(seen),
        *_books(seen),
        *_log(seen),
    ]


def _history(seen: Seen, leaves: list[Leaf]) -> Iterator[str]:
    """Read events one after the other; every use must be allowed by what came before it."""
    people: dict[str, Terms] = {}
    revoked: set[str] = set()
    for leaf in leaves:
        if leaf.kind in USES:
            for cited in leaf.private["people"]:
                terms = people.setdefault(cited["person"], Terms())
                for fault in _use(seen, leaf, cited, terms, revoked):
                    yield f"{leaf.kind} {leaf.index} of {leaf.ref}: {fault}"
        elif leaf.kind == "revoke":
            revoked |= set(leaf.private["targets"])
        for person, epoch in leaf.epochs.items():
            terms = people.setdefault(person, Terms())
            if epoch < terms.epoch:
                yield f"{leaf.kind} {leaf.index}: the epoch fell"
            terms.epoch = max(epoch, terms.epoch)
            _learn(seen, leaf, terms)


def _learn(seen: Seen, leaf: Leaf, terms: Terms) -> None:
    act = leaf.private.get("act")
    if leaf.kind == "consent":
        terms.consent, terms.grants = leaf.ref, {}
    elif leaf.kind == "grant":
        terms.grants[seen.grants[leaf.ref].grantee_id] = leaf.ref
    elif act in {"pause", "resume"}:
        terms.paused = act == "pause"


def _use(
    seen: Seen, leaf: Leaf, cited: dict[str, Any], terms: Terms, revoked: set[str]
) -> Iterator[str]:
    clip, grant = seen.clips[leaf.ref], cited["grant"]
    if leaf.epochs.get(cited["person"]) != terms.epoch:
        yield f"cites epoch {leaf.epochs.get(cited['person'])}, and {terms.epoch} stands"
    if revoked & {cited["consent"], grant}:
        yield "rests on what was withdrawn"
    if terms.paused:
        yield "somebody had paused"
    if cited["consent"] != terms.consent:
        yield f"rests on {cited['consent']}, and {terms.consent} stands"
    if grant is not None and terms.grants.get(clip.maker_id) != grant:
        yield f"rests on {grant}, and {terms.grants.get(clip.maker_id)} stands"
    if grant is None and _audience(seen, cited["consent"]) in {"only_me", "approved"}:
        yield "and there is no grant"


def _audience(seen: Seen, consent: str) -> str:
    document = bytes(seen.consents[consent].document)
    return str(getattr(parse(document), "audience", "")) if document else ""


_PERMITS = {
    "pause": ("resume",),
    "block": ("unblock",),
    "unfollow": ("follow", "consent", "narrow"),
    "decline": ("approve",),
    "ungrant": (),
    "revoke": (),
}
"""What takes a denial back; what was withdrawn never comes back, a new paper is another one."""
_FOR_ALL = ("resume", "consent", "narrow")
"""Acts that are about nobody in particular."""


def _after_it_returned(seen: Seen) -> Iterator[str]:
    """No use that began after a denial in its scope had returned, and before it was taken back."""
    for leaf in seen.leaves:
        if leaf.kind not in USES:
            continue
        calls = [c for c in seen.calls if (c.what, c.other) == (leaf.kind, leaf.ref)]
        began = min((call.began for call in calls), default=None)
        for denial in seen.calls if began is not None else []:
            if denial.returned is None or denial.returned >= began:
                continue
            if _concerns(seen, denial, leaf) and not _taken_back(seen, denial, leaf.at):
                yield (
                    f"{leaf.kind} {leaf.index} began {began}, and {denial.what} of"
                    f" {denial.person} had returned {denial.returned}"
                )


def _concerns(seen: Seen, denial: Call, leaf: Leaf) -> bool:
    """Whether a denial forbids this use of one of the people in it."""
    cited = next((p for p in leaf.private["people"] if p["person"] == denial.person), None)
    if cited is None or denial.what not in _PERMITS:
        return False
    maker = seen.clips[leaf.ref].maker_id
    company = {maker, *(person["person"] for person in leaf.private["people"])}
    by_tie = cited["grant"] is None and _audience(seen, cited["consent"]) == "mutuals"
    asked_first = by_tie  # Carol alone has friends, and she alone looks first
    return {
        "pause": True,
        "block": denial.other in company,
        "unfollow": by_tie and denial.other == maker,
        "decline": asked_first and leaf.kind == "publish" and denial.other == leaf.ref,
        "ungrant": denial.other == cited["grant"],
        "revoke": seen.consents[cited["consent"]].created_at < denial.began,
    }[denial.what]


def _taken_back(seen: Seen, denial: Call, until: datetime) -> bool:
    """Whether the opposite was at least begun between a denial and a use."""
    return any(
        call.what in _PERMITS[denial.what]
        and call.person == denial.person
        and call.began < until
        and (call.returned is None or call.returned > denial.began)
        and (call.other == denial.other or call.what in _FOR_ALL)
        for call in seen.calls
    )


def _books(seen: Seen) -> Iterator[str]:
    """Uses are what clips hold; what is over holds none that it did not consume."""
    held = _held(seen)
    for paper in (*seen.consents.values(), *seen.grants.values()):
        counted = (paper.uses_reserved, paper.uses_consumed)
        if counted != (held[paper.id, "reserved"], held[paper.id, "consumed"]):
            yield f"{paper.id} counts {counted}, and clips hold otherwise"
        if paper.max_uses is not None and sum(counted) > paper.max_uses:
            yield f"{paper.id} was used {counted}, of {paper.max_uses}"
    for clip in seen.clips.values():
        if clip.status in {"queued", "in_progress"}:
            yield f"{clip.id} hangs"
    for member in seen.members:
        if member.use == "reserved":
            yield f"{member.clip_id} still holds a use after the sweep"


def _held(seen: Seen) -> Counter[tuple[str, str]]:
    held: Counter[tuple[str, str]] = Counter()
    for member in seen.members:
        if member.grant_id is not None:
            held[member.grant_id, member.use] += 1
        if member.counts_consent:
            held[member.consent_id, member.use] += 1
    return held


def _log(seen: Seen) -> Iterator[str]:
    """Gapless, nothing pending, and every use once; no deadlock was ever met."""
    if [leaf.index for leaf in seen.leaves] != list(range(len(seen.leaves))) or seen.pending:
        yield "the log has gaps, or something waits"
    logged = Counter((leaf.kind, leaf.ref) for leaf in seen.leaves)
    for clip in seen.clips.values():
        released = clip.media_sha256 is not None
        if logged["release", clip.id] != int(released):
            yield f"{clip.id} is logged {logged['release', clip.id]} times"
        if clip.share_token is not None and not logged["publish", clip.id]:
            yield f"{clip.id} is shared, and not in the log"
    if seen.deadlocks:
        yield f"{seen.deadlocks} deadlocks"


def _leaf(row: Any, refs: dict[str, str]) -> Leaf:
    body, opening = json.loads(bytes(row.body)), bytes(row.opening)
    return Leaf(
        index=row.idx,
        kind=body["type"],
        ref=row.ref,
        at=datetime.fromisoformat(body["at"].replace("Z", "+00:00")),
        private=json.loads(opening[SALT_BYTES:]),
        epochs={refs[cite["ref"]]: cite["epoch"] for cite in body["epochs"]},
    )


_CALLS = """
select began.what, began.person, nullif(began.other, '') as other, began.at as began,
    returned.at as returned, returned.outcome
from race_mark began left join race_mark returned
    on returned.call = began.call and returned.phase = 'returned'
where began.phase = 'began' order by began.id
"""
_DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
