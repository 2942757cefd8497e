"""From frames to one picture in which the mark stands out: whitened, normalised, averaged.

The mark is in every frame at the same place and the content moves, so an average over time keeps
the one and thins out the other. Each residual is divided by its local deviation and clipped
first, so that no busy region and no single frame speaks louder than the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from provenance.watermark.arrays import Luma, Plane

WORKING_CELL_PX = 4.0
_FLATTEN_CELLS = 0.8
_LOCAL_CELLS = 5.0
_QUIET = 1.0
_CLIP = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Residual:
    """What a set of frames has in common at the scale of a cell.

    Attributes:
        plane: the averaged residual, (h, w); values within -2 to 2.
        shrink_x: width of `plane` over the width of the frames, at most 1.
        shrink_y: the same for the heights.
    """

    plane: Plane
    shrink_x: float
    shrink_y: float


def accumulate(frames: Sequence[Luma], cell: float) -> Residual:
    """Average the whitened frames.

    Args:
        frames: luma planes of one size, at least one.
        cell: the side in pixels of the cells that are looked for; sizes within a factor of 1.3
            of it stay visible. Frames with larger cells are made smaller first, which loses
            nothing of the mark and much of the work.
    """
    height, width = frames[0].shape
    shrink = min(1.0, WORKING_CELL_PX / cell)
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    total: Plane = np.zeros((size[1], size[0]), np.float32)
    for frame in frames:
        small = frame if shrink == 1.0 else cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        cv2.accumulate(whiten(small.astype(np.float32), cell * shrink), total)
    return Residual(
        plane=total / np.float32(len(frames)), shrink_x=size[0] / width, shrink_y=size[1] / height
    )


def whiten(picture: Plane, cell: float) -> Plane:
    """Flatten a picture: subtract the slow part, divide by the local deviation, clip.

    Args:
        picture: (h, w), in levels of luma.
        cell: side of a cell in pixels.

    Returns:
        (h, w), within -2 to 2.
    """
    detail = picture - cv2.GaussianBlur(picture, (0, 0), _FLATTEN_CELLS * cell)
    window = 2 * round(_LOCAL_CELLS * cell / 2) + 1
    deviation = cv2.sqrt(cv2.max(cv2.sqrBoxFilter(detail, cv2.CV_32F, (window, window)), 0.0))
    ratio = cv2.divide(detail, deviation + np.float32(_QUIET))
    flat: Plane = cv2.min(cv2.max(ratio, -_CLIP), _CLIP)
    return flat
