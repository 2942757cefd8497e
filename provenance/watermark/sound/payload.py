"""What the mark in sound says: a short word of 48 bits, and a further one for the full id.

The short id is the first half of the payload, with a tag of 16 bits. The further word is the
second half with a tag of 16 bits over the whole. Tags are functions of id and key: under one key
there are 2**32 short words, and 2**64 pairs of words.
"""

from __future__ import annotations

import hmac

import numpy as np

from provenance.watermark.arrays import Bits
from provenance.watermark.payload import Payload, to_hex
from provenance.watermark.prf import stream

SHORT_BITS = 32
FULL_BITS = 64
TAG_BITS = 16
WORD_BITS = SHORT_BITS + TAG_BITS


def short_id(payload: int) -> int:
    """Return the first 32 of the 64 bits.

    Raises:
        BadPayload: if the payload does not fit 64 bits.
    """
    return int(to_hex(payload)[:8], 16)


def to_words(key: bytes, payload: int) -> tuple[Bits, Bits]:
    """Return the short word and the further word, 48 bits each.

    Raises:
        BadPayload: if the payload does not fit 64 bits.
    """
    raw = bytes.fromhex(to_hex(payload))
    first = raw[:4] + _tag(key, "sound short tag", raw[:4])
    second = raw[4:] + _tag(key, "sound full tag", raw)
    return _bits(first), _bits(second)


def read_short(key: bytes, word: Bits) -> int | None:
    """Return the short id of a decoded short word, or None where the tag is not its tag."""
    packed = np.packbits(word).tobytes()
    if not hmac.compare_digest(packed[4:], _tag(key, "sound short tag", packed[:4])):
        return None
    return int.from_bytes(packed[:4], "big")


def read_full(key: bytes, short: int, word: Bits) -> Payload | None:
    """Return the payload of a short id and a decoded further word, or None on a wrong tag."""
    packed = np.packbits(word).tobytes()
    raw = short.to_bytes(4, "big") + packed[:4]
    if not hmac.compare_digest(packed[4:], _tag(key, "sound full tag", raw)):
        return None
    return Payload(int.from_bytes(raw, "big"))


def _tag(key: bytes, label: str, raw: bytes) -> bytes:
    return hmac.digest(stream(key, label, 32), raw, "sha256")[: TAG_BITS // 8]


def _bits(raw: bytes) -> Bits:
    return np.unpackbits(np.frombuffer(raw, np.uint8))
