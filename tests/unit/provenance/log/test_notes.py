from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provenance.log.errors import BadNoteSignature, MalformedKey, MalformedNote
from provenance.log.notes import NoteSigner, VerifierKey, verify

# The example of the note format's first implementation, golang.org/x/mod/sumdb/note.
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# A published key whose base64 holds a plus sign.
PLUS_VKEY = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"


def test_the_published_note_is_made_byte_for_byte():
    signer = NoteSigner("PeterNeumann", GO_SEED)
    assert signer.vkey == GO_VKEY
    assert signer.sign(GO_TEXT) == GO_NOTE
    assert verify(GO_NOTE, GO_VKEY) == GO_TEXT


@pytest.mark.parametrize("vkey", [GO_VKEY, PLUS_VKEY])
def test_published_keys_are_read_and_written(vkey):
    assert VerifierKey.parse(vkey).text() == vkey


def test_pem_and_seed_are_the_same_key():
    private = Ed25519PrivateKey.from_private_bytes(GO_SEED)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert NoteSigner("PeterNeumann", pem).sign(GO_TEXT) == GO_NOTE


def test_no_part_of_a_key_text_is_a_key():
    for start in range(len(GO_VKEY)):
        for end in range(start + 1, len(GO_VKEY) + 1):
            if (start, end) != (0, len(GO_VKEY)):
                with pytest.raises(MalformedKey):
                    VerifierKey.parse(GO_VKEY[start:end])


def test_no_changed_character_of_a_key_text_is_a_key():
    for at, character in enumerate(GO_VKEY):
        with pytest.raises(MalformedKey):
            VerifierKey.parse(GO_VKEY[:at] + chr(ord(character) + 1) + GO_VKEY[at + 1 :])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u3000b", "a\x00"])
def test_names_that_would_break_the_line_are_refused(name):
    with pytest.raises(MalformedKey):
        NoteSigner(name, GO_SEED)


def test_other_keys_are_refused():
    p256 = ec.generate_private_key(ec.SECP256R1())
    pem = p256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for key in (pem, b"", b"x" * 31, b"-----BEGIN"):
        with pytest.raises(MalformedKey):
            NoteSigner("log", key)


def test_every_changed_character_of_a_text_breaks_the_signature():
    for at in range(len(GO_TEXT) - 1):
        if GO_TEXT[at] != "\n":
            changed = GO_NOTE[:at] + chr(ord(GO_TEXT[at]) ^ 1) + GO_NOTE[at + 1 :]
            with pytest.raises((BadNoteSignature, MalformedNote)):
                verify(changed, GO_VKEY)


def test_signatures_of_witnesses_are_left_aside():
    other = NoteSigner("witness.example", b"w" * 32)
    line = other.sign(GO_TEXT).rsplit("\n\n", 1)[1]
    note = GO_NOTE + line
    assert verify(note, GO_VKEY) == verify(note, other.vkey) == GO_TEXT


def test_a_note_of_another_key_is_refused():
    other = NoteSigner("PeterNeumann", b"w" * 32)
    with pytest.raises(BadNoteSignature):
        verify(GO_NOTE, other.vkey)
    with pytest.raises(BadNoteSignature):
        verify(other.sign(GO_TEXT), GO_VKEY)


def test_the_same_key_under_another_name_is_another_signer():
    renamed = NoteSigner("PeterNewmann", GO_SEED)
    with pytest.raises(BadNoteSignature):
        verify(renamed.sign(GO_TEXT), GO_VKEY)


def test_one_wrong_signature_of_the_key_spoils_the_note():
    forged = GO_NOTE.replace("Qx", "Qy")
    spoiled = (
        GO_NOTE
        + "— PeterNeumann "
        + base64.b64encode(bytes.fromhex("c74f20a3") + b"\0" * 64).decode()
        + "\n"
    )
    for note in (forged, spoiled):
        with pytest.raises((BadNoteSignature, MalformedNote)):
            verify(note, GO_VKEY)


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        ("empty", ""),
        ("no_signatures", GO_TEXT),
        ("no_blank_line", GO_NOTE.replace("\n\n", "\n")),
        ("no_newline_at_the_end", GO_NOTE[:-1]),
        ("hyphen_for_dash", GO_NOTE.replace("—", "-")),
        ("no_name", GO_NOTE.replace("PeterNeumann ", "")),
        ("not_base64", GO_NOTE.replace("x08go", "x08g!")),
        ("base64_other_spelling", GO_NOTE.replace("nAM=", "nAN=")),
        ("base64_without_padding", GO_NOTE.replace("nAM=", "nAM")),
        ("key_hash_only", GO_TEXT + "\n— PeterNeumann x08gow==\n"),
        ("control_character", GO_NOTE.replace("If", "I\x0bf")),
        ("carriage_return", GO_NOTE.replace(",\n", ",\r\n")),
        ("lone_surrogate", GO_NOTE.replace("If", "I\ud800")),
        ("too_many_signatures", GO_NOTE + GO_NOTE.rsplit("\n\n", 1)[1] * 100),
        ("too_large", "x" * 1_000_001 + GO_NOTE),
        ("only_a_newline", "\n\n— PeterNeumann x08gow==\n"),
    ],
)
def test_malformed_notes_are_refused(fault, note):
    with pytest.raises(MalformedNote):
        verify(note, GO_VKEY)


@pytest.mark.parametrize("text", ["", "\n", "no newline", "tab\tinside\n", "\ud800\n"])
def test_texts_that_are_no_note_are_not_signed(text):
    with pytest.raises(MalformedNote):
        NoteSigner("log", GO_SEED).sign(text)


def test_a_text_may_hold_blank_lines():
    signer = NoteSigner("log", GO_SEED)
    text = "one\n\n— log forged\n\ntwo\n"
    assert verify(signer.sign(text), signer.vkey) == text
