"""Cells as a picture: smoothed, band-passed and laid over a frame.

Band-passing leaves out what a viewer sees first (slow changes of brightness) and what an encoder
throws away first (detail finer than a cell).
"""

from __future__ import annotations

import cv2
import numpy as np

from provenance.watermark.arrays import Plane

SMOOTH_CELLS = 0.3
FLATTEN_CELLS = 1.3
_FINE_PX = 6
_MARGIN_CELLS = 6


def draw(cells: Plane, px: int, *, margin: int) -> Plane:
    """Draw cells as a band-passed picture.

    Args:
        cells: one value a cell, (rows, columns).
        px: pixels a cell, 2 or more.
        margin: how OpenCV continues the cells beyond their border, e.g. `cv2.BORDER_REFLECT`.

    Returns:
        (rows * px, columns * px), not normalised; the kernel has the same shape at every `px`.
    """
    size = (cells.shape[1] * px, cells.shape[0] * px)
    raw = cv2.resize(cells, size, interpolation=cv2.INTER_NEAREST)
    edge = _MARGIN_CELLS * px
    padded = cv2.copyMakeBorder(raw, edge, edge, edge, edge, margin)
    fine = cv2.GaussianBlur(padded, (0, 0), SMOOTH_CELLS * px)
    slow = cv2.GaussianBlur(padded, (0, 0), FLATTEN_CELLS * px)
    band: Plane = (fine - slow)[edge:-edge, edge:-edge]
    return band


def cover(cells: Plane, cell: float, size: tuple[int, int]) -> Plane:
    """Lay cells over a whole picture, from its top left corner.

    Args:
        cells: one value a cell, (rows, columns), enough to cover the picture.
        cell: side of a cell in pixels; any fraction.
        size: (width, height) in pixels.

    Returns:
        (height, width), mean square 1.
    """
    drawn = draw(cells, _FINE_PX, margin=cv2.BORDER_REFLECT_101)
    ratio = _FINE_PX / cell
    # Pixel centres lie at halves in both pictures.
    placed = np.array([[ratio, 0, ratio / 2 - 0.5], [0, ratio, ratio / 2 - 0.5]], np.float64)
    laid: Plane = cv2.warpAffine(
        drawn,
        placed,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    power = float(np.mean(np.square(laid, dtype=np.float64)))
    laid *= np.float32(1.0 / np.sqrt(power))
    return laid
