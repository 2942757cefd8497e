"""Keyed pseudo-random sequences, from SHAKE-256.

The false-positive bound of the detector rests on chips that nobody without the key can tell
from fair coin flips, so a statistical generator (numpy's) would not do. A sponge needs no HMAC
construction around it: the output of SHAKE-256 over an unambiguous encoding of key and label is
a pseudo-random function of the label, and knowing one output says nothing about another.
"""

from __future__ import annotations

import hashlib

import numpy as np

from provenance.watermark.arrays import Indices, Vector

_DOMAIN = b"cameo-watermark/v1"


def stream(key: bytes, label: str, length: int) -> bytes:
    """Return `length` pseudo-random bytes that depend on the key and the label.

    Args:
        key: the secret, any length.
        label: what the bytes are for; different labels give independent bytes.
        length: how many bytes.
    """
    sponge = hashlib.shake_256()
    # Each part is preceded by its length: no two (key, label) pairs share an encoding.
    for part in (_DOMAIN, key, label.encode()):
        sponge.update(len(part).to_bytes(4, "big") + part)
    return sponge.digest(length)


def signs(key: bytes, label: str, count: int) -> Vector:
    """Return `count` fair signs, +1 or -1, as float32."""
    raw = np.frombuffer(stream(key, label, -(-count // 8)), np.uint8)
    return (1.0 - 2.0 * np.unpackbits(raw)[:count]).astype(np.float32)


def permutation(key: bytes, label: str, count: int) -> Indices:
    """Return the numbers 0 to `count` - 1 in a keyed order.

    Sorting 64-bit draws is uniform up to ties, whose chance is under count**2 / 2**65.
    """
    draws = np.frombuffer(stream(key, label, 8 * count), "<u8")
    return np.argsort(draws, kind="stable").astype(np.int64)
