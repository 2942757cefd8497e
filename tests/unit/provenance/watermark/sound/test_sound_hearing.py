from __future__ import annotations

import numpy as np

from provenance.watermark.sound.grid import HIGH_EDGES, LOW_EDGES, RATE
from provenance.watermark.sound.hearing import limits_db
from provenance.watermark.sound.spectrum import SYNTHESIS_HOP, power

TIME = np.arange(RATE) / RATE


def limits(sound):
    found = power(sound.astype(np.float32)[:, None], SYNTHESIS_HOP)
    return limits_db(found)[5:-5].mean(axis=0)


def band_of(hz):
    return int(np.argmax((hz >= LOW_EDGES) & (hz < HIGH_EDGES)))


def test_noise_hides_more_than_a_tone():
    noise = np.random.default_rng(1).normal(0, 0.1, RATE)
    tone = 0.3 * np.sin(2 * np.pi * 1_000 * TIME)
    at = band_of(1_000)
    assert limits(tone)[at] < 1.0
    assert 2.5 < limits(noise)[at] < 6.0


def test_a_tone_hides_what_lies_just_above_it():
    quiet = np.random.default_rng(2).normal(0, 1e-3, RATE)
    tone = 0.3 * np.sin(2 * np.pi * 1_000 * TIME)
    alone = limits(quiet)[band_of(1_200)]
    assert limits(tone + quiet)[band_of(1_200)] != alone
    assert limits(tone + quiet)[band_of(1_200)] > limits(tone + quiet)[band_of(1_000)]


def test_what_is_under_the_threshold_in_quiet_may_change_most():
    assert (limits(np.random.default_rng(3).normal(0, 1e-6, RATE)) == 6.0).all()


def test_silence_is_no_error():
    assert np.isfinite(limits(np.zeros(RATE))).all()
