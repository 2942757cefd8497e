"""Adding a pattern to one frame at a wanted PSNR, within the limits of video levels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from provenance.watermark import mask
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.errors import BadFrame, CannotCarry

PSNR_RANGE_DB = (34.0, 54.0)
MAX_GAIN = 1.5
"""The most that the relative strength is multiplied by, whatever the frame: it bounds the root
mean square of the mark on flat places to 1.5 * 0.7 = 1.05 levels of 8 bits."""

_ROUNDING = 1 / 12
_CLOSE_ENOUGH = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Depth:
    """A depth of luma in bits.

    Attributes:
        bits: 8 or 10.
        dtype: how frames are stored.
    """

    bits: int
    dtype: type[np.generic]

    @property
    def scale(self) -> int:
        """Levels of this depth in one level of 8 bits."""
        return 1 << (self.bits - 8)


EIGHT = Depth(bits=8, dtype=np.uint8)
TEN = Depth(bits=10, dtype=np.uint16)
BLACK = 16
WHITE = 235


def mean_square(psnr: float) -> float:
    """Return the mean square error in levels of 8 bits that a luma PSNR in dB stands for.

    Raises:
        CannotCarry: if the PSNR is outside `PSNR_RANGE_DB`.
    """
    lowest, highest = PSNR_RANGE_DB
    if not lowest <= psnr <= highest:
        raise CannotCarry(f"{psnr} dB is outside {lowest} to {highest} dB")
    return 255.0**2 / float(10 ** (psnr / 10))


def psnr_db(original: Luma, changed: Luma) -> float:
    """Return the peak signal-to-noise ratio of one luma plane in dB; infinite if equal.

    The peak is 255 levels of 8 bits, so 10-bit planes compare with 8-bit ones.
    """
    peak = 255.0 * depth_of(original).scale
    error = cv2.norm(original, changed, cv2.NORM_L2SQR) / original.size
    return math.inf if error == 0 else 10 * math.log10(peak**2 / error)


def depth_of(luma: Luma) -> Depth:
    """Return the depth that a frame's type stands for.

    Raises:
        BadFrame: if it is neither uint8 nor uint16.
    """
    for depth in (EIGHT, TEN):
        if luma.dtype == depth.dtype:
            return depth
    raise BadFrame(f"a frame is uint8, or uint16 for 10 bits, not {luma.dtype}")


def add(luma: Luma, pattern: Plane, error: float) -> Luma:
    """Add a pattern where the frame hides it best.

    The error of the result is the wanted one unless that would take more than `MAX_GAIN`: flat
    frames take less, and so do black or white ones, which can move one way only. Values stay within
    video levels, and those that were already outside move no further out.

    Args:
        luma: one luma plane, (H, W), uint8, or uint16 with values of 10 bits.
        pattern: (H, W), mean square 1.
        error: wanted mean square error in levels of 8 bits; see `mean_square`.

    Raises:
        BadFrame: if the frame has another size or type than the pattern asks for.
    """
    depth = depth_of(luma)
    if luma.shape != pattern.shape:
        raise BadFrame(f"expected {pattern.shape}, got {luma.shape}")
    change = cv2.multiply(mask.strength(_eight_bits(luma, depth)), pattern)
    power = cv2.norm(change, cv2.NORM_L2SQR) / luma.size
    if power == 0.0:
        return luma.copy()
    rounding = _ROUNDING / depth.scale**2
    gain = min(MAX_GAIN, math.sqrt(max(error - rounding, rounding) / power))
    marked = _added(luma, change, gain, depth)
    reached = cv2.norm(marked, luma, cv2.NORM_L2SQR) / luma.size / depth.scale**2
    if abs(reached / error - 1) > _CLOSE_ENOUGH and gain < MAX_GAIN:
        again = gain * math.sqrt(error / max(reached, rounding))
        marked = _added(luma, change, min(MAX_GAIN, again), depth)
    return marked


def _eight_bits(luma: Luma, depth: Depth) -> Luma:
    if depth is EIGHT:
        return luma
    return cv2.convertScaleAbs(luma, alpha=1 / depth.scale)  # type: ignore[no-any-return]


def _added(luma: Luma, change: Plane, gain: float, depth: Depth) -> Luma:
    code = cv2.CV_8U if depth is EIGHT else cv2.CV_16U
    moved = cv2.scaleAdd(change, gain * depth.scale, luma.astype(np.float32))
    floor, ceiling = cv2.min(luma, BLACK * depth.scale), cv2.max(luma, WHITE * depth.scale)
    rounded = cv2.add(moved, 0.0, dtype=code)
    marked: Luma = cv2.min(cv2.max(rounded, floor), ceiling)
    return marked
