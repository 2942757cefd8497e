"""What the mark says: a 64-bit number and a 32-bit tag that only the key holder can compute.

The tag is a function of number and key. So the code has 2**64 words under a key, not 2**96, and
a word that decodes but carries the wrong tag is not a payload of ours.
"""

from __future__ import annotations

import hmac
import secrets
from typing import NewType

import numpy as np

from provenance.watermark.arrays import Bits
from provenance.watermark.errors import BadPayload
from provenance.watermark.prf import stream

Payload = NewType("Payload", int)

PAYLOAD_BITS = 64
TAG_BITS = 32
WORD_BITS = PAYLOAD_BITS + TAG_BITS


def new_payload() -> Payload:
    """Draw a payload from the system's secure randomness."""
    return Payload(secrets.randbits(PAYLOAD_BITS))


def to_hex(payload: int) -> str:
    """Write a payload as the 16 hex digits that reports and manifests hold."""
    return f"{_checked(payload):016x}"


def from_hex(text: str) -> Payload:
    """Read a payload from 16 hex digits.

    Raises:
        BadPayload: if the text is anything else.
    """
    if len(text) != 16 or not set(text) <= set("0123456789abcdef"):
        raise BadPayload(f"a payload is written as 16 hex digits, not as {text[:40]!r}")
    return Payload(int(text, 16))


def to_word(key: bytes, payload: int) -> Bits:
    """Return the 96 bits that the code carries: the payload, then its tag."""
    raw = _checked(payload).to_bytes(PAYLOAD_BITS // 8, "big")
    return np.unpackbits(np.frombuffer(raw + _tag(key, raw), np.uint8))


def from_word(key: bytes, word: Bits) -> Payload | None:
    """Return the payload of a decoded word, or None where the tag is not its tag."""
    packed = np.packbits(word).tobytes()
    raw, tag = packed[: PAYLOAD_BITS // 8], packed[PAYLOAD_BITS // 8 :]
    if not hmac.compare_digest(tag, _tag(key, raw)):
        return None
    return Payload(int.from_bytes(raw, "big"))


def _tag(key: bytes, raw: bytes) -> bytes:
    return hmac.digest(stream(key, "tag", 32), raw, "sha256")[: TAG_BITS // 8]


def _checked(payload: int) -> int:
    if not 0 <= payload < 1 << PAYLOAD_BITS:
        raise BadPayload(f"a payload is a whole number from 0 to 2**64 - 1, not {payload}")
    return payload
