from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from provenance.watermark.errors import BadKey, BadPayload, CannotCarry
from provenance.watermark.sound import BadSound, SoundDetector, SoundMark


@pytest.mark.parametrize("kind", ["speech", "music"])
def test_the_change_stays_under_the_ratio(kind, request, key, payload, snr):
    rate = 16_000 if kind == "speech" else 48_000
    sound = request.getfixturevalue(kind)(1, 6.0, rate)
    marked = SoundMark(key, payload, rate).embed(sound)
    assert marked.shape == sound.shape
    assert marked.dtype == np.float32
    assert snr(sound, marked) >= 22.0
    assert snr(sound, SoundMark(key, payload, rate, snr_db=30.0).embed(sound)) >= 30.0


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_every_rate_carries_it(rate, speech, key, payload):
    sound = resample_poly(speech(2, 6.0), rate, 16_000).astype(np.float32)
    marked = SoundMark(key, payload, rate).embed(sound)
    assert marked.shape == sound.shape
    assert SoundDetector(key).detect(marked, rate).short_id == payload >> 32


def test_a_surround_mix_and_its_downmix_carry_it(speech, key, payload):
    rate = 16_000
    centre, hall = speech(3, 6.0), speech(4, 6.0)
    silent = np.zeros_like(centre)
    sound = np.stack([hall, 0.7 * hall, centre, silent, 0.3 * hall, 0.3 * centre], axis=1)
    marked = SoundMark(key, payload, rate).embed(sound)
    assert marked.shape == sound.shape
    assert not marked[:, 3].any()
    mix = (marked @ np.array([0.4, 0.4, 0.3, 0.0, 0.2, 0.2])).astype(np.float32)
    for copy in (marked, mix, marked[:, :2]):
        assert SoundDetector(key).detect(copy, rate).short_id == payload >> 32


def test_channels_that_cancel_carry_it(speech, key, payload):
    sound = speech(5, 6.0)
    marked = SoundMark(key, payload, 16_000).embed(np.stack([sound, -sound], axis=1))
    assert SoundDetector(key).detect(marked, 16_000).short_id == payload >> 32


def test_it_never_clips(speech, key, payload):
    sound = np.clip(20 * speech(6, 6.0), -1.0, 1.0)
    assert np.mean(np.abs(sound) == 1.0) > 0.05
    marked = SoundMark(key, payload, 16_000).embed(sound)
    assert np.abs(marked).max() <= 1.0
    assert SoundDetector(key).detect(marked, 16_000).short_id == payload >> 32


def test_pauses_stay_silent(speech, key, payload):
    sound = speech(7, 8.0)
    sound[40_000:72_000] = 0.0
    marked = SoundMark(key, payload, 16_000).embed(sound)
    assert not marked[41_000:71_000].any()
    assert SoundDetector(key).detect(marked, 16_000).payload == payload


def test_mostly_silent_sound_carries_it(speech, key, payload):
    sound = np.zeros(16_000 * 20, np.float32)
    sound[16_000 * 11 : 16_000 * 16] = speech(8, 5.0)
    marked = SoundMark(key, payload, 16_000).embed(sound)
    assert SoundDetector(key).detect(marked, 16_000).short_id == payload >> 32


def test_the_same_sound_gives_the_same_result(speech, key, payload):
    mark = SoundMark(key, payload, 16_000)
    sound = speech(9, 4.0)
    before = sound.copy()
    assert np.array_equal(mark.embed(sound), mark.embed(sound))
    assert np.array_equal(sound, before)


@pytest.mark.parametrize(
    ("sound", "because"),
    [
        (np.zeros(80_000, np.float32), "silent"),
        (np.zeros(0, np.float32), "silent"),
        (np.full(1, 0.5, np.float32), "less than"),
        (np.full((8_000, 2), 0.5, np.float32), "less than"),
        (np.full(80_000, 0.5, np.float32), "too little sound"),
    ],
    ids=["digital silence", "nothing", "one sample", "half a second", "a constant"],
)
def test_what_cannot_carry_it_is_refused(sound, because, key, payload):
    with pytest.raises(CannotCarry, match=because):
        SoundMark(key, payload, 16_000).embed(sound)


def test_too_little_speech_is_refused(speech, key, payload):
    sound = np.zeros(16_000 * 6, np.float32)
    sound[16_000 : 16_000 + 6_000] = speech(10, 6.0)[:6_000]
    with pytest.raises(CannotCarry, match="too little sound"):
        SoundMark(key, payload, 16_000).embed(sound)


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (np.zeros(80_000, np.int16), "int16"),
        ([0.0] * 80_000, "list"),
        (np.full(80_000, np.nan, np.float32), "finite"),
        (np.full(80_000, np.inf, np.float32), "finite"),
        (np.zeros((2, 80_000), np.float32), "not"),
        (np.zeros((80_000, 3), np.float32), "not"),
        (np.zeros((10, 2, 2), np.float32), "not"),
    ],
    ids=["int", "list", "nan", "inf", "channels first", "three channels", "three axes"],
)
def test_other_samples_are_refused(sound, why, key, payload):
    with pytest.raises(BadSound, match=why):
        SoundMark(key, payload, 16_000).embed(sound)
    with pytest.raises(BadSound, match=why):
        SoundDetector(key).detect(sound, 16_000)


@pytest.mark.parametrize("rate", [7_999, 192_001, 16_000.0, True, "16000"])
def test_other_rates_are_refused(rate, key, payload):
    with pytest.raises(BadSound, match="rate"):
        SoundMark(key, payload, rate)
    with pytest.raises(BadSound, match="rate"):
        SoundDetector(key).detect(np.zeros(80_000, np.float32), rate)


def test_bad_keys_payloads_and_ratios_are_refused(key, payload):
    with pytest.raises(BadKey):
        SoundMark(b"short", payload, 16_000)
    with pytest.raises(BadKey):
        SoundDetector(b"short")
    with pytest.raises(BadPayload):
        SoundMark(key, 1 << 64, 16_000)
    with pytest.raises(CannotCarry, match="ratio"):
        SoundMark(key, payload, 16_000, snr_db=3.0)
