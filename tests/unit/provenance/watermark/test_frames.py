from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.watermark.errors import BadFrame
from provenance.watermark.frames import EXAMINED_SHORT_SIDE, spread


def numbered(count: int) -> Iterator[np.ndarray]:
    for number in range(count):
        frame = np.zeros((64, 80), np.uint8)
        frame[0, :2] = divmod(number, 256)
        yield frame


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400), st.integers(1, 20))
def test_frames_are_spread_over_the_clip(total: int, count: int) -> None:
    chosen = [int(f[0, 0]) * 256 + int(f[0, 1]) for f in spread(numbered(total), count)]
    assert len(chosen) == min(total, count)
    assert chosen == sorted(set(chosen))
    if count > 1 and total > count:
        assert chosen[0] == 0
        assert chosen[-1] >= total - 1 - 2 * total / count


def test_frames_are_kept_although_the_buffer_is_reused() -> None:
    buffer = np.zeros((64, 64), np.uint8)

    def reusing() -> Iterator[np.ndarray]:
        for level in (10, 20):
            buffer[:] = level
            yield buffer

    assert [int(f[0, 0]) for f in spread(reusing(), 5)] == [10, 20]


def test_large_frames_are_made_smaller() -> None:
    (frame,) = spread([np.zeros((2160, 3840), np.uint8)], 1)
    assert frame.shape == (EXAMINED_SHORT_SIDE, 1280)


@pytest.mark.parametrize(
    "frames",
    [
        [np.zeros((64, 64, 3), np.uint8)],
        [np.zeros((64, 64), np.float32)],
        [np.zeros((63, 64), np.uint8)],
        [np.zeros((64, 64), np.uint8), np.zeros((64, 65), np.uint8)],
    ],
    ids=["colour", "float", "tiny", "changing"],
)
def test_other_frames_are_refused(frames: list[np.ndarray]) -> None:
    with pytest.raises(BadFrame):
        spread(frames, 4)
