"""Signed notes in the C2SP signed-note format with Ed25519.

signer = NoteSigner("cameo.example/log", seed)
note = signer.sign(text)
text = verify(note, signer.vkey)
"""

from __future__ import annotations

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

from provenance.log.encoding import from_base64, to_base64
from provenance.log.errors import BadNoteSignature, MalformedKey, MalformedNote

SEED_BYTES: Final = 32
MAX_NOTE_CHARACTERS: Final = 1_000_000
MAX_SIGNATURES: Final = 100

ED25519: Final = 1
"""Signature type of an ordinary signature."""
COSIGNATURE: Final = 4
"""Signature type of a witness's timestamped cosignature."""

_KEY_HASH_BYTES: Final = 4
_SIGNATURE_MARK: Final = "\u2014 "  # an em dash and a blank start a signature line


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifierKey:
    """A key that checks notes: a name, a 4-byte hash of name and key, and the raw public key."""

    name: str
    key_hash: bytes
    public_key: bytes
    kind: int = ED25519
    """`ED25519` or `COSIGNATURE`; the hash covers it, so the two never pass as each other."""

    @classmethod
    def parse(cls, vkey: str, kind: int = ED25519) -> VerifierKey:
        """The key that the text ``name+hash+base64`` stands for.

        Raises:
            MalformedKey: If it is none of this kind, or the hash does not fit.
        """
        parts = vkey.split("+", 2)
        if len(parts) != 3 or not is_name(parts[0]):
            raise MalformedKey
        name, hash_hex, encoded = parts
        data = from_base64(encoded)
        if data is None or data[:1] != bytes([kind]) or len(data) != 1 + SEED_BYTES:
            raise MalformedKey("not a key of this kind")
        key = cls.of(name, data[1:], kind)
        if key.key_hash.hex() != hash_hex:
            raise MalformedKey("the hash is of another key")
        return key

    @classmethod
    def of(cls, name: str, public_key: bytes, kind: int = ED25519) -> VerifierKey:
        """The verifier key of a raw public key under a name."""
        digest = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()
        return cls(name=name, key_hash=digest[:_KEY_HASH_BYTES], public_key=public_key, kind=kind)

    def text(self) -> str:
        """The key as ``name+hash+base64``, for publishing."""
        return (
            f"{self.name}+{self.key_hash.hex()}+{to_base64(bytes([self.kind]) + self.public_key)}"
        )

    def line(self, signature: bytes) -> str:
        """The signature line of a note, ending with a newline."""
        return f"{_SIGNATURE_MARK}{self.name} {to_base64(self.key_hash + signature)}\n"

    def made(self, signature: Signature) -> bool:
        """Whether a signature line says that it is this key's."""
        return (signature.name, signature.key_hash) == (self.name, self.key_hash)

    def check(self, message: bytes, signature: bytes) -> None:
        """Check a raw Ed25519 signature.

        Raises:
            BadNoteSignature: If this key did not make it.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except InvalidSignature as cause:
            raise BadNoteSignature(self.name) from cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One signature line of a note, as it claims to be."""

    name: str
    key_hash: bytes
    data: bytes
    """What the key made: for an ordinary signature its 64 bytes."""


class NoteSigner:
    """Signs notes under a name.

    Args:
        name: Not empty, without white space and ``+``; for a log, its origin.
        key: A 32-byte Ed25519 seed, or an unencrypted PKCS#8 PEM of an Ed25519 key.

    Raises:
        MalformedKey: If the name or the key is none.
    """

    def __init__(self, name: str, key: bytes) -> None:
        if not is_name(name):
            raise MalformedKey("name")
        self._private = private_key(key)
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._verifier = VerifierKey.of(name, public)

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
        return f"{text}\n{self._verifier.line(self._private.sign(text.encode()))}"


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
    text, signatures = split(note)
    ours = [signature for signature in signatures if key.made(signature)]
    for signature in ours:
        key.check(text.encode(), signature.data)
    if not ours:
        raise BadNoteSignature(f"no signature of {key.name}")
    return text


def split(note: str) -> tuple[str, tuple[Signature, ...]]:
    """The text of a note and its signature lines; nothing of it is checked yet.

    Raises:
        MalformedNote: If it is no signed note.
    """
    if len(note) > MAX_NOTE_CHARACTERS:
        raise MalformedNote("too large")
    text, blank, block = note.rpartition("\n\n")
    if not blank:
        raise MalformedNote("no signatures")
    text += "\n"
    _check_text(text)
    return text, signature_lines(block)


def signature_lines(block: str) -> tuple[Signature, ...]:
    """The signatures of a block of lines, each ending with a newline.

    Raises:
        MalformedNote: If a line is no signature line, or there are more than 100.
    """
    if not block.endswith("\n"):
        raise MalformedNote("no signatures")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedNote("too many signatures")
    return tuple(_signature(line) for line in lines)


def _signature(line: str) -> Signature:
    name, blank, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    data = from_base64(encoded)
    if not line.startswith(_SIGNATURE_MARK) or not blank or not is_name(name) or data is None:
        raise MalformedNote("a signature line")
    if len(data) <= _KEY_HASH_BYTES:
        raise MalformedNote("a signature line")
    return Signature(name=name, key_hash=data[:_KEY_HASH_BYTES], data=data[_KEY_HASH_BYTES:])


def _check_text(text: str) -> None:
    if not text.endswith("\n") or text == "\n":
        raise MalformedNote("the text does not end with a newline")
    if any(c < " " and c != "\n" for c in text):
        raise MalformedNote("a control character")
    try:
        text.encode()
    except UnicodeEncodeError as cause:
        raise MalformedNote("not UTF-8") from cause


def is_name(name: str) -> bool:
    """Whether a key may have this name: not empty, printable, without white space and ``+``."""
    return bool(name) and "+" not in name and name.isprintable() and not any(map(str.isspace, name))


def private_key(key: bytes) -> Ed25519PrivateKey:
    """The Ed25519 key of a 32-byte seed, or of an unencrypted PKCS#8 PEM.

    Raises:
        MalformedKey: If it is none.
    """
    if len(key) == SEED_BYTES:
        return Ed25519PrivateKey.from_private_bytes(key)
    try:
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise MalformedKey("neither a seed nor a PEM") from cause
    if not isinstance(private, Ed25519PrivateKey):
        raise MalformedKey("another kind of key")
    return private
