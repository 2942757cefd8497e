"""Checking samples, and bringing them to the one rate at which all analysis is done."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfiltfilt

from provenance.watermark.sound.arrays import Samples
from provenance.watermark.sound.errors import BadSound
from provenance.watermark.sound.grid import RATE

MIN_RATE = 8_000
MAX_RATE = 192_000
_CHANNELS = (1, 2, 6)
_HIGH_PASS = butter(3, 160.0, "highpass", fs=RATE, output="sos")
_SHORTEST = 100


def checked_rate(rate: int) -> int:
    """Return the rate if it is supported.

    Raises:
        BadSound: if it is not a whole number from 8000 to 192000.
    """
    if isinstance(rate, bool) or not isinstance(rate, int | np.integer):
        raise BadSound(f"a rate is a whole number of samples a second, not {rate!r}")
    if not MIN_RATE <= rate <= MAX_RATE:
        raise BadSound(f"a rate lies between {MIN_RATE} and {MAX_RATE} Hz, not at {rate}")
    return int(rate)


def checked(samples: NDArray[np.floating]) -> Samples:
    """Return sound as float32 (N, channels).

    Args:
        samples: (N,), (N, 1), (N, 2) or (N, 6), float32 or float64.

    Raises:
        BadSound: if it has another shape or type, or a value is not finite.
    """
    if not isinstance(samples, np.ndarray) or samples.dtype not in (np.float32, np.float64):
        kind = samples.dtype if isinstance(samples, np.ndarray) else type(samples).__name__
        raise BadSound(f"samples are float32 with full scale at 1, not {kind}")
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and samples.shape[1] not in _CHANNELS):
        raise BadSound(f"samples are (N,), (N, 2) or (N, 6), not {samples.shape}")
    if not np.isfinite(samples).all():
        raise BadSound("a sample is not a finite number")
    flat = samples[:, None] if samples.ndim == 1 else samples
    return flat.astype(np.float32, copy=False)


def to_analysis(sound: Samples, rate: int) -> Samples:
    """Resample (N, channels) from `rate` to `RATE`, without what lies under the mark.

    A constant or a rumble would leak into the lowest bands of every frame. The filter moves no
    phase, so a change that is made of the result may be added to the sound itself.
    """
    slow = _resample(sound, RATE, rate)
    if len(slow) < _SHORTEST:
        return slow
    high: Samples = sosfiltfilt(_HIGH_PASS, slow, axis=0).astype(np.float32)
    return high


def from_analysis(sound: Samples, rate: int, length: int) -> Samples:
    """Resample (N, channels) from `RATE` to `rate`, cut or padded to `length` samples."""
    back = _resample(sound, rate, RATE)[:length]
    return np.pad(back, ((0, length - len(back)), (0, 0)))


def _resample(sound: Samples, to: int, rate: int) -> Samples:
    if to == rate or not len(sound):
        return sound
    common = gcd(to, rate)
    done: Samples = resample_poly(sound, to // common, rate // common, axis=0).astype(np.float32)
    return done
