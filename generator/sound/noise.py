"""Building blocks of synthetic sound: seeded randomness, coloured noise, slow changes, panning."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.interpolate import PchipInterpolator

from generator.sound.values import Stereo
from generator.speech.values import RATE, Samples


def random_of(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one layer; layers do not disturb each other's."""
    return np.random.default_rng([seed & 0xFFFF_FFFF_FFFF_FFFF, zlib.crc32(name.encode())])


def level(decibels: float) -> float:
    """Return the amplitude for a level in dB."""
    return float(10.0 ** (decibels / 20.0))


def coloured(
    rng: np.random.Generator, count: int, curve: Sequence[tuple[float, float]], channels: int = 2
) -> npt.NDArray[np.float32]:
    """Return noise whose spectrum follows ``curve``.

    Args:
        rng: where the noise comes from.
        count: samples.
        curve: (Hz, dB) corners in rising order, joined by straight lines over log frequency.
        channels: independent columns.

    Returns:
        float32 (count, channels) with an RMS of 1.
    """
    size = fft.next_fast_len(count, real=True)
    white = rng.standard_normal((channels, size), dtype=np.float32)
    hz = np.maximum(fft.rfftfreq(size, 1.0 / RATE), 1.0)
    corners = np.array(curve, dtype=np.float64)
    decibels = np.interp(np.log(hz), np.log(corners[:, 0]), corners[:, 1])
    decibels[hz < 20.0] = -120.0
    gain = (10.0 ** (decibels / 20.0)).astype(np.float32)
    shaped = fft.irfft(fft.rfft(white, axis=1) * gain, n=size, axis=1)[:, :count].T
    scale = float(np.sqrt(np.mean(np.square(shaped)))) or 1.0
    return np.ascontiguousarray(shaped / np.float32(scale))


def wander(rng: np.random.Generator, count: int, period_s: float) -> Samples:
    """Return a smooth random curve in 0..1 that changes about every ``period_s`` seconds."""
    knots = int(count / RATE / period_s) + 4
    at = np.arange(knots) * period_s - rng.uniform(0.0, period_s)
    curve = PchipInterpolator(at, rng.uniform(0.0, 1.0, knots))
    coarse = np.arange(0, count + RATE // 100, RATE // 100)
    fine = np.interp(np.arange(count), coarse, np.clip(curve(coarse / RATE), 0.0, 1.0))
    return np.asarray(fine, dtype=np.float32)


def moments(rng: np.random.Generator, seconds: float, per_second: float) -> list[float]:
    """Return times in 0..seconds, in order, one drawn within every ``1 / per_second`` seconds.

    So events are irregular and yet never missing from a clip that is long enough for one.
    """
    slots = int(seconds * per_second) + 1
    times = (np.arange(slots) + rng.uniform(0.0, 1.0, slots)) / per_second
    return [float(t) for t in times if t < seconds]


def pan(mono: npt.NDArray[np.floating], place: float) -> Stereo:
    """Place mono sound between left (-1) and right (1) at equal power.

    The mean power of both channels equals the power of ``mono``.
    """
    angle = (np.clip(place, -1.0, 1.0) + 1.0) * np.pi / 4.0
    gains = np.sqrt(2.0) * np.array([np.cos(angle), np.sin(angle)])
    return np.asarray(np.asarray(mono)[:, None] * gains[None, :], dtype=np.float32)


def add(bus: Stereo, sound: Stereo, start_s: float) -> None:
    """Add ``sound`` to ``bus`` from ``start_s`` on; what lies outside the bus is dropped."""
    at = round(start_s * RATE)
    first, last = max(0, at), min(bus.shape[0], at + sound.shape[0])
    if first < last:
        bus[first:last] += sound[first - at : last - at]


def decaying(count: int, seconds: float, attack_s: float = 0.001) -> npt.NDArray[np.float64]:
    """Return an envelope that rises within ``attack_s`` and falls by 60 dB in ``seconds``."""
    t = np.arange(count) / RATE
    return np.minimum(t / attack_s, 1.0) * 10.0 ** (-3.0 * t / seconds)
