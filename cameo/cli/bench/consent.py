"""Figures of the gate, on a PostgreSQL cluster of its own: releases, withdrawals, look-ups, log.

Every figure goes through the shipped flows. What has a floor or a peer is measured beside it in
the same run.
"""

from __future__ import annotations

import random
import secrets
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import rfc8785

from cameo.cli.bench.cluster import cluster, fresh_database
from cameo.cli.bench.figures import emit, median_seconds
from cameo.cli.bench.releasing import Timing, bare_releases, hot_person, releases
from cameo.cli.bench.stage import Stage, random_handle
from cameo.store.ids import new_id
from cameo.store.records import GrantRecord
from cameo.wiring.home import migrate
from consent.documents import GrantDocument, canonical, parse, with_rendering
from consent.vocabulary import Audience, Purpose

_CLIENTS: Final = 4
_CLIPS: Final = 600
_TURNS: Final = 3
_PEOPLE: Final = 40
_GRANTS: Final = 10_000
_LOOKS: Final = 200
_LEAVES: Final = 6400
_BATCH: Final = 64


def measure_consent(*, clips: int = _CLIPS, rounds: int = 13) -> None:
    """Print the figures of `make bench-consent` that need a database.

    Args:
        clips: releases a client, of which the first twenty of each of three turns do not count.
        rounds: how often the hot person permits eight people and withdraws from each.
    """
    with cluster() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with fresh_database(server, "gate") as url:
            migrate(url)
            _gate(url, folder / "gate", clips)
        with fresh_database(server, "hot") as url:
            migrate(url)
            _revoke(url, folder / "hot", rounds)
        with fresh_database(server, "lookup") as url:
            migrate(url)
            _lookup(url, folder / "lookup")
            _log(url, folder / "log")


def _gate(url: str, folder: Path, clips: int) -> None:
    stage = Stage(url, folder)
    makers = [stage.member(random_handle()) for _ in range(_CLIENTS)]
    people = [stage.member(random_handle()) for _ in range(_PEOPLE)]
    for person in people:
        stage.consent(person, Audience.APPROVED)
        for maker in makers:
            stage.grant(person, maker)
    work = [
        [stage.finished(maker, *random.sample(people, 2)) for _ in range(2 * clips)]
        for maker in makers
    ]
    stage.close()
    floors, all_ours = [], []
    # In turns, so that whatever else the machine does falls on both.
    for turn in range(_TURNS):
        parts = [part[turn::_TURNS] for part in work]
        half = len(parts[0]) // 2
        floors.append(bare_releases(url, [part[half:] for part in parts]))
        all_ours.append(releases(url, folder, [part[:half] for part in parts]))
    floor, ours = Timing.of(floors), Timing.of(all_ours)
    on = f"{_CLIENTS} clients, 2 people a clip, PostgreSQL, durable"
    peer = ("the same rows in bare SQL", floor.rate)
    emit("consent.gate.rate", ours.rate, "1/s", on=on, n=len(ours.seconds), peer=peer)
    beside = ("the same rows in bare SQL", floor.quantile(0.95) * 1e3)
    emit(
        "consent.gate.p95",
        ours.quantile(0.95) * 1e3,
        "ms",
        on=on,
        n=len(ours.seconds),
        peer=beside,
    )


def _revoke(url: str, folder: Path, rounds: int) -> None:
    found = hot_person(url, folder, rounds=rounds)
    on = f"{found.releasers} releasers on one person"
    seconds = found.withdrawals
    emit("consent.revoke.p99", seconds.quantile(0.99) * 1e3, "ms", on=on, n=len(seconds.seconds))
    emit("consent.revoke.p50", seconds.quantile(0.5) * 1e3, "ms", on=on, n=len(seconds.seconds))
    emit("consent.released_after_revoke", found.released_after, "count", on=on, n=found.released)


def _lookup(url: str, folder: Path) -> None:
    stage = Stage(url, folder)
    asked, maker = stage.member(random_handle()), stage.member(random_handle())
    stage.consent(asked, Audience.APPROVED)
    signed = stage.grant(asked, maker)
    grantees = [stage.member(random_handle()) for _ in range(20)]
    _add_grants(stage, signed, [grantee.record.id for grantee in grantees])

    def check() -> None:
        decision = stage.permits.check(
            requester=maker.record,
            people=[asked.record],
            modalities=frozenset({"face"}),
            purpose=Purpose.PERSONAL,
        )
        if not decision.allowed:
            raise RuntimeError(f"the look-up refused: {decision.reasons}")

    check()

    def look() -> None:
        for _ in range(_LOOKS):
            check()

    seconds = median_seconds(look) / _LOOKS
    stage.close()
    emit("consent.decide.lookup", seconds * 1e3, "ms", on=f"{_GRANTS} grants on the asked person")


def _add_grants(stage: Stage, like: GrantRecord, grantees: list[str]) -> None:
    """Ten thousand signed-looking grants; their rows are what a look-up has to pass by."""
    document = parse(like.document)
    if not isinstance(document, GrantDocument):
        raise TypeError("a grant holds a grant document")
    with stage.db.transaction() as tx:
        tx.consents.add_many(
            GrantRecord(
                id=new_id("gnt"),
                person_id=like.person_id,
                consent_id=like.consent_id,
                grantee_id=grantees[number % len(grantees)],
                status="superseded",
                document=canonical(with_rendering(document)),
                evidence=like.evidence,
                sha256=secrets.token_hex(32),
                max_uses=None,
                uses_reserved=0,
                uses_consumed=0,
                created_at=like.created_at - timedelta(seconds=number),
                expires_at=None,
                ended_at=like.created_at,
            )
            for number in range(_GRANTS)
        )


def _log(url: str, folder: Path) -> None:
    stage = Stage(url, folder)
    body = rfc8785.dumps({"n": "0" * 300})
    with stage.db.transaction() as tx:
        for number in range(_LEAVES):
            tx.log.append(body=body, kind="stamp", ref=str(number), opening=body)
    began = time.perf_counter()
    stage.ledger.sequence(batch=_BATCH)
    seconds = time.perf_counter() - began
    stage.close()
    emit("log.append.rate", _LEAVES / seconds, "1/s", on=f"PostgreSQL, batch {_BATCH}", n=_LEAVES)
