"""Putting layers together: echo of the place, ducking under speech, and a peak limiter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import fftconvolve

from generator.scene import Setting
from generator.sound.noise import coloured, level, random_of
from generator.sound.values import Stereo
from generator.speech.values import RATE, Samples

CEILING = level(-1.0)
LOOK_S = 0.004
DUCK_DB = -6.0
DUCK_RAMP_S = 0.18
FADE_S = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Space:
    """How a place answers a sound."""

    tail_s: float  # time to fall by 60 dB
    wet_db: float  # energy of the answer against the direct sound
    early: tuple[tuple[float, float], ...]  # (delay in s, dB) of the first reflections


SPACES: Mapping[Setting, Space] = MappingProxyType(
    {
        Setting.ROOM: Space(
            tail_s=0.38, wet_db=-11.0, early=((0.007, -13.0), (0.013, -15.0), (0.021, -17.0))
        ),
        Setting.STREET: Space(tail_s=1.0, wet_db=-21.0, early=((0.031, -21.0), (0.058, -24.0))),
        Setting.AVENUE: Space(tail_s=0.6, wet_db=-26.0, early=((0.011, -24.0),)),
        Setting.SHORE: Space(tail_s=0.4, wet_db=-31.0, early=((0.009, -27.0),)),
    }
)


def echo(dry: Stereo, setting: Setting) -> Stereo:
    """Return ``dry`` with the answer of the place; the direct sound stays where it is."""
    space = SPACES[setting]
    size = int(space.tail_s * RATE)
    rng = random_of(0, f"space {setting}")
    t = np.arange(size) / RATE
    tail = coloured(rng, size, ((60, -12), (300, 0), (2500, -3), (8000, -14), (20000, -40)))
    tail *= (10.0 ** (-3.0 * t / space.tail_s)).astype(np.float32)[:, None]
    tail[: int(0.005 * RATE)] = 0.0  # keeps the first 5 ms clear, so that onsets stay sharp
    tail *= np.float32(level(space.wet_db) / max(float(np.sqrt(np.square(tail).sum() / 2)), 1e-9))
    for number, (delay, decibels) in enumerate(space.early):
        tail[int(delay * RATE), number % 2] += level(decibels)
    wet = fftconvolve(dry, tail, axes=0)[: dry.shape[0]]
    return np.asarray(dry + wet, dtype=np.float32)


def ducking(spoken: Sequence[tuple[float, float]], count: int, decibels: float) -> Samples:
    """Return a gain curve: 1, and ``decibels`` while someone speaks, with soft ramps.

    Args:
        spoken: starts and ends of speech in seconds.
        count: samples.
        decibels: gain under speech, at most 0.
    """
    t = np.arange(0, count + RATE // 100, RATE // 100) / RATE
    active = np.zeros(t.size)
    for start, end in spoken:
        rise, fall = (t - start) / DUCK_RAMP_S + 1.0, (end - t) / DUCK_RAMP_S + 1.0
        active = np.maximum(active, np.clip(np.minimum(rise, fall), 0.0, 1.0))
    smooth = 0.5 - 0.5 * np.cos(np.pi * active)
    gain = np.interp(np.arange(count) / RATE, t, 10.0 ** (decibels * smooth / 20.0))
    return gain.astype(np.float32)


def limit(sound: Stereo) -> Stereo:
    """Keep peaks at or below -1 dBFS by a gain that looks 4 ms ahead; both sides move together."""
    peak = np.maximum(np.abs(sound).max(axis=1), 1e-9)
    if float(peak.max()) <= CEILING:
        return sound
    need = np.minimum(1.0, CEILING / peak)
    width = 2 * int(LOOK_S * RATE) + 1
    # The minimum over twice the window stays below what any sample needs after the averaging.
    gain = uniform_filter1d(minimum_filter1d(need, 2 * width + 1), width)
    return np.asarray(np.clip(sound * gain[:, None], -CEILING, CEILING), dtype=np.float32)


def fade_edges(sound: Stereo) -> Stereo:
    """Fade the first and last 20 ms, so that a clip neither starts nor ends with a click."""
    size = min(int(FADE_S * RATE), sound.shape[0] // 2)
    ramp = np.linspace(0.0, 1.0, size, dtype=np.float32)[:, None]
    faded = sound.copy()
    faded[:size] *= ramp
    faded[sound.shape[0] - size :] *= ramp[::-1]
    return faded
