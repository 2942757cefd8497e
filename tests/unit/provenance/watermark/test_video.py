from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from provenance.watermark.errors import BadFrame, BadKey, BadPayload, CannotCarry
from provenance.watermark.pattern import psnr_db
from provenance.watermark.video import VideoMark


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (360, 640), (360, 288)])
@pytest.mark.parametrize("target", [43.0, 46.0])
def test_each_frame_is_at_the_target(
    scene: Callable, key: bytes, payload: int, size: tuple[int, int], target: float
) -> None:
    mark = VideoMark(key, payload, size, target)
    for luma in scene(3, size, count=2):
        assert psnr_db(luma, mark.embed(luma)) == pytest.approx(target, abs=0.3)


def test_a_frame_gives_the_same_result_in_any_order_and_thread(
    scene: Callable, key: bytes, payload: int
) -> None:
    frames = scene(4, (640, 360), count=6)
    mark = VideoMark(key, payload, (640, 360))
    forward = [mark.embed(f) for f in frames]
    backward = [VideoMark(key, payload, (640, 360)).embed(f) for f in reversed(frames)][::-1]
    with ThreadPoolExecutor(3) as pool:
        parallel = list(pool.map(mark.embed, frames))
    assert np.array_equal(mark.embed(frames[0], 0.99), forward[0])
    for one, two, three in zip(forward, backward, parallel, strict=True):
        assert np.array_equal(one, two)
        assert np.array_equal(one, three)


def test_the_input_is_left_alone(scene: Callable, key: bytes, payload: int) -> None:
    (luma,) = scene(5, (640, 360), count=1)
    before = luma.copy()
    marked = VideoMark(key, payload, (640, 360)).embed(luma)
    assert np.array_equal(luma, before)
    assert marked.dtype == np.uint8
    assert not np.array_equal(marked, before)


def test_frames_that_may_not_be_written_to_are_marked(key: bytes, payload: int) -> None:
    luma = np.frombuffer(bytes([90]) * 640 * 360, np.uint8).reshape(360, 640)
    assert VideoMark(key, payload, (640, 360)).embed(luma).shape == (360, 640)


def test_what_cannot_be_marked_is_refused(key: bytes, payload: int) -> None:
    with pytest.raises(CannotCarry):
        VideoMark(key, payload, (320, 60))
    with pytest.raises(CannotCarry):
        VideoMark(key, payload, (1280, 720), psnr_db=90.0)
    with pytest.raises(BadKey):
        VideoMark(b"short", payload, (1280, 720))
    with pytest.raises(BadPayload):
        VideoMark(key, -1, (1280, 720))
    with pytest.raises(BadFrame):
        VideoMark(key, payload, (640, 360)).embed(np.zeros((640, 360), np.uint8))
    for time in (-0.1, float("nan"), float("inf")):
        with pytest.raises(BadFrame, match="shown at"):
            VideoMark(key, payload, (640, 360)).embed(np.zeros((360, 640), np.uint8), time)


def test_each_second_has_a_pattern_of_its_own(key: bytes, payload: int) -> None:
    mark = VideoMark(key, payload, (640, 360))
    seconds = [mark.pattern(time).ravel() for time in (0.0, 1.0, 2.0, 17.0)]
    # A quarter of the cells repeats up to a sign for each of the 15 blocks.
    assert np.abs(np.corrcoef(seconds) - np.eye(4)).max() < 0.25
    assert np.array_equal(mark.pattern(0.5).ravel(), seconds[0])


def test_blocks_and_clips_share_nothing_that_averages_out(key: bytes, payload: int) -> None:
    one = VideoMark(key, payload, (1280, 720)).pattern(0.0)
    assert abs(np.corrcoef(one[:256, :256].ravel(), one[256:512, 256:512].ravel())[0, 1]) < 0.35
    other = VideoMark(key, payload + 1, (1280, 720)).pattern(0.0)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.25


def test_memory_does_not_grow_with_the_clip(key: bytes, payload: int) -> None:
    mark = VideoMark(key, payload, (96, 64))
    for second in range(50):
        mark.pattern(float(second))
    assert len(mark._patterns) <= 3
