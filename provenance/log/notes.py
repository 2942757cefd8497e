"""Signed notes in the C2SP signed-note format with Ed25519.

signer = NoteSigner("cameo.example/log", seed)
note = signer.sign(text)
text = verify(note, signer.vkey)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from provenance.log.errors import BadNoteSignature, MalformedKey, MalformedNote

SEED_BYTES: Final = 32
MAX_NOTE_CHARACTERS: Final = 1_000_000
MAX_SIGNATURES: Final = 100

_ED25519: Final = b"\x01"
_KEY_HASH_BYTES: Final = 4
_SIGNATURE_MARK: Final = "\u2014 "  # an em dash and a blank start a signature line


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifierKey:
    """A key that checks notes: a name, a 4-byte hash of name and key, and the raw public key."""

    name: str
    key_hash: bytes
    public_key: bytes

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        """The key that the text ``name+hash+base64`` stands for.

        Raises:
            MalformedKey: If it is none, or the hash does not fit.
        """
        parts = vkey.split("+", 2)
        if len(parts) != 3 or not _is_name(parts[0]):
            raise MalformedKey
        name, hash_hex, encoded = parts
        data = _from_base64(encoded)
        if data is None or data[:1] != _ED25519 or len(data) != 1 + SEED_BYTES:
            raise MalformedKey("not an Ed25519 key")
        key = cls(name=name, key_hash=_key_hash(name, data[1:]), public_key=data[1:])
        if key.key_hash.hex() != hash_hex:
            raise MalformedKey("the hash is of another key")
        return key

    def text(self) -> str:
        """The key as ``name+hash+base64``, for publishing."""
        return f"{self.name}+{self.key_hash.hex()}+{_base64(_ED25519 + self.public_key)}"


class NoteSigner:
    """Signs notes under a name.

    Args:
        name: Not empty, without white space and ``+``; for a log, its origin.
        key: A 32-byte Ed25519 seed, or an unencrypted PKCS#8 PEM of an Ed25519 key.

    Raises:
        MalformedKey: If the name or the key is none.
    """

    def __init__(self, name: str, key: bytes) -> None:
        if not _is_name(name):
            raise MalformedKey("name")
        self._private = _private_key(key)
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._verifier = VerifierKey(name=name, key_hash=_key_hash(name, public), public_key=public)

    @property
    def name(self) -> str:
        """The name that stands before the signature."""
        return self._verifier.name

    @property
    def vkey(self) -> str:
        """The verifier key as text, for publishing."""
        return self._verifier.text()

    def sign(self, text: str) -> str:
        """The signed note of `text`.

        Raises:
            MalformedNote: If `text` does not end with a newline or holds a control character.
        """
        _check_text(text)
        signature = self._verifier.key_hash + self._private.sign(text.encode())
        return f"{text}\n{_SIGNATURE_MARK}{self.name} {_base64(signature)}\n"


def verify(note: str, vkey: str) -> str:
    """Check a signed note.

    Signatures of other keys are left aside: a note may carry those of witnesses.

    Args:
        note: The signed note.
        vkey: The verifier key that must have signed it.

    Returns:
        The text that was signed, ending with a newline.

    Raises:
        MalformedNote: If it is no signed note.
        MalformedKey: If `vkey` is no verifier key.
        BadNoteSignature: If that key did not sign it, or one of its signatures does not fit.
    """
    key = VerifierKey.parse(vkey)
    text, signatures = _split(note)
    public = Ed25519PublicKey.from_public_bytes(key.public_key)
    signed = False
    for name, data in signatures:
        if name != key.name or data[:_KEY_HASH_BYTES] != key.key_hash:
            continue
        try:
            public.verify(data[_KEY_HASH_BYTES:], text.encode())
        except InvalidSignature as cause:
            raise BadNoteSignature(key.name) from cause
        signed = True
    if not signed:
        raise BadNoteSignature(f"no signature of {key.name}")
    return text


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > MAX_NOTE_CHARACTERS:
        raise MalformedNote("too large")
    text, blank, block = note.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise MalformedNote("no signatures")
    text += "\n"
    _check_text(text)
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedNote("too many signatures")
    return text, [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    name, blank, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    data = _from_base64(encoded)
    if not line.startswith(_SIGNATURE_MARK) or not blank or not _is_name(name) or data is None:
        raise MalformedNote("a signature line")
    if len(data) <= _KEY_HASH_BYTES:
        raise MalformedNote("a signature line")
    return name, data


def _check_text(text: str) -> None:
    if not text.endswith("\n") or text == "\n":
        raise MalformedNote("the text does not end with a newline")
    if any(c < " " and c != "\n" for c in text):
        raise MalformedNote("a control character")
    try:
        text.encode()
    except UnicodeEncodeError as cause:
        raise MalformedNote("not UTF-8") from cause


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and name.isprintable() and not any(map(str.isspace, name))


def _key_hash(name: str, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_HASH_BYTES]


def _private_key(key: bytes) -> Ed25519PrivateKey:
    if len(key) == SEED_BYTES:
        return Ed25519PrivateKey.from_private_bytes(key)
    try:
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise MalformedKey("neither a seed nor a PEM") from cause
    if not isinstance(private, Ed25519PrivateKey):
        raise MalformedKey("another kind of key")
    return private


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_base64(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # Only the one spelling of the bytes is read, so that equal proofs are equal texts.
    return data if _base64(data) == text else None
