"""Reading every cell of every frame at one placement."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark import whiten
from provenance.watermark.chips import BLOCK_CELLS, CELLS
from provenance.watermark.placement import Matrix, Placement
from provenance.watermark.window import Window

_REACH_BLOCKS = 6
_SMOOTH_CELLS = 0.2


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cells:
    """What the frames say about each cell, block by block.

    Attributes:
        values: (frames, rows, columns, 1024): rows and columns of blocks; 0 where not seen.
        seen: (rows, columns, 1024): whether a cell lies inside the picture.
        first: (row, column) of the first block, counted from the placement's block (0, 0).
        times: when each frame is shown, in seconds.
    """

    values: NDArray[np.float32]
    seen: NDArray[np.bool_]
    first: tuple[int, int]
    times: NDArray[np.float64]


def sample(window: Window, placement: Placement, every: int = 1) -> Cells | None:
    """Read the cells of all blocks that lie in the picture, at most 6 blocks from block (0, 0).

    Args:
        window: the frames.
        placement: how the marked picture lies in them.
        every: use every so-manieth frame only.

    Returns:
        The cells, or None if no cell lies in the picture.
    """
    low, high = blocks_in(window.size, placement)
    rows, columns = high[1] - low[1], high[0] - low[0]
    if rows <= 0 or columns <= 0:
        return None
    shrink = whiten.shrink_for(placement.cell)
    width, height = whiten.reduced(window.frames[0], shrink).shape[::-1]
    small = placement.scaled(width / window.size[0], height / window.size[1])
    at = small.pixels(_centres(low, rows, columns))
    inside = np.all((at >= 0.5) & (at <= np.array([width, height]) - 0.5), axis=-1)
    if not inside.any():
        return None
    spots = (at - 0.5).astype(np.float32)
    chosen = range(0, len(window.frames), every)
    values = np.empty((len(chosen), rows, columns, CELLS), np.float32)
    for place, index in enumerate(chosen):
        plane = whiten.whiten(whiten.reduced(window.frames[index], shrink), small.cell)
        smooth = cv2.GaussianBlur(plane, (0, 0), _SMOOTH_CELLS * small.cell)
        read = cv2.remap(smooth, spots[..., 0], spots[..., 1], cv2.INTER_LINEAR)
        values[place] = _blocked(np.where(inside, read, 0.0), rows, columns)
    return Cells(
        values=values,
        seen=_blocked(inside.astype(np.float32), rows, columns) > 0,
        first=(low[1], low[0]),
        times=window.times[::every],
    )


def blocks_in(
    size: tuple[int, int], placement: Placement
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the (x, y) numbers of the first block in a picture and of the one after the last."""
    width, height = size
    corners = placement.cells(np.array([[0, 0], [width, 0], [0, height], [width, height]], float))
    blocks = corners / BLOCK_CELLS
    low = [max(-_REACH_BLOCKS, math.floor(v + 0.02)) for v in blocks.min(axis=0)]
    high = [min(_REACH_BLOCKS + 1, math.ceil(v - 0.02)) for v in blocks.max(axis=0)]
    return (low[0], low[1]), (high[0], high[1])


def _centres(low: tuple[int, int], rows: int, columns: int) -> Matrix:
    """Return the cell coordinates of all cell centres, (rows * 32, columns * 32, 2)."""
    y = (np.arange(rows * BLOCK_CELLS) + low[1] * BLOCK_CELLS + 0.5)[:, None]
    x = (np.arange(columns * BLOCK_CELLS) + low[0] * BLOCK_CELLS + 0.5)[None]
    return np.stack(np.broadcast_arrays(x, y), axis=-1)


def _blocked(picture: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Cut (rows * 32, columns * 32) into (rows, columns, 1024)."""
    square = picture.reshape(rows, BLOCK_CELLS, columns, BLOCK_CELLS)
    return square.transpose(0, 2, 1, 3).reshape(rows, columns, CELLS)
