"""How a marked picture lies in an examined one, for reports and for comparing content."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from provenance.watermark.chips import BLOCK_CELLS, BLOCKS_WRAP
from provenance.watermark.grid import CELLS_ACROSS_SHORT_SIDE
from provenance.watermark.placement import ORIENTATIONS, Placement
from provenance.watermark.window import Window

_SPAN = BLOCK_CELLS * BLOCKS_WRAP


@dataclass(frozen=True, kw_only=True, slots=True)
class Geometry:
    """How the marked picture lies in the examined one.

    Attributes:
        matrix: (a, b, c, d, e, f): a cell (u, v) of the marked picture lies at the pixels
            (a u + b v + c, d u + e v + f) of the examined one.
        scale_x: cell width over that in a whole copy of this size: 1 for a copy at any size,
            1 / 0.7 for a crop to 70%, under 1 where a border was added.
        scale_y: the same for heights.
        flip: whether left and right were exchanged (first).
        rotation_quarter: quarter turns counter-clockwise (then), 0 to 3.
        rotation_deg: further rotation counter-clockwise, within -45 to 45 degrees.
        offset: (x, y) of the examined picture's top left corner on the marked one, in cells.
        cell_px: side of a cell in pixels of the examined picture.
    """

    matrix: tuple[float, float, float, float, float, float]
    scale_x: float
    scale_y: float
    flip: bool
    rotation_quarter: int
    rotation_deg: float
    offset: tuple[float, float]
    cell_px: float


def geometry_of(placement: Placement, block: tuple[int, int], window: Window) -> Geometry:
    """Describe a placement.

    Args:
        placement: in the window's frames; its cell (0, 0) is the corner of block `block`.
        block: (row, column) number of that block, modulo 8.
        window: the frames.
    """
    size = np.array(window.size, float)
    back = 1 / window.reduction
    absolute = placement.moved(np.array([-block[1], -block[0]], float) * BLOCK_CELLS)
    shift = np.array([_into_picture(v) for v in absolute.cells(size / 2)])
    absolute = absolute.moved(-shift)
    corner = absolute.cells(np.zeros(2))
    flip, turns, rest = _split(placement)
    wide, high = (float(v) for v in np.linalg.norm(placement.linear, axis=0))
    usual = min(window.size) / CELLS_ACROSS_SHORT_SIDE
    full = absolute.scaled(back, back)
    (a, b), (d, e) = full.linear.tolist()
    c, f = full.origin.tolist()
    return Geometry(
        matrix=(a, b, c, d, e, f),
        scale_x=wide / usual,
        scale_y=high / usual,
        flip=flip,
        rotation_quarter=turns,
        rotation_deg=rest,
        offset=(float(corner[0]), float(corner[1])),
        cell_px=placement.cell * back,
    )


def _into_picture(middle: float) -> float:
    """Return the multiple of 256 cells that brings the middle of the picture to 0 to 256."""
    return -math.floor(middle / _SPAN) * float(_SPAN)


def _split(placement: Placement) -> tuple[bool, int, float]:
    """Split a placement into a flip, quarter turns and the rotation that is left, in degrees."""

    def left_over(number: int) -> float:
        rest = placement.linear @ np.linalg.inv(ORIENTATIONS[number].matrix)
        if np.linalg.det(rest) <= 0:
            return math.inf
        return math.degrees(math.atan2(rest[0, 1] - rest[1, 0], rest[0, 0] + rest[1, 1]))

    best = min(range(len(ORIENTATIONS)), key=lambda number: abs(left_over(number)))
    return ORIENTATIONS[best].flip, ORIENTATIONS[best].turns, left_over(best)
