"""Another implementation judges what ours made: Go's golang.org/x/mod/sumdb, from Debian."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cameo.flows.ledger import Ledger
from cameo.flows.log_views import LogViews
from cameo.store.database import Database
from provenance.log.checkpoint import open_checkpoint
from provenance.log.cosignature import Cosigner
from provenance.log.notes import NoteSigner
from provenance.log.tiles import HEIGHT, WIDTH, tile_of

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "log"
GO_PATH = Path("/usr/share/gocode")
SIGNER = NoteSigner("test.example/log", bytes(range(32)))
COSIGNER = Cosigner("witness.example/w1", bytes(range(1, 33)))


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checker, built without a network."""
    go = shutil.which("go")
    if go is None:
        pytest.fail("Go is missing: apt-get install golang-go")
    if not (GO_PATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.fail("Go's mod library is missing: apt-get install golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GOPATH": str(GO_PATH),
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPROXY": "off",
        "GOCACHE": str(folder / "cache"),
        "CGO_ENABLED": "0",
    }
    built = folder / "check"
    subprocess.run(
        [go, "build", "-o", str(built), str(VECTORS / "check.go")],
        check=True,
        env=environment,
        timeout=500,
    )
    return built


def run(checker: Path, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checker), str(file)], check=False, capture_output=True, text=True, timeout=300
    )


def judged(checker: Path, file: Path) -> tuple[int, int]:
    """How many things were accepted as they are, and refused with one byte changed."""
    done = run(checker, file)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found = re.fullmatch(r"accepted (\d+) refused (\d+)\n", done.stdout)
    assert found is not None, done.stdout[-2000:]
    return int(found[1]), int(found[2])


def test_go_accepts_the_committed_log(checker: Path):
    known = json.loads((VECTORS / "vectors.json").read_text("utf-8"))
    accepted, refused = judged(checker, VECTORS / "vectors.json")
    assert accepted == expected(known)
    assert refused > 5000


def test_go_accepts_a_log_from_a_real_database(checker: Path, database: Database, tmp_path: Path):
    ledger = Ledger(db=database, signer=SIGNER)
    sizes = fill(ledger)
    log = exported(ledger, sizes)
    file = tmp_path / "log.json"
    file.write_text(json.dumps(log), "utf-8")
    accepted, refused = judged(checker, file)
    assert accepted == expected(log)
    assert refused > 9_000


@pytest.mark.parametrize(
    ("fault", "spoil"),
    [
        ("note_of_another_key", lambda log: log.update(log_key=NoteSigner("x", b"x" * 32).vkey)),
        ("entry_changed", lambda log: log["inclusions"][0].update(body="AAAA")),
        ("heads_exchanged", lambda log: exchange(log["consistencies"][3])),
        ("hash_left_out", lambda log: log["consistencies"][3]["hashes"].pop()),
        ("cosignature_missing", lambda log: log.update(cosigned=log["notes"][-1:])),
        ("tile_missing", lambda log: log["tiles"].popitem()),
    ],
)
def test_go_notices_what_is_wrong(checker: Path, tmp_path: Path, fault: str, spoil: Any):
    log = json.loads((VECTORS / "vectors.json").read_text("utf-8"))
    spoil(log)
    file = tmp_path / "log.json"
    file.write_text(json.dumps(log), "utf-8")
    assert run(checker, file).returncode == 1, fault


def exchange(item: dict[str, Any]) -> None:
    item["old"], item["new"] = item["new"], item["old"]


def expected(log: dict[str, Any]) -> int:
    """One for each note, three for each proof (with its checkpoints), one more for the tiles."""
    inclusions, consistencies = len(log["inclusions"]), len(log["consistencies"])
    notes = len(log["notes"]) + len(log["cosigned"])
    return notes + 2 * inclusions + 3 * consistencies + 1 + inclusions


def fill(ledger: Ledger) -> list[int]:
    """A log of 300 leaves that grew in uneven steps; returns the sizes of its heads."""
    sizes = []
    with ledger.db.transaction() as tx:
        person = tx.people.add(handle="alice", display_name="Alice", api_key_hash="x", now=tx.now())
    for step in (1, 1, 2, 40, 211, 1, 44):
        with ledger.db.transaction() as tx:
            for n in range(step):
                ledger.record(
                    tx,
                    kind="lease",
                    ref=f"clip_{n + (sizes[-1] if sizes else 0)}",
                    private={"clip": "clip"},
                    at=tx.now(),
                    people=[person],
                )
        sizes.append(ledger.sequence())
    return sizes


def exported(ledger: Ledger, sizes: list[int]) -> dict[str, Any]:
    with ledger.db.reading() as tx:
        notes = [head.note for size in sizes if (head := tx.log.checkpoint_of(size))]
        bodies = [entry.body for entry in tx.log.entries(0, 1000)]
    views = LogViews(db=ledger.db, ledger=ledger)
    size = sizes[-1]
    tiles = [
        tile_of(level, number, size).text()
        for level in range(2)
        for number in range(-(-(size >> HEIGHT * level) // WIDTH))
    ]
    text = open_checkpoint(notes[-1], ledger.vkey).to_text()
    return {
        "log_key": ledger.vkey,
        "witness_key": COSIGNER.vkey,
        "notes": notes,
        "cosigned": [notes[-1] + COSIGNER.cosign(text, 1_700_000_000)],
        "inclusions": [
            {"body": base64.b64encode(bodies[index]).decode(), "proof": proof(ledger, index)}
            for index in (0, 1, 3, 200, 255, 256, 299)
        ],
        "consistencies": [
            {
                "old": notes[old],
                "new": notes[new],
                "hashes": views.consistency(sizes[old], sizes[new])["hashes"],
            }
            for new in range(1, len(sizes))
            for old in range(new)
        ],
        "tiles": {path: base64.b64encode(views.tile(path).data).decode() for path in tiles},
    }


def proof(ledger: Ledger, index: int) -> str:
    with ledger.db.reading() as tx:
        found = ledger.prove(tx, kind="lease", ref=f"clip_{index}")
    assert found is not None
    assert found.index == index
    return found.text
