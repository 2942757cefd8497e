"""The keyed plan of the cells: what each carries, with which sign.

Two secrets with different tasks. The *pattern* gives each cell its role, its coded bit and a sign;
finding the mark uses only the pattern. The *cover*, one fair sign for each coded bit, hides the
code word; it is used only when a place has been chosen. The bound in
`provenance.watermark.sound.bounds` rests on the cover alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from provenance.watermark import prf
from provenance.watermark.arrays import Bits, Vector
from provenance.watermark.keys import checked_key
from provenance.watermark.sound import codes
from provenance.watermark.sound.arrays import Cells
from provenance.watermark.sound.grid import BANDS
from provenance.watermark.sound.payload import WORD_BITS

PERIOD = 432
"""Cells in time after which the plan repeats: 10.37 s."""

CODED = codes.coded_length(WORD_BITS)
SHORT = 0
FURTHER = 1
_SYNC_BANDS = 10
_FURTHER_BANDS = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The plan of one key.

    Attributes:
        key: the epoch key.
        pattern: the sign of each cell, (PERIOD, BANDS), +1 or -1.
        group: what each cell carries, (PERIOD, BANDS): -1 for synchronisation, else a coded bit,
            0 to CODED - 1 of the short word, then those of the further word.
        cover: the sign of each coded bit, (2 * CODED,), +1 or -1.
    """

    key: bytes
    pattern: Cells
    group: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    cover: Vector

    @classmethod
    def of(cls, key: bytes) -> Layout:
        """Derive the plan from an epoch key.

        Raises:
            BadKey: if the key does not have 32 bytes.
        """
        count = PERIOD * BANDS
        signs = prf.signs(checked_key(key), "sound pattern", count)
        draws = np.frombuffer(prf.stream(key, "sound roles", 8 * count), "<u8")
        order = np.argsort(draws.reshape(PERIOD, BANDS), axis=1, kind="stable")
        group = np.full((PERIOD, BANDS), -1, np.int64)
        further = order[:, _SYNC_BANDS : _SYNC_BANDS + _FURTHER_BANDS]
        short = order[:, _SYNC_BANDS + _FURTHER_BANDS :]
        times = np.arange(PERIOD)[:, None]
        group[times, short] = _dealt(key, "sound short", short.size).reshape(short.shape)
        group[times, further] = CODED + _dealt(key, "sound further", further.size).reshape(
            further.shape
        )
        return cls(
            key=key,
            pattern=signs.reshape(PERIOD, BANDS),
            group=group,
            cover=prf.signs(key, "sound cover", 2 * CODED),
        )

    def sync(self) -> Cells:
        """Return the signs of the synchronisation cells and zeros elsewhere, (PERIOD, BANDS)."""
        return np.where(self.group < 0, self.pattern, np.float32(0.0))

    def signs(self, short: Bits, further: Bits) -> Vector:
        """Return the covered sign of each coded bit of both words, (2 * CODED,)."""
        coded = np.concatenate([codes.encode(short), codes.encode(further)])
        return self.cover * (1.0 - 2.0 * coded.astype(np.float32))

    def votes(self, cells: Cells, first: int) -> Vector:
        """Sum what cells say about each coded bit, before the cover is taken off.

        Args:
            cells: values of consecutive cells, (n, BANDS).
            first: which time of the plan the first of them stands at.

        Returns:
            (2 * CODED,).
        """
        times = (first + np.arange(len(cells))) % PERIOD
        group = self.group[times].ravel() + 1
        sums = np.bincount(group, (cells * self.pattern[times]).ravel(), 2 * CODED + 1)
        return sums[1:].astype(np.float32)


def _dealt(key: bytes, label: str, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Deal the coded bits round after round, each round in another keyed order."""
    rounds = -(-count // CODED)
    draws = np.frombuffer(prf.stream(key, label, 8 * rounds * CODED), "<u8")
    return np.argsort(draws.reshape(rounds, CODED), axis=1, kind="stable").ravel()[:count]
