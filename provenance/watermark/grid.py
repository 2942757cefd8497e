"""The grid of cells that a picture is divided into."""

from __future__ import annotations

import math

from provenance.watermark.errors import CannotCarry

CELLS_ACROSS_SHORT_SIDE = 90
MIN_CELL_PX = 3.0
MIN_SIDE_PX = 64


def cell_px(size: tuple[int, int]) -> float:
    """Return the side of a cell in pixels for a picture of this size.

    The cell is 1/90 of the short side, so that a whole copy at any size has cells of 1/90 of its
    own short side; it never falls under 3 px, below which encoders wipe it out.

    Args:
        size: (width, height) in pixels.

    Raises:
        CannotCarry: if a side is under 64 px.
    """
    if min(size) < MIN_SIDE_PX:
        raise CannotCarry(f"a side has {min(size)} pixels and the smallest that can has 64")
    return max(MIN_CELL_PX, min(size) / CELLS_ACROSS_SHORT_SIDE)


def shape_in_cells(size: tuple[int, int], cell: float) -> tuple[int, int]:
    """Return how many (rows, columns) of cells cover a picture, the last ones perhaps in part."""
    width, height = size
    return math.ceil(height / cell - 1e-6), math.ceil(width / cell - 1e-6)
