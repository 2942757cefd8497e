"""Where things stand on the tile: 64 x 64 cells, a quarter for synchronisation, the rest data.

Chips, the choice of cells and the tag come from separate labels of the same key, so the chips stay
fair coin flips when the layout is known: the bound in `provenance.watermark.bounds` needs that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from provenance.watermark import codes, payload, prf
from provenance.watermark.arrays import Bits, Indices, Plane, Vector
from provenance.watermark.errors import CannotCarry
from provenance.watermark.keys import checked_key

TILE_CELLS = 64
CELLS = TILE_CELLS * TILE_CELLS
SYNC_CELLS = CELLS // 4
CELLS_ACROSS_SHORT_SIDE = 120
MIN_CELL_PX = 3.0
MIN_SIDE_PX = int(TILE_CELLS * MIN_CELL_PX)


def cell_px(size: tuple[int, int]) -> float:
    """Return the side of a cell in pixels for a picture of this size.

    The cell is 1/120 of the short side, so that a whole copy at any size has cells of 1/120 of
    its own short side; it never falls under 3 px, below which encoders wipe it out.

    Args:
        size: (width, height) in pixels.

    Raises:
        CannotCarry: if the picture does not hold one whole tile.
    """
    width, height = size
    if min(width, height) < MIN_SIDE_PX:
        raise CannotCarry(
            f"a side has {min(width, height)} pixels and the smallest tile {MIN_SIDE_PX}"
        )
    return max(MIN_CELL_PX, min(width, height) / CELLS_ACROSS_SHORT_SIDE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The keyed plan of a tile.

    Attributes:
        key: the epoch key.
        chips: the sign of each cell, (4096,), +1 or -1.
        sync: the cells that are the same for every payload, (1024,).
        data: the cells that carry coded bits, (3072,).
        coded_bit: which coded bit each data cell carries, (3072,).
    """

    key: bytes
    chips: Vector
    sync: Indices
    data: Indices
    coded_bit: Indices

    @classmethod
    def of(cls, key: bytes) -> Layout:
        """Derive the plan from an epoch key.

        Raises:
            BadKey: if the key does not have 32 bytes.
        """
        order = prf.permutation(checked_key(key), "layout", CELLS)
        data = order[SYNC_CELLS:]
        return cls(
            key=key,
            chips=prf.signs(key, "chips", CELLS),
            sync=order[:SYNC_CELLS],
            data=data,
            coded_bit=np.arange(len(data)) % codes.coded_length(payload.WORD_BITS),
        )

    def cells(self, word: Bits) -> Plane:
        """Return the signs of the whole tile for one word, (64, 64)."""
        values = self.chips.copy()
        values[self.data] *= 1.0 - 2.0 * codes.encode(word)[self.coded_bit]
        return values.reshape(TILE_CELLS, TILE_CELLS)

    def sync_cells(self) -> Plane:
        """Return the signs of the synchronisation cells and zeros elsewhere, (64, 64)."""
        values = np.zeros(CELLS, np.float32)
        values[self.sync] = self.chips[self.sync]
        return values.reshape(TILE_CELLS, TILE_CELLS)

    def soft_bits(self, cells: Plane) -> Vector:
        """Sum what the data cells say about each coded bit (positive speaks for 0)."""
        votes = cells.ravel()[self.data] * self.chips[self.data]
        sums = np.bincount(self.coded_bit, votes, codes.coded_length(payload.WORD_BITS))
        return sums.astype(np.float32)
