from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, resample_poly, sosfilt

from provenance.fingerprint.sound import THRESHOLD, recognise_sound, sound_fingerprint
from provenance.watermark.sound import BadSound

RATE = 16_000
Sound = NDArray[np.float32]


def voice(seed: int, seconds: float = 8.0) -> Sound:
    """Syllables of one speaker: the seed changes what is said, not the voice."""
    rng = np.random.default_rng(seed)
    total = round(seconds * RATE)
    sound = rng.normal(0, 1e-4, total)
    start = 0
    while start < total:
        length = min(round(rng.uniform(0.08, 0.25) * RATE), total - start)
        source = np.diff(np.floor(np.arange(length) * rng.uniform(100, 160) / RATE), prepend=0.0)
        source = source + rng.normal(0, 0.05, length)
        for formant in rng.uniform((300, 900, 2200), (800, 2100, 3000)):
            turn = -2 * 0.98 * np.cos(2 * np.pi * formant / RATE)
            source = lfilter([1.0], [1, turn, 0.98**2], source)
        sound[start : start + length] += 0.3 * source / np.abs(source).max() * np.hanning(length)
        start += length + round((rng.random() < 0.15) * 0.3 * RATE)
    return sound.astype(np.float32)


@pytest.fixture(scope="module")
def spoken() -> Sound:
    return voice(1)


@pytest.fixture(scope="module")
def reference(spoken):
    return sound_fingerprint(spoken, RATE)


def resampled(sound: Sound, factor: float) -> Sound:
    ratio = Fraction(factor).limit_denominator(500)
    return resample_poly(sound, ratio.numerator, ratio.denominator).astype(np.float32)


def test_the_sound_itself_agrees(spoken, reference):
    outcome = recognise_sound(reference, spoken, RATE)
    assert outcome.agrees
    assert outcome.score > 0.99
    assert outcome.reason == "fingerprint.agrees"
    assert outcome.seconds_compared == pytest.approx(8.0, abs=0.2)
    assert outcome.offset_s == 0.0


@pytest.mark.parametrize("start", [0.0, 1.37, 4.96])
def test_three_seconds_from_anywhere_agree(start, spoken, reference):
    first = round(start * RATE)
    outcome = recognise_sound(reference, spoken[first : first + 3 * RATE], RATE)
    assert outcome.agrees
    assert outcome.offset_s == pytest.approx(start, abs=0.05)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: (0.05 * s, RATE),
        lambda s: (s + np.random.default_rng(2).normal(0, 0.1 * s.std(), s.shape), RATE),
        lambda s: (resample_poly(s, 1, 2), RATE // 2),
        lambda s: (resample_poly(s, 3, 1), 3 * RATE),
        lambda s: (sosfilt(butter(4, 3_000, fs=RATE, output="sos"), s), RATE),
        lambda s: (s + 0.4 * np.roll(s, RATE // 12), RATE),
        lambda s: (np.stack([s, 0.5 * s], axis=1), RATE),
        lambda s: (np.round(s * 128) / 128, RATE),
    ],
    ids=["volume", "noise", "8 kHz", "48 kHz", "low-pass", "echo", "stereo", "8 bits"],
)
def test_ordinary_processing_agrees(change, spoken, reference):
    changed, rate = change(spoken[: 5 * RATE])
    assert recognise_sound(reference, changed.astype(np.float32), rate).agrees


@pytest.mark.parametrize("speed", [0.9, 1.1])
def test_another_speed_agrees_where_it_is_given(speed, spoken, reference):
    changed = resampled(spoken, 1 / speed)
    assert recognise_sound(reference, changed, RATE, speed=speed).agrees
    assert not recognise_sound(reference, changed, RATE).agrees


@pytest.mark.parametrize("seed", range(2, 14))
def test_other_words_of_the_same_voice_differ(seed, reference):
    outcome = recognise_sound(reference, voice(seed, 4.0), RATE)
    assert not outcome.agrees
    assert outcome.score < THRESHOLD
    assert outcome.reason == "fingerprint.differs"


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(5 * RATE, np.float32),
        np.zeros(0, np.float32),
        np.full(1, 0.5, np.float32),
        np.full(5 * RATE, 0.5, np.float32),
    ],
    ids=["silence", "nothing", "one sample", "a constant"],
)
def test_what_says_nothing_does_not_agree(sound, reference):
    for outcome in (
        recognise_sound(reference, sound, RATE),
        recognise_sound(sound_fingerprint(sound, RATE), sound, RATE),
    ):
        assert not outcome.agrees
        assert outcome.reason == "fingerprint.too_little_information"


def test_a_moment_is_too_little(spoken, reference):
    outcome = recognise_sound(reference, spoken[RATE : RATE + RATE // 8], RATE)
    assert not outcome.agrees


def test_other_samples_are_refused(reference):
    for wrong in (np.zeros(100, np.int16), np.full(100, np.nan, np.float32)):
        with pytest.raises(BadSound):
            sound_fingerprint(wrong, RATE)
        with pytest.raises(BadSound):
            recognise_sound(reference, wrong, RATE)
    with pytest.raises(BadSound, match="speed"):
        recognise_sound(reference, np.zeros(100, np.float32), RATE, speed=3.0)
