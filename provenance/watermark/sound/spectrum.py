"""Short-time spectra, forth and back."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from provenance.watermark.sound.arrays import Power, Samples
from provenance.watermark.sound.grid import BINS, WINDOW

Spectra: TypeAlias = NDArray[np.complex64]
"""Spectra of one channel, (frames, BINS); frame i is centred on sample i * hop."""

SYNTHESIS_HOP = WINDOW // 4
_SHAPE = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
_OVERLAP_GAIN = 2.0  # the squares of four shapes, a quarter of a window apart, add up to 2


def frame_count(length: int, hop: int) -> int:
    """Return how many frames cover so many samples."""
    return -(-length // hop) + 1


def spectra(channel: NDArray[np.float32], hop: int) -> Spectra:
    """Return the spectra of one channel, (N,)."""
    count = frame_count(len(channel), hop)
    padded = np.zeros((count - 1) * hop + WINDOW, np.float32)
    padded[WINDOW // 2 : WINDOW // 2 + len(channel)] = channel
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop]
    found: Spectra = fft.rfft(frames * _SHAPE, axis=1)
    return found


def power(sound: Samples, hop: int) -> Power:
    """Return the energy of (N, channels), summed over the channels, (frames, BINS)."""
    total = np.zeros((frame_count(len(sound), hop), BINS), np.float32)
    for channel in sound.T:
        found = spectra(channel, hop)
        total += np.square(found.real) + np.square(found.imag)
    return total


def samples(found: Spectra, length: int) -> NDArray[np.float32]:
    """Overlap and add spectra that lie `SYNTHESIS_HOP` apart, and return `length` samples.

    The first and the last 6 ms lack one of the frames over them and come back fainter: a change
    fades in and out there.
    """
    frames = fft.irfft(found, WINDOW, axis=1) * (_SHAPE / np.float32(_OVERLAP_GAIN))
    quarters = frames.reshape(len(frames), 4, SYNTHESIS_HOP)
    total = np.zeros((len(frames) + 3, SYNTHESIS_HOP), np.float32)
    for quarter in range(4):
        total[quarter : quarter + len(frames)] += quarters[:, quarter]
    return total.ravel()[WINDOW // 2 : WINDOW // 2 + length]
