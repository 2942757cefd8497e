"""From a frame to a picture in which the mark stands out: flattened, normalised, clipped.

Each residual is divided by its local deviation and clipped, so that no busy region and no single
frame speaks louder than the rest. Where the picture is quiet the mark is stronger beside it than
where it is busy, so quiet places count more: by the root of the deviation, which did best of the
powers tried.
"""

from __future__ import annotations

import cv2
import numpy as np

from provenance.watermark.arrays import Luma, Plane

WORKING_CELL_PX = 4.0
_FLATTEN_CELLS = 0.45
_LOCAL_CELLS = 4.0
_QUIET = 1.0
_CLIP = 2.0


def shrink_for(cell: float) -> float:
    """Return by how much a frame is made smaller before it is whitened, at most 1.

    Cells larger than 4 px are brought down to that: it loses nothing of the mark and much work.
    """
    return min(1.0, WORKING_CELL_PX / cell)


def reduced(luma: Luma, shrink: float) -> Luma:
    """Return a smaller copy of a frame, or the frame itself for a shrink of 1."""
    if shrink >= 1.0:
        return luma
    height, width = luma.shape
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    return cv2.resize(luma, size, interpolation=cv2.INTER_AREA)  # type: ignore[no-any-return]


def whiten(picture: Luma, cell: float) -> Plane:
    """Flatten a picture: subtract the slow part, divide by the local deviation, clip.

    Args:
        picture: (h, w), in levels of luma of 8 bits.
        cell: side of a cell in pixels of this picture.

    Returns:
        (h, w), within -2 to 2 on quiet places and less on others.
    """
    levels = picture.astype(np.float32)
    detail = levels - cv2.GaussianBlur(levels, (0, 0), _FLATTEN_CELLS * cell)
    window = 2 * round(_LOCAL_CELLS * cell / 2) + 1
    deviation = cv2.sqrt(cv2.max(cv2.sqrBoxFilter(detail, cv2.CV_32F, (window, window)), 0.0))
    scale = deviation + np.float32(_QUIET)
    flat = cv2.min(cv2.max(cv2.divide(detail, scale), -_CLIP), _CLIP)
    weighted: Plane = cv2.divide(flat, cv2.sqrt(scale))
    return weighted
