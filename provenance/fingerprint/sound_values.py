"""The fingerprint of sound as a value and as bytes.

A tenth of a second is 32 signs, one for each pair of neighbouring bands: +1, -1 or 0 for "too faint
to say". Five signs are one byte, so a second takes 64 bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.errors import BadFingerprint

SIGNS = 32
TICKS_PER_SECOND = 10
SECOND_BYTES = SIGNS * TICKS_PER_SECOND // 5
_PER_BYTE = 5
_MAGIC = b"CSF1"
_HEADER = struct.Struct(">4sI")  # magic, seconds
_POWERS = 3 ** np.arange(_PER_BYTE)

SoundSigns: TypeAlias = NDArray[np.int8]
"""(n, 32): time in tenths of a second, pair of bands; values -1, 0, +1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundFingerprint:
    """What sound is like, second by second.

    Attributes:
        seconds: 64 bytes for each second; a last second that was begun is filled up with zeros.
    """

    seconds: tuple[bytes, ...]

    @classmethod
    def from_signs(cls, signs: SoundSigns) -> SoundFingerprint:
        """Pack signs, (n, 32), ten entries a second."""
        count = -(-len(signs) // TICKS_PER_SECOND)
        filled = np.zeros((count * TICKS_PER_SECOND, SIGNS), np.int64)
        filled[: len(signs)] = signs
        packed = ((filled + 1).reshape(count, SECOND_BYTES, _PER_BYTE) * _POWERS).sum(axis=2)
        return cls(seconds=tuple(row.tobytes() for row in packed.astype(np.uint8)))

    def signs(self) -> SoundSigns:
        """Unpack the signs, (10 * seconds, 32)."""
        packed = np.frombuffer(b"".join(self.seconds), np.uint8).astype(np.int64)
        digits = packed[:, None] // _POWERS % 3 - 1
        return digits.astype(np.int8).reshape(len(self.seconds) * TICKS_PER_SECOND, SIGNS)

    def to_bytes(self) -> bytes:
        """Serialise: a header of 8 bytes, then 64 bytes a second."""
        return _HEADER.pack(_MAGIC, len(self.seconds)) + b"".join(self.seconds)

    @classmethod
    def from_bytes(cls, raw: bytes) -> SoundFingerprint:
        """Read what `to_bytes` wrote.

        Raises:
            BadFingerprint: if it is anything else.
        """
        if len(raw) < _HEADER.size:
            raise BadFingerprint("it is too short")
        magic, count = _HEADER.unpack_from(raw)
        body = raw[_HEADER.size :]
        if magic != _MAGIC or len(body) != count * SECOND_BYTES:
            raise BadFingerprint("the header does not fit the bytes")
        if any(byte >= 3**_PER_BYTE for byte in body):
            raise BadFingerprint("a byte is not five signs")
        return cls(
            seconds=tuple(body[i : i + SECOND_BYTES] for i in range(0, len(body), SECOND_BYTES))
        )
