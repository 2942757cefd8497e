"""The tile as a picture: cells smoothed and band-passed, and laid over a whole frame.

Band-passing leaves out what a viewer sees first (slow changes of brightness) and what an encoder
throws away first (detail finer than a cell).
"""

from __future__ import annotations

import cv2
import numpy as np

from provenance.watermark.arrays import Plane
from provenance.watermark.layout import TILE_CELLS

SMOOTH_CELLS = 0.35
FLATTEN_CELLS = 2.0
_FINE_PX = 8


def draw(cells: Plane, px: int) -> Plane:
    """Draw the cells of a tile as a seamless band-passed picture.

    Args:
        cells: one value a cell, (64, 64).
        px: pixels a cell, 2 or more.

    Returns:
        (64 * px, 64 * px), not normalised; the kernel has the same shape at every `px`.
    """
    side = TILE_CELLS * px
    raw = cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST)
    margin = 8 * px
    padded = np.pad(raw, margin, mode="wrap")
    fine = cv2.GaussianBlur(padded, (0, 0), SMOOTH_CELLS * px)
    slow = cv2.GaussianBlur(padded, (0, 0), FLATTEN_CELLS * px)
    band: Plane = (fine - slow)[margin:-margin, margin:-margin]
    return band


def cover(cells: Plane, cell: float, size: tuple[int, int]) -> Plane:
    """Lay the tile over a whole picture, from its top left corner.

    Args:
        cells: one value a cell, (64, 64).
        cell: side of a cell in pixels; any fraction.
        size: (width, height) in pixels.

    Returns:
        (height, width), mean square 1.
    """
    return lay(draw(cells, _FINE_PX), cell, size)


def lay(tile: Plane, cell: float, size: tuple[int, int]) -> Plane:
    """Repeat a drawn tile over a whole picture, from its top left corner.

    Args:
        tile: (64 * px, 64 * px) for any whole px.
        cell: side of a cell in pixels; any fraction.
        size: (width, height) in pixels.

    Returns:
        (height, width), mean square 1.
    """
    width, height = size
    rows = _sample(tile, height, cell)
    picture = np.ascontiguousarray(_sample(np.ascontiguousarray(rows.T), width, cell).T)
    power = np.mean(np.square(picture, dtype=np.float64))
    laid: Plane = (picture / np.sqrt(power)).astype(np.float32)
    return laid


def _sample(tile: Plane, count: int, cell: float) -> Plane:
    """Read `count` rows off the endless repetition of the tile, by linear interpolation."""
    at = (np.arange(count) + 0.5) * (len(tile) / TILE_CELLS / cell) - 0.5
    below = np.floor(at)
    share = (at - below).astype(np.float32)[:, None]
    first = below.astype(np.int64) % len(tile)
    rows: Plane = tile[first] * (1 - share) + tile[(first + 1) % len(tile)] * share
    return rows
