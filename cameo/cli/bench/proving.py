"""How long it takes to check who agreed to a clip, without the service."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from cameo.cli.bench.figures import emit, median_seconds
from cameo.cli.bench.stage import Stage, random_handle
from cameo.flows.bundle import Bundles
from cameo.flows.bundle_check import verify_bundle
from cameo.flows.library import Library
from cameo.wiring.home import migrate
from consent.vocabulary import Audience

_LEAVES: Final = 10_000
_ROUNDS: Final = 20


def measure_bundle() -> None:
    """Print `bundle.verify`: a clip of two people, each with a consent and a grant."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'cameo.db'}"
        migrate(url)
        stage = Stage(url, folder)
        data = _bundle(stage)
        vkey = stage.ledger.vkey
        stage.close()

    def check() -> None:
        for _ in range(_ROUNDS):
            verify_bundle(data, vkey)

    check()
    on = f"2 people, 2 grants, key files, {len(data) // 1000} kB, log of {_LEAVES} entries"
    emit("bundle.verify", median_seconds(check) / _ROUNDS * 1e3, "ms", on=on, n=_ROUNDS)


def _bundle(stage: Stage) -> bytes:
    maker, *people = (stage.member(random_handle()) for _ in range(3))
    for person in people:
        stage.consent(person, Audience.APPROVED)
        stage.grant(person, maker)
    with stage.db.transaction() as tx:
        for number in range(_LEAVES):
            body, opening = stage.ledger.leaf(kind="stamp", private={"n": number}, at=tx.now())
            tx.log.append(body=body, kind="stamp", ref=str(number), opening=opening)
    clip_id = stage.finished(maker, *people)
    stage.release(clip_id)
    library = Library(db=stage.db, vault=stage.vault, ledger=stage.ledger)
    return Bundles(db=stage.db, ledger=stage.ledger, library=library).of(clip_id)
