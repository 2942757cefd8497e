"""The layers of wind, leaves, birds, crickets, rain and sea."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from generator.sound.noise import add, coloured, level, moments, pan, random_of, wander
from generator.sound.values import Stereo
from generator.speech.values import RATE

_WIND = ((20, -24), (90, 0), (250, -6), (700, -20), (3000, -44), (20000, -80))
_LEAVES = ((500, -50), (1800, -14), (3500, 0), (7000, -3), (12000, -16), (20000, -40))
_RAIN = ((100, -30), (700, -12), (2500, 0), (7000, -2), (14000, -10), (20000, -26))
_SEA = ((20, -20), (70, 0), (300, -8), (1200, -18), (5000, -34), (20000, -60))
_BREAK = ((40, -8), (150, 0), (600, -2), (2000, -8), (6000, -20), (20000, -44))
_WASH = ((300, -44), (1200, -10), (3500, 0), (8000, -6), (14000, -18), (20000, -36))


def wind(seed: int, count: int, decibels: float, leaves: float = -120.0) -> Stereo:
    """Return soft wind at ``decibels`` RMS, and leaves that stir in its gusts at ``leaves``."""
    rng = random_of(seed, "wind")
    gusts = wander(rng, count, 2.7)[:, None]
    air = coloured(rng, count, _WIND) * (0.35 + 1.0 * gusts) * np.float32(level(decibels))
    if leaves > -100.0:
        flutter = 0.6 + 0.8 * wander(rng, count, 0.16)[:, None]
        stir = (0.12 + 1.5 * gusts**2) * flutter * np.float32(level(leaves))
        air += coloured(rng, count, _LEAVES) * stir
    return air


def rain(seed: int, count: int, decibels: float) -> Stereo:
    """Return steady rain at ``decibels`` RMS with single drops standing out of it."""
    rng = random_of(seed, "rain")
    bed = coloured(rng, count, _RAIN) * (0.85 + 0.3 * wander(rng, count, 1.9)[:, None])
    hits = rng.integers(0, count, max(1, count // 1200))
    drops = np.zeros((count, 2), dtype=np.float32)
    drops[hits, rng.integers(0, 2, hits.size)] = rng.exponential(1.0, hits.size)
    tail = np.exp(-np.arange(96) / 22.0) * np.cos(np.arange(96) * 0.55)
    for side in (0, 1):
        drops[:, side] = np.convolve(drops[:, side], tail)[:count]
    return np.asarray((bed + 1.6 * drops) * level(decibels), dtype=np.float32)


def birds(seed: int, count: int, decibels: float, per_second: float) -> Stereo:
    """Return distant song birds: phrases of short whistles, each bird with a tune of its own."""
    rng = random_of(seed, "birds")
    bus = np.zeros((count, 2), dtype=np.float32)
    singers = [
        (rng.uniform(2600.0, 4800.0), rng.uniform(-0.9, 0.9), rng.uniform(-6.0, 0.0))
        for _ in range(4)
    ]
    for start in moments(rng, count / RATE, per_second):
        pitch, place, loud = singers[rng.integers(len(singers))]
        at = start
        for _ in range(int(rng.integers(2, 7))):
            note = _whistle(pitch * rng.uniform(0.85, 1.2), rng.uniform(0.05, 0.16), rng)
            add(bus, pan(note * level(decibels + loud), place), at)
            at += note.size / RATE + rng.uniform(0.03, 0.12)
    return bus


def _whistle(hz: float, seconds: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    t = np.arange(int(seconds * RATE)) / RATE
    bend = hz * rng.uniform(-0.25, 0.25) / seconds
    trill = hz * 0.03 * np.sin(2 * np.pi * rng.uniform(18.0, 34.0) * t)
    phase = 2 * np.pi * np.cumsum(hz + bend * (t - seconds / 2) + trill) / RATE
    body: npt.NDArray[np.float64] = np.sin(phase) + 0.12 * np.sin(2 * phase)
    return body * np.sin(np.pi * t / seconds) ** 1.5


def crickets(seed: int, count: int, decibels: float) -> Stereo:
    """Return night insects: a few steady chirps at different places and rhythms."""
    rng = random_of(seed, "crickets")
    t = np.arange(count) / RATE
    bus = np.zeros((count, 2), dtype=np.float32)
    for _ in range(3):
        hz, beat = rng.uniform(3900.0, 4700.0), rng.uniform(1.1, 1.9)
        pulses = np.clip(np.sin(2 * np.pi * rng.uniform(26.0, 34.0) * t), 0.0, 1.0)
        chirps = np.clip(np.sin(2 * np.pi * beat * t + rng.uniform(0.0, 6.28)) * 3.0, 0.0, 1.0)
        bus += pan(np.sin(2 * np.pi * hz * t) * pulses * chirps, rng.uniform(-0.8, 0.8))
    return bus * np.float32(level(decibels))


def sea(seed: int, count: int, decibels: float) -> Stereo:
    """Return waves that build, break and run out, in sets: some high, some low."""
    rng = random_of(seed, "sea")
    t = np.arange(count) / RATE
    rumble, crash, hiss = np.full(count, 0.3), np.zeros(count), np.full(count, 0.06)
    at, order = rng.uniform(-4.0, 0.5), int(rng.integers(0, 4))
    while at < t[-1] + 3.0:
        size = (1.0, 0.75, 0.5, 0.85)[order % 4] * rng.uniform(0.85, 1.1)
        rumble += size * _swell(t, at, 1.8, 2.2)
        crash += size * _swell(t, at, 0.35, 1.3)
        hiss += 0.8 * size * _swell(t, at + 0.7, 0.8, 2.6)
        at, order = at + rng.uniform(4.6, 7.4), order + 1
    parts: Sequence[tuple[npt.NDArray[np.float64], Sequence[tuple[float, float]], float]] = (
        (rumble, _SEA, 0.9),
        (crash, _BREAK, 1.1),
        (hiss, _WASH, 0.55),
    )
    total = np.zeros((count, 2), dtype=np.float32)
    for envelope, curve, share in parts:
        total += coloured(rng, count, curve) * (share * envelope).astype(np.float32)[:, None]
    return total * np.float32(level(decibels))


def _swell(
    t: npt.NDArray[np.float64], at: float, rise_s: float, fall_s: float
) -> npt.NDArray[np.float64]:
    """A bump that peaks at ``at``: rises as a bell, falls exponentially."""
    before = np.exp(-0.5 * (np.minimum(t - at, 0.0) / rise_s) ** 2)
    after: npt.NDArray[np.float64] = np.exp(-np.maximum(t - at, 0.0) / fall_s)
    return before * after


def gulls(seed: int, count: int, decibels: float) -> Stereo:
    """Return a gull now and then: two to four falling cries, far off."""
    rng = random_of(seed, "gulls")
    bus = np.zeros((count, 2), dtype=np.float32)
    for start in moments(rng, count / RATE, 0.09):
        hz, place, at = rng.uniform(900.0, 1250.0), rng.uniform(-0.8, 0.8), start
        for _ in range(int(rng.integers(2, 5))):
            t = np.arange(int(rng.uniform(0.22, 0.38) * RATE)) / RATE
            long = t[-1]
            glide = hz * (1.0 + 0.35 * np.sin(np.pi * (t / long) ** 0.7) - 0.15 * t / long)
            phase = 2 * np.pi * np.cumsum(glide) / RATE
            cry = sum(np.sin(k * phase) / k**0.8 for k in range(1, 7)) * np.sin(np.pi * t / long)
            add(bus, pan(cry * level(decibels) * 0.5, place), at)
            at += long + rng.uniform(0.08, 0.2)
    return bus
