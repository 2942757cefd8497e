"""Sound that is made here: speech-like, with pauses, and music-like. No recording is needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from provenance.watermark.keys import epoch_key

Sound = NDArray[np.float32]
Maker = Callable[..., Sound]

PAYLOAD = 0x0123_4567_89AB_CDEF
_FORMANTS = np.array(
    [(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410)]
)


def make_speech(seed: int, seconds: float = 6.0, rate: int = 16_000) -> Sound:
    """Syllables of a buzzing source through three formants, fricatives, and pauses."""
    rng = np.random.default_rng(seed)
    total = round(seconds * rate)
    sound = np.zeros(total)
    start = 0
    while start < total:
        length = min(round(rng.uniform(0.09, 0.28) * rate), total - start)
        if rng.random() < 0.25:
            piece = np.diff(rng.normal(size=length + 1)) * 0.15
        else:
            piece = _vowel(rng, length, rate)
        sound[start : start + length] += piece * np.hanning(length) ** 0.5
        start += length + round((rng.random() < 0.15) * rng.uniform(0.1, 0.5) * rate)
    sound = 0.2 * sound / np.abs(sound).max() * 3 + rng.normal(0, 1e-4, total)
    return np.clip(sound, -0.9, 0.9).astype(np.float32)


def _vowel(rng: np.random.Generator, length: int, rate: int) -> NDArray[np.float64]:
    pitch = rng.uniform(95, 210) * np.linspace(1, rng.uniform(0.85, 1.15), max(length, 1))
    phase = np.cumsum(pitch / rate)
    source = np.diff(np.floor(phase), prepend=0.0) + rng.normal(0, 0.02, length)
    voiced = source
    for formant in _FORMANTS[rng.integers(len(_FORMANTS))] * rng.uniform(0.9, 1.1):
        if formant < 0.45 * rate:
            radius = np.exp(-np.pi * 90 / rate)
            voiced = lfilter(
                [1.0], [1, -2 * radius * np.cos(2 * np.pi * formant / rate), radius**2], voiced
            )
    return voiced / (np.abs(voiced).max() + 1e-9) * rng.uniform(0.4, 1.0)


def make_music(seed: int, seconds: float = 6.0, rate: int = 48_000) -> Sound:
    """Decaying harmonic notes, panned, and drums; (N, 2)."""
    rng = np.random.default_rng(seed)
    total = round(seconds * rate)
    sound = np.zeros((total, 2))
    for start in np.arange(0, total - rate // 10, round(0.25 * rate)):
        length = min(round(rng.uniform(0.4, 1.4) * rate), total - start)
        time = np.arange(length) / rate
        base = 110 * 2 ** (rng.choice([0, 2, 4, 7, 9, 12, 16, 19, 24]) / 12)
        note = sum(np.sin(2 * np.pi * base * k * time) / k for k in range(1, 12))
        pan = rng.uniform(0.2, 0.8)
        sound[start : start + length] += np.outer(note * np.exp(-3 * time), (pan, 1 - pan))
        drum = rng.normal(size=length) * np.exp(-30 * time)
        sound[start : start + length] += 0.6 * (rng.random() < 0.6) * drum[:, None]
    sound += rng.normal(0, 3e-4, sound.shape)
    return (0.6 * sound / np.abs(sound).max()).astype(np.float32)


@pytest.fixture(scope="session")
def speech() -> Maker:
    return make_speech


@pytest.fixture(scope="session")
def music() -> Maker:
    return make_music


@pytest.fixture(scope="session")
def key() -> bytes:
    return epoch_key(b"a master secret of 32 bytes, ok?", 1, "sound")


@pytest.fixture(scope="session")
def payload() -> int:
    return PAYLOAD


def ratio_db(sound: Sound, marked: Sound) -> float:
    """The energy of the sound over that of what was added, in dB."""
    added = np.sum(np.square(marked.astype(np.float64) - sound))
    return float(10 * np.log10(np.sum(np.square(sound.astype(np.float64))) / added))


@pytest.fixture(scope="session")
def snr() -> Callable[[Sound, Sound], float]:
    return ratio_db
