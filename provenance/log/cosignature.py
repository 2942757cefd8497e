"""Timestamped cosignatures of witnesses (C2SP tlog-cosignature, Ed25519, signature type 0x04).

cosigner = Cosigner("witness.example/w1", seed)
line = cosigner.cosign(checkpoint_text, timestamp)
seen = verify_cosignature(note + line, cosigner.vkey)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenance.log.checkpoint import Checkpoint
from provenance.log.errors import BadNoteSignature, MalformedKey
from provenance.log.notes import COSIGNATURE, VerifierKey, is_name, private_key, split

MAX_TIMESTAMP: Final = 2**63 - 1

_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Cosigned:
    """That a witness saw this head, and when it said so."""

    checkpoint: Checkpoint
    timestamp: int
    """Seconds since 1970, by the witness's own clock."""


class Cosigner:
    """A witness's key.

    Args:
        name: Not empty, without white space and ``+``. One key stands under one name: the signed
            message does not name the witness.
        key: A 32-byte Ed25519 seed, or an unencrypted PKCS#8 PEM of an Ed25519 key.

    Raises:
        MalformedKey: If the name or the key is none.
    """

    def __init__(self, name: str, key: bytes) -> None:
        if not is_name(name):
            raise MalformedKey("name")
        self._private = private_key(key)
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._verifier = VerifierKey.of(name, public, COSIGNATURE)

    @property
    def vkey(self) -> str:
        """The verifier key as text, for publishing."""
        return self._verifier.text()

    def cosign(self, text: str, timestamp: int) -> str:
        """The signature line for a checkpoint's text, ending with a newline.

        Args:
            text: The text of the checkpoint, without its signatures.
            timestamp: Seconds since 1970, 0 to 2**63 - 1.

        Raises:
            ValueError: If the timestamp is out of its range.
        """
        if not 0 <= timestamp <= MAX_TIMESTAMP:
            raise ValueError("timestamp")
        signature = self._private.sign(_message(text, timestamp))
        return self._verifier.line(timestamp.to_bytes(_TIME_BYTES, "big") + signature)


def verify_cosignature(note: str, vkey: str) -> Cosigned:
    """Check that a witness cosigned the checkpoint in a note.

    The log's own signature is not looked at: see `provenance.log.checkpoint.open_checkpoint`.

    Args:
        note: The signed checkpoint.
        vkey: The witness's verifier key, of signature type 0x04.

    Returns:
        What it cosigned. Where it did so more than once, the latest.

    Raises:
        MalformedNote: If it is no signed note.
        MalformedKey: If `vkey` is no key of this type.
        BadNoteSignature: If the witness did not cosign it, or one of its lines does not fit.
        MalformedCheckpoint: If what was signed is no checkpoint.
    """
    key = VerifierKey.parse(vkey, COSIGNATURE)
    text, signatures = split(note)
    times = [_checked(key, text, each.data) for each in signatures if key.made(each)]
    if not times:
        raise BadNoteSignature(f"no cosignature of {key.name}")
    return Cosigned(checkpoint=Checkpoint.from_text(text), timestamp=max(times))


def _checked(key: VerifierKey, text: str, data: bytes) -> int:
    timestamp = int.from_bytes(data[:_TIME_BYTES], "big")
    if len(data) != _TIME_BYTES + _SIGNATURE_BYTES or timestamp > MAX_TIMESTAMP:
        raise BadNoteSignature(key.name)
    key.check(_message(text, timestamp), data[_TIME_BYTES:])
    return timestamp


def _message(text: str, timestamp: int) -> bytes:
    # The header is no origin that a log could have, so no checkpoint passes as this message.
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
