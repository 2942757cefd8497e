"""Levelling out what stands still: content is alike in every stretch of time, the mark is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FEWEST = 3


def without_still(stretches: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take off the mean over stretches of time, as far as the stretches resemble each other.

    With a correlation r between K stretches, the best linear filter for signals that differ takes
    off the share K r / (1 - r + K r) of their mean.

    Args:
        stretches: (K, ...); fewer than 3 are returned as they are.
    """
    count = len(stretches)
    if count < _FEWEST:
        return stretches
    mean = stretches.mean(axis=0)
    power = float(np.mean(np.square(stretches, dtype=np.float64)))
    shared = float(np.mean(np.square(mean, dtype=np.float64)))
    if power <= 0.0:
        return stretches
    alike = min(0.999, max(0.0, (count * shared / power - 1) / (count - 1)))
    share = count * alike / (1 - alike + count * alike)
    levelled: NDArray[np.float32] = (stretches - np.float32(share) * mean).astype(np.float32)
    return levelled
