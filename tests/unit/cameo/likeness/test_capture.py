from __future__ import annotations

import numpy as np
import pytest

from cameo.likeness.capture import STORED_SIDE, Capture, to_speech_rate
from cameo.likeness.errors import CaptureUnusableError
from cameo.likeness.survey import survey


class NoFaces:
    """Finds nothing and counts how often it was asked."""

    name, accept, retry = "none", 1.0, 1.0

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def detect(self, frame, *, thorough=False, near=None):
        self.asked.append(frame.shape)
        return []


def capture(count: int, fps: float, **options) -> Capture:
    frames = (np.zeros((90, 120, 3), np.uint8) for _ in range(count))
    return Capture(frames=frames, fps=fps, samples=np.zeros(0, np.float32), rate=48_000, **options)


@pytest.mark.parametrize(
    ("rate", "count"), [(16_000, 16_000), (48_000, 48_000), (44_100, 44_100), (8000, 8000)]
)
def test_sound_comes_at_one_rate(rate, count) -> None:
    wave = np.sin(np.arange(count) * 440 * 2 * np.pi / rate)
    there = to_speech_rate(wave.astype(np.float32), rate)
    assert there.dtype == np.float32
    assert abs(there.size - 16_000) <= 1
    middle = there[1000:-1000]
    assert np.abs(middle).max() == pytest.approx(1.0, abs=0.02)


def test_wild_samples_are_tamed() -> None:
    wave = to_speech_rate(np.array([np.nan, np.inf, -np.inf, 5, -5, 0.5], np.float32), 16_000)
    assert wave.tolist() == [0, 0, 0, 1, -1, 0.5]


@pytest.mark.parametrize(("fps", "looks"), [(30.0, 40), (25.0, 40), (8.0, 40), (4.0, 20)])
def test_about_eight_looks_a_second(fps, looks) -> None:
    engine = NoFaces()
    seen = survey(capture(round(5 * fps), fps), engine)
    assert len(seen.looks) == pytest.approx(looks, abs=3)
    assert len(engine.asked) == len(seen.looks)
    assert seen.seconds == pytest.approx(5.0, abs=0.3)
    assert np.isnan(seen.yaws).all()


def test_given_times_are_used() -> None:
    times = [i * 0.5 for i in range(8)]
    seen = survey(capture(8, 1000.0, times=times), NoFaces())
    assert [look.at for look in seen.looks] == times


def test_large_pictures_are_reduced() -> None:
    frames = [np.zeros((1080, 1920, 3), np.uint8)] * 3
    engine = NoFaces()
    taken = Capture(frames=frames, fps=1.0, samples=np.zeros(0, np.float32), rate=16_000)
    survey(taken, engine)
    assert engine.asked[0] == (450, STORED_SIDE, 3)


@pytest.mark.parametrize("times", [[0.0, 1.0], [0.0, 2.0, 1.0, 3.0], [0.0, float("nan"), 1, 2]])
def test_wrong_times_are_refused(times) -> None:
    with pytest.raises(CaptureUnusableError):
        survey(capture(4, 25.0, times=times), NoFaces())


@pytest.mark.parametrize("shape", [(90, 121, 3), (90, 120), (90, 120, 4)])
def test_pictures_of_several_shapes_are_refused(shape) -> None:
    frames = [np.zeros((90, 120, 3), np.uint8)] * 30 + [np.zeros(shape, np.uint8)] * 30
    taken = Capture(frames=frames, fps=15.0, samples=np.zeros(0, np.float32), rate=16_000)
    with pytest.raises(CaptureUnusableError):
        survey(taken, NoFaces())


@pytest.mark.parametrize(("count", "fps"), [(0, 25.0), (20, 25.0), (61, 1.0 / 1.01)])
def test_lengths_that_are_refused(count, fps) -> None:
    with pytest.raises(CaptureUnusableError):
        survey(capture(count, fps), NoFaces())
