"""Where the mark lies in sound: cells of time and frequency.

A cell is 24 ms by 94 Hz up to 3.7 kHz, all that telephone sound keeps, and by 225 Hz from there to
7.5 kHz, which better copies add.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples a second at which sound is analysed."""

WINDOW = 384
"""Samples of a frame: 24 ms."""

CELL = 384
"""Samples of a cell in time: 24 ms."""

BINS = WINDOW // 2 + 1
_NARROW = 300.0 + 93.75 * np.arange(37)
_WIDE = 3900.0 + 225.0 * np.arange(17)
LOW_EDGES: NDArray[np.float64] = np.concatenate([_NARROW[:-1], _WIDE[:-1]])
HIGH_EDGES: NDArray[np.float64] = np.concatenate([_NARROW[1:], _WIDE[1:]])
BANDS = len(LOW_EDGES)


def band_weights(pitch: float) -> NDArray[np.float32]:
    """Return which share of each bin belongs to each band, (BINS, BANDS).

    Args:
        pitch: the factor that all frequencies were multiplied by since the sound was marked.
    """
    width = RATE / WINDOW
    centre = np.arange(BINS)[:, None] * width
    upper = np.minimum(centre + width / 2, HIGH_EDGES * pitch)
    lower = np.maximum(centre - width / 2, LOW_EDGES * pitch)
    shares: NDArray[np.float32] = (np.maximum(0.0, upper - lower) / width).astype(np.float32)
    return shares
