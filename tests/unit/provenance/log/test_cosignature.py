from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.cosignature import MAX_TIMESTAMP, Cosigner, verify_cosignature
from provenance.log.errors import BadNoteSignature, MalformedCheckpoint, MalformedKey, MalformedNote
from provenance.log.merkle import EMPTY_ROOT
from provenance.log.notes import COSIGNATURE, NoteSigner, VerifierKey

LOG = NoteSigner("cameo.example/log", b"s" * 32)
WITNESS = Cosigner("witness.example/w1", b"w" * 32)
HEAD = Checkpoint(origin=LOG.name, size=0, root=EMPTY_ROOT)
NOTE = LOG.sign(HEAD.to_text())
TIME = 1_679_315_147


def test_a_cosignature_is_what_the_specification_says():
    line = WITNESS.cosign(HEAD.to_text(), TIME)
    name, encoded = line.removeprefix("— ").removesuffix("\n").split(" ")
    data = base64.b64decode(encoded)
    public = base64.b64decode(WITNESS.vkey.split("+", 2)[2])
    assert public[0] == 4
    assert name == "witness.example/w1"
    assert data[:4] == hashlib.sha256(name.encode() + b"\n\x04" + public[1:]).digest()[:4]
    assert data[4:12] == TIME.to_bytes(8, "big")
    message = f"cosignature/v1\ntime {TIME}\n{HEAD.to_text()}".encode()
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(data[12:], message)


def test_a_cosigned_note_is_both_signed_and_cosigned():
    note = NOTE + WITNESS.cosign(HEAD.to_text(), TIME)
    seen = verify_cosignature(note, WITNESS.vkey)
    assert (seen.checkpoint, seen.timestamp) == (HEAD, TIME)
    assert open_checkpoint(note, LOG.vkey) == HEAD


def test_the_latest_of_several_counts():
    text = HEAD.to_text()
    note = NOTE + WITNESS.cosign(text, TIME + 5) + WITNESS.cosign(text, TIME)
    assert verify_cosignature(note, WITNESS.vkey).timestamp == TIME + 5


def test_a_note_without_it_is_refused():
    with pytest.raises(BadNoteSignature):
        verify_cosignature(NOTE, WITNESS.vkey)
    other = Cosigner("witness.example/w1", b"o" * 32)
    with pytest.raises(BadNoteSignature):
        verify_cosignature(NOTE + other.cosign(HEAD.to_text(), TIME), WITNESS.vkey)


def test_a_cosignature_of_another_head_is_refused():
    other = Checkpoint(origin=LOG.name, size=1, root=b"x" * 32)
    with pytest.raises(BadNoteSignature):
        verify_cosignature(NOTE + WITNESS.cosign(other.to_text(), TIME), WITNESS.vkey)


def test_every_changed_byte_is_refused():
    line = WITNESS.cosign(HEAD.to_text(), TIME)
    head, encoded = line.rsplit(" ", 1)
    data = base64.b64decode(encoded)
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(BadNoteSignature):
            verify_cosignature(f"{NOTE}{head} {base64.b64encode(changed).decode()}\n", WITNESS.vkey)


@pytest.mark.parametrize("cut", [1, 9, 64, 72])
def test_a_cosignature_that_is_cut_off_is_refused(cut):
    head, encoded = WITNESS.cosign(HEAD.to_text(), TIME).rsplit(" ", 1)
    data = base64.b64decode(encoded)[: -cut or None]
    with pytest.raises((BadNoteSignature, MalformedNote)):
        verify_cosignature(f"{NOTE}{head} {base64.b64encode(data).decode()}\n", WITNESS.vkey)


def test_an_ordinary_signature_is_no_cosignature():
    ordinary = NoteSigner("witness.example/w1", b"w" * 32)
    with pytest.raises(MalformedKey):
        verify_cosignature(ordinary.sign(HEAD.to_text()), ordinary.vkey)
    with pytest.raises(MalformedKey):
        VerifierKey.parse(WITNESS.vkey)
    assert VerifierKey.parse(WITNESS.vkey, COSIGNATURE).text() == WITNESS.vkey


def test_what_was_cosigned_must_be_a_checkpoint():
    signer = NoteSigner("log", b"s" * 32)
    note = signer.sign("no checkpoint\n") + WITNESS.cosign("no checkpoint\n", TIME)
    with pytest.raises(MalformedCheckpoint):
        verify_cosignature(note, WITNESS.vkey)


@pytest.mark.parametrize("timestamp", [-1, MAX_TIMESTAMP + 1])
def test_times_out_of_range_are_not_signed(timestamp):
    with pytest.raises(ValueError, match="timestamp"):
        WITNESS.cosign(HEAD.to_text(), timestamp)


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_names_that_would_break_the_line_are_refused(name):
    with pytest.raises(MalformedKey):
        Cosigner(name, b"w" * 32)
