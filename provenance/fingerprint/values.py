"""The fingerprint as a value and as bytes.

A second is a grid of 16 x 9 places with two signs each: how the place compares with the places
around it, and how that changed since the second before. A sign is +1, -1 or 0 for "too faint to
say"; five such signs are one byte, so a second takes 58 bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.errors import BadFingerprint

COLUMNS = 16
ROWS = 9
PLACES = COLUMNS * ROWS
SIGNS = 2 * PLACES
_PER_BYTE = 5
SECOND_BYTES = -(-SIGNS // _PER_BYTE)
_MAGIC = b"CFP1"
_HEADER = struct.Struct(">4sHHH")  # magic, width, height, seconds
_POWERS = 3 ** np.arange(_PER_BYTE)

Signs: TypeAlias = NDArray[np.int8]
"""(n, 2, 9, 16): time, kind (0 place, 1 change), row, column; values -1, 0, +1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    """What a clip shows, second by second.

    Attributes:
        size: (width, height) of the frames in pixels.
        seconds: 58 bytes for each second.
    """

    size: tuple[int, int]
    seconds: tuple[bytes, ...]

    @classmethod
    def from_signs(cls, signs: Signs, size: tuple[int, int]) -> Fingerprint:
        """Pack signs, (n, 2, 9, 16), one entry a second."""
        flat = np.zeros((len(signs), SECOND_BYTES * _PER_BYTE), np.int64)
        flat[:, :SIGNS] = signs.reshape(len(signs), SIGNS).astype(np.int64) + 1
        packed = (flat.reshape(len(signs), SECOND_BYTES, _PER_BYTE) * _POWERS).sum(axis=2)
        return cls(size=size, seconds=tuple(row.tobytes() for row in packed.astype(np.uint8)))

    def signs(self) -> Signs:
        """Unpack the signs, (n, 2, 9, 16)."""
        packed = np.frombuffer(b"".join(self.seconds), np.uint8).astype(np.int64)
        digits = (packed[:, None] // _POWERS % 3).reshape(
            len(self.seconds), SECOND_BYTES * _PER_BYTE
        )
        return (digits[:, :SIGNS] - 1).astype(np.int8).reshape(len(self.seconds), 2, ROWS, COLUMNS)

    def to_bytes(self) -> bytes:
        """Serialise: a header of 10 bytes, then 58 bytes a second."""
        header = _HEADER.pack(_MAGIC, *self.size, len(self.seconds))
        return header + b"".join(self.seconds)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Fingerprint:
        """Read what `to_bytes` wrote.

        Raises:
            BadFingerprint: if it is anything else.
        """
        if len(raw) < _HEADER.size:
            raise BadFingerprint("it is too short")
        magic, width, height, count = _HEADER.unpack_from(raw)
        body = raw[_HEADER.size :]
        if magic != _MAGIC or not width or not height or len(body) != count * SECOND_BYTES:
            raise BadFingerprint("the header does not fit the bytes")
        if any(byte >= 3**_PER_BYTE for byte in body):
            raise BadFingerprint("a byte is not five signs")
        seconds = tuple(
            body[i : i + SECOND_BYTES] for i in range(0, count * SECOND_BYTES, SECOND_BYTES)
        )
        return cls(size=(width, height), seconds=seconds)
