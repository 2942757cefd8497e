from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import butter, resample_poly, sosfilt

from provenance.watermark.keys import epoch_key
from provenance.watermark.sound import SoundDetector, SoundMark

RATE = 16_000


@pytest.fixture(scope="module")
def marked(speech, key, payload):
    return SoundMark(key, payload, RATE).embed(speech(21, 12.0))


@pytest.fixture(scope="module")
def detector(key):
    return SoundDetector(key)


def resampled(sound, factor):
    """Change the number of samples by a factor."""
    ratio = Fraction(factor).limit_denominator(500)
    return resample_poly(sound, ratio.numerator, ratio.denominator).astype(np.float32)


def test_a_whole_copy_gives_the_payload(marked, detector, payload):
    found = detector.detect(marked, RATE)
    assert (found.level, found.payload, found.short_id) == ("full", payload, payload >> 32)
    assert found.confidence >= found.threshold
    assert found.speed == pytest.approx(1.0, abs=1e-3)
    assert found.offset % 10.368 == pytest.approx(0.0, abs=0.01)
    assert found.spans[0][0] < 0.5
    assert found.spans[-1][1] > 11.5


@pytest.mark.parametrize("start", [0.0, 0.9137, 3.21, 6.98])
def test_five_seconds_from_anywhere_give_the_short_id(start, marked, detector, payload):
    first = round(start * RATE)
    found = detector.detect(marked[first : first + 5 * RATE], RATE)
    assert found.short_id == payload >> 32
    assert found.offset == pytest.approx(start, abs=0.01)


@pytest.mark.parametrize("speed", [0.9, 1.037, 1.1])
def test_another_speed_is_found(speed, marked, detector, payload):
    found = detector.detect(resampled(marked[: 5 * RATE], 1 / speed), RATE)
    assert found.short_id == payload >> 32
    assert found.speed == pytest.approx(speed, rel=2e-3)


def quieter(sound, rate):
    return sound * np.float32(0.1), rate


def noisy(sound, rate):
    noise = np.random.default_rng(1).normal(0, sound.std() * 10 ** (-25 / 20), sound.shape)
    return (sound + noise).astype(np.float32), rate


def telephone(sound, rate):
    return resample_poly(sound, 1, 2).astype(np.float32), rate // 2


def dull(sound, rate):
    return sosfilt(butter(8, 4_000, fs=rate, output="sos"), sound).astype(np.float32), rate


def echoing(sound, rate):
    delay = round(0.08 * rate)
    return np.concatenate([sound[:delay], sound[delay:] + 0.4 * sound[:-delay]]), rate


def coarse(sound, rate):
    return (np.round(sound * 256) / 256).astype(np.float32), rate


@pytest.mark.parametrize("change", [quieter, noisy, telephone, dull, echoing, coarse])
def test_ordinary_processing_leaves_it(change, marked, detector, payload):
    found = detector.detect(*change(marked[RATE : 7 * RATE], RATE))
    assert found.short_id == payload >> 32


def test_music_carries_it(music, key, payload):
    marked = SoundMark(key, payload, 48_000).embed(music(22, 8.0))
    found = SoundDetector(key).detect(marked[70_000:310_000], 48_000)
    assert found.short_id == payload >> 32
    assert SoundDetector(key).detect(marked.mean(axis=1), 48_000).payload == payload


def test_spans_tell_what_is_marked(speech, marked, detector, payload):
    joined = np.concatenate([speech(23, 8.0), marked, speech(24, 8.0)])
    found = detector.detect(joined, RATE)
    assert found.payload == payload
    assert found.spans[0][0] == pytest.approx(8.0, abs=1.0)
    assert found.spans[-1][1] == pytest.approx(20.0, abs=1.0)


def test_unmarked_sound_gives_nothing(speech, detector):
    found = detector.detect(speech(25, 5.0), RATE)
    assert not found.found
    assert (found.short_id, found.payload, found.level, found.spans) == (None, None, None, ())
    assert 0 < found.confidence < found.threshold


def test_another_key_finds_nothing(marked):
    other = epoch_key(b"a master secret of 32 bytes, ok?", 2, "sound")
    assert not SoundDetector(other).detect(marked[: 4 * RATE], RATE).found


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.full(1, 0.3, np.float32),
        np.zeros(RATE // 2, np.float32),
        np.zeros(3 * RATE, np.float32),
        np.full(3 * RATE, 0.5, np.float32),
    ],
    ids=["nothing", "one sample", "short", "silence", "a constant"],
)
def test_what_says_nothing_gives_nothing(sound, detector):
    assert not detector.detect(sound, RATE).found


def test_more_keys_need_a_higher_statistic(key, speech):
    sound = speech(27, 0.5)
    few = SoundDetector(key, keys_tried=1).detect(sound, RATE).threshold
    assert SoundDetector(key, keys_tried=1000).detect(sound, RATE).threshold > few
