"""Adding a pattern to one frame at a wanted PSNR, within the limits of video levels."""

from __future__ import annotations

import math

import cv2
import numpy as np

from provenance.watermark import mask
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.errors import BadFrame, CannotCarry

BLACK = 16
WHITE = 235
PSNR_RANGE_DB = (34.0, 54.0)
MAX_GAIN = 3.2
"""The most that the relative strength is multiplied by, whatever the frame: it bounds the root
mean square of the mark on flat places to 3.2 * 0.7 = 2.2 levels."""

_ROUNDING = 1 / 12
_CLOSE_ENOUGH = 0.01


def mean_square(psnr: float) -> float:
    """Return the mean square error in levels that a luma PSNR in dB stands for.

    Raises:
        CannotCarry: if the PSNR is outside `PSNR_RANGE_DB`.
    """
    lowest, highest = PSNR_RANGE_DB
    if not lowest <= psnr <= highest:
        raise CannotCarry(f"{psnr} dB is outside {lowest} to {highest} dB")
    return 255.0**2 / float(10 ** (psnr / 10))


def psnr_db(original: Luma, changed: Luma) -> float:
    """Return the peak signal-to-noise ratio of one luma plane in dB; infinite if equal."""
    error = cv2.norm(original, changed, cv2.NORM_L2SQR) / original.size
    return math.inf if error == 0 else 10 * math.log10(255.0**2 / error)


def add(luma: Luma, pattern: Plane, error: float) -> Luma:
    """Add a pattern where the frame hides it best.

    The error of the result is the wanted one unless that would take more than `MAX_GAIN`: black or
    white frames, which can move one way only, take less. Values stay within 16 to 235, and those
    that were already outside move no further out.

    Args:
        luma: one luma plane, (H, W), uint8.
        pattern: (H, W), mean square 1.
        error: wanted mean square error in levels; see `mean_square`.

    Raises:
        BadFrame: if the frame has another size or type than the pattern asks for.
    """
    if luma.dtype != np.uint8 or luma.shape != pattern.shape:
        raise BadFrame(f"expected uint8 {pattern.shape}, got {luma.dtype} {luma.shape}")
    change = cv2.multiply(mask.strength(luma), pattern)
    power = cv2.norm(change, cv2.NORM_L2SQR) / luma.size
    gain = min(MAX_GAIN, math.sqrt(max(error - _ROUNDING, _ROUNDING) / power))
    marked = _added(luma, change, gain)
    reached = cv2.norm(marked, luma, cv2.NORM_L2SQR) / luma.size
    if abs(reached / error - 1) > _CLOSE_ENOUGH:
        again = gain * math.sqrt(error / max(reached, _ROUNDING))
        marked = _added(luma, change, min(MAX_GAIN, again))
    return marked


def _added(luma: Luma, change: Plane, gain: float) -> Luma:
    moved = cv2.add(luma, change * np.float32(gain), dtype=cv2.CV_8U)
    floor, ceiling = cv2.min(luma, BLACK), cv2.max(luma, WHITE)
    marked: Luma = cv2.min(cv2.max(moved, floor), ceiling)
    return marked
