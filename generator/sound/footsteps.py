"""Footsteps on the ground of the place, at the times when feet come down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from generator.scene import SceneSpec, Setting, Weather
from generator.sound.noise import add, decaying, level, random_of
from generator.speech.values import RATE, Samples

STEP_S = 0.32
PEAK_DB = -19.0
"""Peak of an average step."""

_Mono = npt.NDArray[np.float64]


class Ground(StrEnum):
    """What is walked on."""

    PATH = "path"  # fine gravel under fallen petals
    SAND = "sand"
    WET = "wet"  # wet asphalt
    WOOD = "wood"
    SNOW = "snow"


def ground_of(spec: SceneSpec) -> Ground:
    """Return what people walk on in this scene."""
    if spec.setting is Setting.ROOM:
        return Ground.WOOD
    if spec.weather is Weather.SNOW:
        return Ground.SNOW
    if spec.setting is Setting.SHORE:
        return Ground.SAND
    if spec.setting is Setting.STREET or spec.weather is Weather.RAIN:
        return Ground.WET
    return Ground.PATH


def footsteps(
    ground: Ground, times: Sequence[float], count: int, seed: int, handle: str
) -> Samples:
    """Return one person's steps, mono.

    Args:
        ground: decides the sound of a step.
        times: when a foot comes down, seconds; the sound of each starts right there.
        count: samples.
        seed: the scene's.
        handle: whose steps; every person has an own gait.

    Returns:
        float32 (count,); steps peak around -19 dBFS and differ by a few dB.
    """
    bus = np.zeros((count, 1), dtype=np.float32)
    for number, when in enumerate(times):
        rng = random_of(seed, f"step {handle} {number}")
        step = _STEPS[ground](rng)
        loud = PEAK_DB + rng.uniform(-1.8, 1.0) + (0.6 if number % 2 else 0.0)
        step = step * (level(loud) / max(float(np.abs(step).max()), 1e-9))
        add(bus, step[:, None].astype(np.float32), when)
    return bus[:, 0]


def _size() -> int:
    return int(STEP_S * RATE)


def _thud(hz: float, seconds: float) -> _Mono:
    """The weight of the body: a low note that falls."""
    t = np.arange(_size()) / RATE
    phase = 2 * np.pi * hz * (t + 0.012 * np.exp(-t / 0.015))
    return np.sin(phase) * decaying(_size(), seconds, 0.003)


def _band(rng: np.random.Generator, low: float, high: float) -> _Mono:
    sos = butter(2, (low, high), btype="bandpass", fs=RATE, output="sos")
    made: _Mono = sosfilt(sos, rng.standard_normal(_size() + 512))[512:]
    return made / max(float(made.std()), 1e-9)


def _grains(
    rng: np.random.Generator, number: int, low: float, high: float, until_s: float
) -> _Mono:
    """Many tiny cracks, dense at first: gravel, snow."""
    hits = np.zeros(_size())
    places = (rng.beta(0.8, 2.4, number) * until_s * RATE).astype(int)
    np.add.at(hits, places, rng.exponential(1.0, number) * rng.choice((-1.0, 1.0), number))
    sos = butter(1, (low, high), btype="bandpass", fs=RATE, output="sos")
    made: _Mono = sosfilt(sos, hits)
    return made / max(float(np.abs(made).max()), 1e-9)


def _delayed(sound: _Mono, seconds: float) -> _Mono:
    shift = int(seconds * RATE)
    return np.concatenate((np.zeros(shift), sound[: sound.size - shift]))


def _path(rng: np.random.Generator) -> _Mono:
    heel = 0.5 * _thud(rng.uniform(85.0, 105.0), 0.11)
    contact = 0.2 * _band(rng, 400.0, 5000.0) * decaying(_size(), 0.05)
    crunch = 1.1 * _grains(rng, 130, 900.0, 6500.0, 0.2)
    toe = _delayed(0.10 * _band(rng, 900.0, 7000.0) * decaying(_size(), 0.11, 0.012), 0.085)
    return heel + contact + crunch + toe


def _sand(rng: np.random.Generator) -> _Mono:
    press = 0.22 * _band(rng, 180.0, 1500.0) * decaying(_size(), 0.16, 0.004)
    push = _delayed(0.12 * _band(rng, 500.0, 3200.0) * decaying(_size(), 0.2, 0.03), 0.07)
    return 0.45 * _thud(rng.uniform(60.0, 72.0), 0.12) + press + push


def _wet(rng: np.random.Generator) -> _Mono:
    heel = 0.22 * _band(rng, 1200.0, 5200.0) * decaying(_size(), 0.035, 0.0005)
    splash = 0.10 * _band(rng, 2500.0, 9000.0) * decaying(_size(), 0.17, 0.006)
    toe = _delayed(0.10 * _band(rng, 1500.0, 6000.0) * decaying(_size(), 0.05), 0.09)
    return 0.45 * _thud(rng.uniform(95.0, 120.0), 0.08) + heel + splash + toe


def _wood(rng: np.random.Generator) -> _Mono:
    board = rng.uniform(0.92, 1.08)
    ring = sum(
        share * _thud(hz * board, seconds)
        for hz, share, seconds in ((98.0, 0.6, 0.16), (212.0, 0.32, 0.10), (365.0, 0.16, 0.07))
    )
    click = 0.12 * _band(rng, 900.0, 4200.0) * decaying(_size(), 0.025, 0.0005)
    toe = _delayed(0.14 * _thud(150.0 * board, 0.07), 0.095)
    return np.asarray(ring) + click + toe


def _snow(rng: np.random.Generator) -> _Mono:
    creak = 0.9 * _grains(rng, 180, 500.0, 3600.0, 0.26)
    press = 0.12 * _band(rng, 250.0, 1800.0) * decaying(_size(), 0.22, 0.005)
    return 0.4 * _thud(rng.uniform(62.0, 75.0), 0.1) + creak + press


_STEPS: Mapping[Ground, Callable[[np.random.Generator], _Mono]] = MappingProxyType(
    {
        Ground.PATH: _path,
        Ground.SAND: _sand,
        Ground.WET: _wet,
        Ground.WOOD: _wood,
        Ground.SNOW: _snow,
    }
)
