from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark.sound import spectrum
from provenance.watermark.sound.grid import BANDS, BINS, band_weights
from provenance.watermark.sound.samples import from_analysis, to_analysis


@pytest.mark.parametrize("length", [1, 300, 384, 4_999, 5_000])
def test_spectra_come_back(length):
    sound = np.random.default_rng(1).normal(size=length).astype(np.float32)
    found = spectrum.spectra(sound, spectrum.SYNTHESIS_HOP)
    assert len(found) == spectrum.frame_count(length, spectrum.SYNTHESIS_HOP)
    back = spectrum.samples(found, length)
    inner = slice(spectrum.SYNTHESIS_HOP, -spectrum.SYNTHESIS_HOP)
    assert back.shape == sound.shape
    assert np.allclose(back[inner], sound[inner], atol=1e-5)
    assert (np.abs(back) <= np.abs(sound) + 1e-5).all()


def test_bands_do_not_overlap_and_follow_the_pitch():
    weights = band_weights(1.0)
    assert weights.shape == (BINS, BANDS)
    assert (weights.sum(axis=1) <= 1 + 1e-5).all()
    centre = np.arange(BINS) @ weights / weights.sum(axis=0)
    raised = np.arange(BINS) @ band_weights(1.02) / band_weights(1.02).sum(axis=0)
    assert np.allclose(raised / centre, 1.02, atol=5e-3)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_a_tone_survives_both_ways(rate):
    tone = np.sin(2 * np.pi * 1_000 * np.arange(rate) / rate).astype(np.float32)[:, None]
    back = from_analysis(to_analysis(tone, rate), rate, len(tone))
    assert back.shape == tone.shape
    inner = slice(rate // 10, -rate // 10)
    assert np.allclose(back[inner], tone[inner], atol=0.02)


def test_what_lies_under_the_mark_is_left_out():
    rumble = 0.5 + 0.3 * np.sin(2 * np.pi * 40 * np.arange(16_000) / 16_000)
    left = to_analysis(rumble.astype(np.float32)[:, None], 16_000)
    assert np.abs(left[2_000:-2_000]).max() < 1e-3
