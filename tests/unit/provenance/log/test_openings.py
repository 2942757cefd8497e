"""Single leaves and heads shown to somebody who has not the log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.log.checkpoint import Checkpoint, sign_checkpoint
from provenance.log.cosignature import Cosigner
from provenance.log.errors import (
    BadInclusionProof,
    BadNoteSignature,
    CommitmentMismatch,
    LogError,
    MalformedCheckpoint,
    MalformedEntry,
    MalformedNote,
)
from provenance.log.openings import open_leaf, read_head, sole_note
from tests.smalllog import LOG, WITNESS, SmallLog

OTHER = Cosigner("witness.example/w2", bytes(range(9, 41)))
STRANGER = Cosigner("stranger.example/w", bytes(range(7, 39)))


@pytest.fixture
def log() -> SmallLog:
    made = SmallLog()
    for number in range(7):
        made.log("lease", {"number": number})
    return made


def head(log: SmallLog, *cosigners: Cosigner) -> str:
    checkpoint = log.checkpoint()
    text = checkpoint.to_text()
    lines = [each.cosign(text, 1_700_000_000 + n) for n, each in enumerate(cosigners)]
    return sign_checkpoint(checkpoint, LOG) + "".join(lines)


def test_every_leaf_opens(log: SmallLog):
    for index in range(7):
        opened = open_leaf(log.leaf(index), log.checkpoint())
        assert (opened.index, opened.record) == (index, b'{"number":%d}' % index)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"index": 4}, BadInclusionProof),
        ({"index": -1}, BadInclusionProof),
        ({"index": 10**9}, BadInclusionProof),
        ({"record": b'{"number":4}'}, CommitmentMismatch),
        ({"salt": bytes(32)}, CommitmentMismatch),
        ({"salt": b"short"}, MalformedEntry),
        ({"proof": ()}, BadInclusionProof),
        ({"body": b"{}"}, MalformedEntry),
    ],
)
def test_another_leaf_does_not(log: SmallLog, changes: dict[str, object], error: type[LogError]):
    with pytest.raises(error):
        open_leaf(replace(log.leaf(3), **changes), log.checkpoint())


def test_a_head_is_signed_by_those_named_and_by_nobody_else(log: SmallLog):
    note = head(log, WITNESS, OTHER)
    read = read_head(note, LOG.vkey, (WITNESS.vkey, OTHER.vkey))
    assert read.checkpoint == log.checkpoint()
    assert [(each.name, each.timestamp) for each in read.cosigners] == [
        ("witness.example/w1", 1_700_000_000),
        ("witness.example/w2", 1_700_000_001),
    ]
    for witnesses in [
        (),
        (WITNESS.vkey,),
        (OTHER.vkey, WITNESS.vkey),
        (WITNESS.vkey, STRANGER.vkey),
        (WITNESS.vkey, WITNESS.vkey),
        (WITNESS.vkey, OTHER.vkey, STRANGER.vkey),
    ]:
        with pytest.raises((MalformedNote, BadNoteSignature)):
            read_head(note, LOG.vkey, witnesses)


def test_what_a_cosigner_did_not_sign(log: SmallLog):
    before = head(log, WITNESS)
    log.log("lease", {"number": 7})
    line = before.splitlines()[-1] + "\n"
    with pytest.raises(BadNoteSignature):
        read_head(sign_checkpoint(log.checkpoint(), LOG) + line, LOG.vkey, (WITNESS.vkey,))


def test_a_head_with_an_extension_is_not_read(log: SmallLog):
    longer: Checkpoint = replace(log.checkpoint(), extensions=("more",))
    with pytest.raises(MalformedCheckpoint):
        read_head(sign_checkpoint(longer, LOG), LOG.vkey, ())


def test_what_others_signed_is_left_out(log: SmallLog):
    note, signed = sole_note(
        head(log, STRANGER, OTHER, WITNESS), LOG.vkey, (WITNESS.vkey, OTHER.vkey)
    )
    assert signed == (WITNESS.vkey, OTHER.vkey)
    assert [line.split(" ")[1] for line in note.split("\n\n")[1].splitlines()] == [
        LOG.name,
        "witness.example/w1",
        "witness.example/w2",
    ]
    assert sole_note(head(log, STRANGER), LOG.vkey, (WITNESS.vkey,)) == (head(log), ())
    assert sole_note(head(log, WITNESS) * 1, LOG.vkey, ())[0] == head(log)


def test_a_head_of_another_log_is_not_taken(log: SmallLog):
    stranger = log.head().replace(LOG.name, "other.example/log")
    with pytest.raises(LogError):
        sole_note(stranger, LOG.vkey, ())
