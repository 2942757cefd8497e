from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.log.audit import audit_log, verify_entry, verify_release
from provenance.log.checkpoint import build_tlog_proof
from provenance.log.entries import EntryType, EpochCite, LogEntry, build, commit
from provenance.log.errors import (
    BadInclusionProof,
    CommitmentMismatch,
    LogDiverged,
    MalformedEntry,
)
from provenance.log.memory import MemoryLogStore
from provenance.log.merkle import inclusion_proof
from provenance.log.notes import NoteSigner
from provenance.log.sequencer import sequence

SIGNER = NoteSigner("cameo.example/log", b"s" * 32)
SALT = b"t" * 32
A, B = "0a" * 32, "0b" * 32
AT = datetime(2026, 1, 2, tzinfo=UTC)


def leaf(kind, *cites, private=b"record"):
    return build(
        LogEntry(
            type=EntryType(kind),
            commitment=commit(private, SALT),
            epochs=tuple(EpochCite(ref=ref, epoch=epoch) for ref, epoch in cites),
            at=AT,
        )
    )


def logged(*bodies):
    store = MemoryLogStore()
    for body in bodies:
        store.put(body)
    with store.transaction():
        checkpoint = sequence(store, SIGNER, 1000)
    assert checkpoint is not None
    return store, store.notes[-1]


def proof_of(store, index):
    hashes = inclusion_proof(store.get_node, index, len(store.entries))
    return build_tlog_proof(index, hashes, store.notes[-1])


def test_a_release_is_verified_with_its_private_record():
    bodies = [leaf("consent", (A, 1)), leaf("release", (A, 1)), leaf("stamp")]
    store, _ = logged(*bodies)
    verified = verify_release(
        bodies[1], proof_of(store, 1), SIGNER.vkey, private_body=b"record", salt=SALT
    )
    assert (verified.index, verified.checkpoint.size) == (1, 3)
    assert verified.entry.epochs == (EpochCite(ref=A, epoch=1),)
    assert verify_release(bodies[1], proof_of(store, 1), SIGNER.vkey) == verified
    assert verify_entry(bodies[0], proof_of(store, 0), SIGNER.vkey).entry.type == "consent"


def test_release_of_another_record():
    body = leaf("release", (A, 1))
    store, _ = logged(body)
    with pytest.raises(CommitmentMismatch):
        verify_release(body, proof_of(store, 0), SIGNER.vkey, private_body=b"x", salt=SALT)


def test_record_without_its_salt():
    body = leaf("release", (A, 1))
    store, _ = logged(body)
    for given in ({"private_body": b"record"}, {"salt": SALT}):
        with pytest.raises(MalformedEntry):
            verify_release(body, proof_of(store, 0), SIGNER.vkey, **given)


def test_entry_that_is_no_release():
    body = leaf("consent", (A, 1))
    store, _ = logged(body)
    with pytest.raises(MalformedEntry):
        verify_release(body, proof_of(store, 0), SIGNER.vkey)


def test_every_changed_byte_of_an_entry_is_refused():
    body = leaf("release", (A, 1))
    store, _ = logged(leaf("consent", (A, 1)), body)
    proof = proof_of(store, 1)
    for at in range(len(body)):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        with pytest.raises(BadInclusionProof):
            verify_release(changed, proof, SIGNER.vkey)


def test_a_whole_log_is_read_in_its_order():
    bodies = [leaf("key", (A, 1)), leaf("consent", (A, 1)), leaf("revoke", (A, 1))]
    _, note = logged(*bodies)
    audit = audit_log(bodies, note, SIGNER.vkey)
    assert audit.checkpoint.size == 3
    assert [(f.index, f.code, f.ref) for f in audit.findings] == [(2, "log.epoch_not_raised", A)]


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("entry_left_out", lambda b: b[:1] + b[2:]),
        ("entry_changed", lambda b: [b[0], leaf("stamp"), *b[2:]]),
        ("entries_exchanged", lambda b: [b[1], b[0], *b[2:]]),
        ("entry_added", lambda b: [*b, leaf("stamp")]),
        ("nothing", lambda b: b[:0]),
    ],
)
def test_entries_that_were_not_signed(fault, change):
    bodies = [leaf("consent", (A, 1)), leaf("revoke", (A, 2)), leaf("key")]
    _, note = logged(*bodies)
    with pytest.raises(LogDiverged):
        audit_log(change(bodies), note, SIGNER.vkey)
