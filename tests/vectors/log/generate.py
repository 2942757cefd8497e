"""Writes the log vectors beside this file: `python tests/vectors/log/generate.py`.

`vectors.json` holds a small log byte for byte: keys, entries, signed and cosigned checkpoints,
inclusion and consistency proofs, tiles, a promise. Everything is deterministic; a test compares the
file with what this makes, and `check.go` judges it with Go's `golang.org/x/mod/sumdb`.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from provenance.log.checkpoint import build_tlog_proof
from provenance.log.cosignature import Cosigner
from provenance.log.entries import EntryType, EpochCite, LogEntry, build, commit, person_ref
from provenance.log.memory import MemoryLogStore
from provenance.log.merkle import consistency_proof, inclusion_proof, leaf_hash
from provenance.log.notes import NoteSigner
from provenance.log.promise import Promise, promise_key_name, sign_promise
from provenance.log.sequencer import sequence
from provenance.log.tiles import HEIGHT, WIDTH, bundles, encode_bundle, tile_of

HERE = Path(__file__).parent
ORIGIN = "cameo.example/log"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SALT = bytes(range(32))
STEPS = (1, 1, 5, 250, 13)


def entries() -> list[bytes]:
    """The entries of the log: one of each kind, and then leases."""
    ref = person_ref("prs_1", SALT)
    kinds = [*EntryType] + [EntryType.LEASE] * (sum(STEPS) - len(EntryType))
    return [
        build(
            LogEntry(
                type=kind,
                commitment=commit(b'{"n":%d}' % n, SALT),
                epochs=(EpochCite(ref=ref, epoch=n),),
                at=AT + timedelta(seconds=n),
            )
        )
        for n, kind in enumerate(kinds)
    ]


def vectors() -> dict[str, Any]:
    """The content of the file."""
    signer = NoteSigner(ORIGIN, bytes([1]) * 32)
    cosigner = Cosigner("witness.example/w1", bytes([2]) * 32)
    promiser = NoteSigner(promise_key_name(ORIGIN), bytes([3]) * 32)
    store, bodies = MemoryLogStore(), entries()
    at = 0
    for step in STEPS:
        for body in bodies[at : at + step]:
            store.put(body)
        with store.transaction():
            sequence(store, signer, step)
        at += step
    promise = Promise(
        origin=ORIGIN, leaf_hash=leaf_hash(bodies[4]), at=AT, within=timedelta(minutes=10)
    )
    return {
        "log_key": signer.vkey,
        "witness_key": cosigner.vkey,
        "promise_key": promiser.vkey,
        "entries": [body.decode() for body in bodies[: len(EntryType)]],
        "notes": store.notes,
        "cosigned": [_cosigned(store.notes[-1], cosigner)],
        "promises": [sign_promise(promise, promiser)],
        "inclusions": [_inclusion(store, n) for n in (0, 1, 6, 255, 256, 269)],
        "consistencies": [
            _consistency(store, old, new) for new in range(1, len(STEPS)) for old in range(new)
        ],
        "tiles": _tiles(store),
        "bundles": [path.text() for path in bundles(0, at)],
        "last_bundle": _text(encode_bundle(bodies[WIDTH:])),
    }


def write() -> None:
    """Write the file."""
    text = json.dumps(vectors(), ensure_ascii=False, indent=1)
    (HERE / "vectors.json").write_text(text + "\n", encoding="utf-8")


def _cosigned(note: str, cosigner: Cosigner) -> str:
    text = note.rpartition("\n\n")[0] + "\n"
    return note + cosigner.cosign(text, int(AT.timestamp()))


def _inclusion(store: MemoryLogStore, index: int) -> dict[str, str]:
    hashes = inclusion_proof(store.get_node, index, len(store.entries))
    return {
        "body": _text(store.entries[index].body),
        "proof": build_tlog_proof(index, hashes, store.notes[-1]),
    }


def _consistency(store: MemoryLogStore, old: int, new: int) -> dict[str, Any]:
    sizes = [sum(STEPS[: n + 1]) for n in (old, new)]
    hashes = consistency_proof(store.get_node, *sizes)
    return {
        "old": store.notes[old],
        "new": store.notes[new],
        "hashes": [_text(each) for each in hashes],
    }


def _tiles(store: MemoryLogStore) -> dict[str, str]:
    size, found = len(store.entries), {}
    for level in range(2):
        for number in range(-(-(size >> HEIGHT * level) // WIDTH)):
            path = tile_of(level, number, size)
            first = number * WIDTH
            nodes = [store.get_node(level * HEIGHT, first + n) for n in range(path.width)]
            found[path.text()] = _text(b"".join(nodes))
    return found


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


if __name__ == "__main__":
    write()
