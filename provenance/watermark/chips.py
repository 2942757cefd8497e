"""What an epoch key says about every cell: the plan of a block, and the chips of each second.

The picture is a grid of cells, cut into blocks of 32 x 32, and the time into segments of one
second. A quarter of a block's cells are for synchronisation: they show the same keyed pattern in
every block, times a keyed sign that differs from block to block and from second to second. The rest
are data, and their chips are drawn anew for every block of every second: nothing in them repeats
within a clip that could be averaged. Which second of the endless keyed sequence a clip begins with
follows from its payload, so clips do not line up with each other either.

Every part has a label of its own, so any of them is as good as random when the others are known:
`provenance.watermark.bounds` needs that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from provenance.watermark import polar, prf
from provenance.watermark.arrays import Bits, Indices, Plane, Vector
from provenance.watermark.keys import checked_key

BLOCK_CELLS = 32
CELLS = BLOCK_CELLS * BLOCK_CELLS
SYNC_CELLS = CELLS // 4
DATA_CELLS = CELLS - SYNC_CELLS
BLOCKS_WRAP = 8
"""Block numbers are taken modulo this, along each side: 256 cells, more than a picture has."""
SECONDS_WRAP = 1024
"""Segments repeat after so many seconds."""
SEGMENT_SECONDS = 1.0

_BLOCKS = BLOCKS_WRAP * BLOCKS_WRAP
_SHIFT = 389


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The plan of a block under one key.

    Attributes:
        key: the epoch key.
        sync: cells of a block, counted row by row, that carry the synchronisation, (256,).
        sync_chips: their signs, (256,).
        data: the other cells in keyed order, (768,).
        block_signs: sign of the synchronisation pattern, (1024, 8, 8): second, row, column.
    """

    key: bytes
    sync: Indices
    sync_chips: Vector
    data: Indices
    block_signs: NDArray[np.float32]

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, key: bytes) -> Plan:
        """Derive the plan from an epoch key.

        Raises:
            BadKey: if the key does not have 32 bytes.
        """
        order = prf.permutation(checked_key(key), "plan", CELLS)
        signs = prf.signs(key, "block signs", SECONDS_WRAP * _BLOCKS)
        return cls(
            key=key,
            sync=np.sort(order[:SYNC_CELLS]),
            sync_chips=prf.signs(key, "sync chips", SYNC_CELLS),
            data=order[SYNC_CELLS:],
            block_signs=signs.reshape(SECONDS_WRAP, BLOCKS_WRAP, BLOCKS_WRAP),
        )

    def sync_block(self) -> Plane:
        """Return the synchronisation pattern of a block and zeros elsewhere, (32, 32)."""
        block = np.zeros(CELLS, np.float32)
        block[self.sync] = self.sync_chips
        return block.reshape(BLOCK_CELLS, BLOCK_CELLS)

    def first_second(self, payload: int) -> int:
        """Return the place in the endless sequence at which a clip with this payload begins."""
        raw = prf.stream(self.key, f"first second {payload:016x}", 4)
        return int.from_bytes(raw, "big") % SECONDS_WRAP

    def data_chips(self, second: int) -> NDArray[np.float32]:
        """Return the signs of the data cells of all blocks in one second, (8, 8, 768)."""
        return _data_chips(self.key, second % SECONDS_WRAP)

    def coded_bits(self, second: int) -> Indices:
        """Return which coded bit each data cell carries in one second, (8, 8, 768)."""
        starts = np.arange(_BLOCKS).reshape(BLOCKS_WRAP, BLOCKS_WRAP, 1) * DATA_CELLS
        # The shift lets a picture of a single part of a block carry other bits each second.
        within = second % SECONDS_WRAP * _SHIFT + starts + np.arange(DATA_CELLS)
        return (within % polar.CODED_BITS).astype(np.int64)

    def cells(self, coded: Bits, second: int, shape: tuple[int, int]) -> Plane:
        """Return the signs of a whole picture in one second.

        Args:
            coded: the coded word, (1024,).
            second: place in the endless sequence.
            shape: (rows, columns) of cells.
        """
        signs = 1.0 - 2.0 * coded.astype(np.float32)
        blocks = np.empty((BLOCKS_WRAP, BLOCKS_WRAP, CELLS), np.float32)
        blocks[:, :, self.data] = self.data_chips(second) * signs[self.coded_bits(second)]
        flags = self.block_signs[second % SECONDS_WRAP]
        blocks[:, :, self.sync] = flags[:, :, None] * self.sync_chips
        return _assembled(blocks, shape)


def _assembled(blocks: NDArray[np.float32], shape: tuple[int, int]) -> Plane:
    """Lay blocks (8, 8, 1024) side by side, repeating them, and cut the picture out."""
    side = BLOCKS_WRAP * BLOCK_CELLS
    square = blocks.reshape(BLOCKS_WRAP, BLOCKS_WRAP, BLOCK_CELLS, BLOCK_CELLS)
    whole = square.transpose(0, 2, 1, 3).reshape(side, side)
    repeated = np.tile(whole, (-(-shape[0] // side), -(-shape[1] // side)))
    return np.ascontiguousarray(repeated[: shape[0], : shape[1]])


@lru_cache(maxsize=128)
def _data_chips(key: bytes, second: int) -> NDArray[np.float32]:
    drawn = prf.signs(key, f"data chips {second}", _BLOCKS * DATA_CELLS)
    chips = drawn.reshape(BLOCKS_WRAP, BLOCKS_WRAP, DATA_CELLS)
    chips.flags.writeable = False
    return chips
