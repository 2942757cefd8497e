import numpy as np
import pytest

from provenance.watermark.errors import BadFrame
from provenance.watermark.window import FRAMES_PER_SECOND, WINDOW_SECONDS, windows


def frames(count: int, shape: tuple[int, int] = (90, 160)) -> list[np.ndarray]:
    return [np.full(shape, n % 256, np.uint8) for n in range(count)]


def test_a_long_clip_is_cut_into_windows() -> None:
    found = list(windows(iter(frames(30 * 10)), 10.0))
    assert [w.times[0] for w in found] == pytest.approx([0.0, 12.0, 24.0])
    assert [w.until for w in found] == pytest.approx([12.0, 24.0, 30.0])
    assert all(len(w.frames) <= WINDOW_SECONDS * FRAMES_PER_SECOND for w in found)


def test_frames_are_thinned_out_and_keep_their_times() -> None:
    (window,) = windows(frames(48), 24.0)
    assert len(window.frames) == 24
    assert [f[0, 0] / 24 for f in window.frames] == pytest.approx(window.times)


def test_a_slow_clip_keeps_every_frame() -> None:
    (window,) = windows(frames(6), 2.0)
    assert window.times.tolist() == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]


def test_a_still_is_one_window() -> None:
    (window,) = windows(frames(1), 0.0)
    assert window.times.tolist() == [0.0]


def test_large_frames_are_examined_smaller() -> None:
    (window,) = windows(frames(1, (1440, 2560)), 24.0)
    assert window.size == (1280, 720)
    assert window.reduction == 0.5


def test_ten_bits_are_examined_as_eight() -> None:
    (window,) = windows([np.full((90, 160), 400, np.uint16)], 24.0)
    assert window.frames[0].dtype == np.uint8
    assert window.frames[0][0, 0] == 100


def test_a_decoders_buffer_is_not_kept() -> None:
    buffer = np.zeros((90, 160), np.uint8)

    def reused() -> object:
        for level in (10, 20):
            buffer[:] = level
            yield buffer

    (window,) = windows(reused(), 1.0)
    assert [f[0, 0] for f in window.frames] == [10, 20]


def test_nothing_gives_nothing() -> None:
    assert list(windows([], 24.0)) == []


@pytest.mark.parametrize(
    "bad",
    [
        [np.zeros((90, 160), np.float32)],
        [np.zeros((90, 160, 3), np.uint8)],
        [np.zeros((8, 160), np.uint8)],
        [np.zeros((90, 160), np.uint8), np.zeros((90, 162), np.uint8)],
    ],
    ids=["float", "colour", "tiny", "another-size"],
)
def test_other_frames_are_refused(bad: list[np.ndarray]) -> None:
    with pytest.raises(BadFrame):
        list(windows(bad, 24.0))


@pytest.mark.parametrize("fps", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(fps: float) -> None:
    with pytest.raises(BadFrame, match="frame rate"):
        list(windows(frames(1), fps))


def test_stretches_are_spread_over_the_window() -> None:
    (window,) = windows(frames(72), 12.0)
    planes, x, y = window.planes(3.0, 0.5, 4)
    assert len(planes) == 4
    assert planes[0].shape == (90, 160)
    assert (x, y) == (1.0, 1.0)
    smaller, x, _ = window.planes(8.0, 0.5, 4)
    assert smaller[0].shape == (45, 80)
    assert x == 0.5
