from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from generator.request import VoiceProfile
from generator.speech import japanese, measure_profile
from generator.speech.adapt import Target, adapt
from generator.speech.errors import TooLittleVoiceError
from generator.speech.profile import BANDS
from generator.speech.values import Raw

TEXT = "今日は天気がいいので、川まで歩きましょう。"


@pytest.fixture(scope="module")
def raw() -> Raw:
    said = japanese.say(TEXT)
    return Raw(samples=resample_poly(said.samples, 1, 3), rate=16_000, phones=said.phones)


@pytest.fixture(scope="module")
def own(raw: Raw) -> VoiceProfile:
    return measure_profile(raw.samples, raw.rate)


def test_a_profile_tells_pitch_and_colour(own: VoiceProfile) -> None:
    assert 250 < own.f0_hz < 420
    assert 0.5 < own.f0_spread < 8
    assert own.envelope is not None
    assert own.envelope.shape == (BANDS,)
    assert own.envelope.dtype == np.float32
    assert abs(float(own.envelope.mean())) < 1e-4


def test_a_profile_does_not_depend_on_loudness(raw: Raw, own: VoiceProfile) -> None:
    quiet = measure_profile(0.1 * raw.samples, raw.rate)
    assert quiet.f0_hz == pytest.approx(own.f0_hz, rel=0.01)
    assert own.envelope is not None
    assert quiet.envelope is not None
    np.testing.assert_allclose(quiet.envelope, own.envelope, atol=0.15)


def test_a_narrow_recording_gives_no_envelope(raw: Raw) -> None:
    profile = measure_profile(raw.samples[::2].copy(), 8000)
    assert profile.envelope is None


@pytest.mark.parametrize(
    "samples", [np.zeros(0), np.zeros(96_000), np.full(96_000, np.nan), np.zeros((96_000, 2))]
)
def test_silence_is_no_voice(samples: np.ndarray) -> None:
    with pytest.raises(TooLittleVoiceError):
        measure_profile(samples, 48_000)


@pytest.mark.parametrize("hz", [110.0, 250.0])
def test_pitch_moves_to_the_target(raw: Raw, hz: float) -> None:
    moved = measure_profile(adapt(raw, Target(f0_hz=hz)).samples, raw.rate)
    assert moved.f0_hz == pytest.approx(hz, rel=0.06)


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_spread_moves_to_the_target(raw: Raw, own: VoiceProfile, factor: float) -> None:
    goal = own.f0_spread * factor
    moved = measure_profile(adapt(raw, Target(f0_spread=goal)).samples, raw.rate)
    assert moved.f0_spread == pytest.approx(goal, rel=0.3)
    assert moved.f0_hz == pytest.approx(own.f0_hz, rel=0.08)


def test_the_envelope_moves_most_of_the_way(raw: Raw, own: VoiceProfile) -> None:
    assert own.envelope is not None
    bend = np.linspace(-1.5, 1.5, BANDS, dtype=np.float32)
    goal = own.envelope + bend
    moved = measure_profile(adapt(raw, Target(envelope=goal)).samples, raw.rate).envelope
    assert moved is not None
    assert np.abs(moved - goal).mean() < 0.4 * np.abs(bend).mean()


def test_formants_move_up_and_down(raw: Raw) -> None:
    def centroid(formant: float) -> float:
        samples = adapt(raw, Target(formant=formant)).samples
        power = np.abs(np.fft.rfft(samples)) ** 2
        hz = np.fft.rfftfreq(samples.size, 1 / raw.rate)
        return float((hz * power).sum() / power.sum())

    assert centroid(0.8) < centroid(1.0) < centroid(1.15)


def test_tempo_shortens_samples_and_phones_alike(raw: Raw) -> None:
    quick = adapt(raw, Target(tempo=1.25))
    assert quick.samples.shape[0] == round(raw.samples.shape[0] / 1.25)
    assert quick.phones[-1].end_s == pytest.approx(raw.phones[-1].end_s / 1.25)
    assert [p.label for p in quick.phones] == [p.label for p in raw.phones]


def test_it_is_deterministic_and_does_nothing_when_asked_nothing(raw: Raw) -> None:
    assert adapt(raw, Target()) is raw
    first, second = (adapt(raw, Target(f0_hz=120.0)).samples for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_silence_survives(raw: Raw) -> None:
    silent = Raw(samples=np.zeros(24_000), rate=16_000, phones=raw.phones)
    assert np.abs(adapt(silent, Target(f0_hz=120.0, formant=0.9)).samples).max() < 1e-3
