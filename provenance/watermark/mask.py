"""How much change each place of a frame hides.

Texture hides a mark and flat places show it; a hard edge has much contrast but hides nothing
beside it, so the mask is eroded there. The floor keeps some mark in flat places, which are where
encoders keep it best.
"""

from __future__ import annotations

import cv2
import numpy as np

from provenance.watermark.arrays import Luma, Plane

FLOOR = 0.7
CEILING = 4.0
SLOPE = 0.28
_WINDOW = (7, 7)
_EDGE = np.ones((3, 3), np.uint8)


def strength(luma: Luma) -> Plane:
    """Return the relative amplitude that each pixel can bear.

    Args:
        luma: one luma plane, (H, W).

    Returns:
        (H, W), from `FLOOR` (flat) to `CEILING` (busy), smooth.
    """
    height, width = luma.shape
    small = cv2.resize(luma, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    small = small.astype(np.float32)
    mean = cv2.boxFilter(small, -1, _WINDOW)
    variance = cv2.sqrBoxFilter(small, cv2.CV_32F, _WINDOW) - mean * mean
    busy = cv2.sqrt(cv2.max(variance, 0.0))
    raw = cv2.min(cv2.max(FLOOR + SLOPE * busy, FLOOR), CEILING)
    eroded = cv2.boxFilter(cv2.erode(raw, _EDGE), -1, (5, 5))
    mask: Plane = cv2.resize(eroded, (width, height), interpolation=cv2.INTER_LINEAR)
    return mask
