from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.watermark import attacks, draw
from provenance.watermark.chips import Plan
from provenance.watermark.detect import Detector
from provenance.watermark.pattern import psnr_db
from provenance.watermark.video import VideoMark

FPS = 12.0
SIZE = (640, 360)


def test_an_estimate_is_far_from_the_pattern_and_still_can_be_pasted(
    scene: Callable, key: bytes, payload: int
) -> None:
    # The weakness that the content fingerprint answers: see test_compare in fingerprint.
    mark = VideoMark(key, payload, SIZE)
    frames = [mark.embed(f, i / FPS) for i, f in enumerate(scene(21, SIZE, count=36))]
    learnt = attacks.estimate(frames, FPS)
    assert len(learnt.seconds) == 3
    for second, found in enumerate(learnt.seconds):
        assert 0.05 < attacks.correlation(found, mark.pattern(second)) < 0.75
    paste = attacks.Paste(learnt)
    other = [paste.apply(f, i / FPS) for i, f in enumerate(scene(55, SIZE, count=36))]
    assert Detector(key).detect(other, FPS, full=False).payload == payload


def test_averaging_over_the_clip_shows_less_than_over_a_second(
    scene: Callable, key: bytes, payload: int
) -> None:
    mark = VideoMark(key, payload, SIZE)
    frames = [mark.embed(f, i / FPS) for i, f in enumerate(scene(22, SIZE, count=48))]
    first = mark.pattern(0.0)
    whole = attacks.correlation(attacks.estimate(frames, FPS, still=True).at(0.0), first)
    second = attacks.correlation(attacks.estimate(frames, FPS).at(0.0), first)
    assert whole < second


def test_folding_shows_nothing_of_the_data(scene: Callable, key: bytes, payload: int) -> None:
    mark = VideoMark(key, payload, SIZE)
    frames = [mark.embed(f, i / FPS) for i, f in enumerate(scene(23, SIZE, count=36))]
    folded = attacks.folded(frames, 128)
    true = mark.pattern(0.0)[:128, :128]
    assert abs(attacks.correlation(folded, true)) < 0.35


def test_the_common_block_can_be_learnt_from_a_clear_clip(key: bytes, payload: int) -> None:
    # Stated in docs/watermark.md: the synchronisation pattern does repeat, up to signs.
    mark = VideoMark(key, payload, SIZE)
    flat = np.full((360, 640), 120, np.uint8)
    frames = [mark.embed(flat, float(i)) for i in range(6)]
    found = attacks.common_block(frames, 1.0)
    drawn = draw.draw(Plan.of(key).sync_block(), 6, margin=cv2.BORDER_CONSTANT)
    true = cv2.resize(drawn, found.shape[::-1], interpolation=cv2.INTER_AREA)
    assert abs(attacks.correlation(found, true)) > 0.5


def test_removal_costs_quality(scene: Callable, key: bytes, payload: int) -> None:
    mark = VideoMark(key, payload, SIZE)
    originals = scene(24, SIZE, count=24)
    frames = [mark.embed(f, i / FPS) for i, f in enumerate(originals)]
    removal = attacks.Removal(attacks.estimate(frames, FPS), 2.0)
    cleaned = [removal.apply(f, i / FPS) for i, f in enumerate(frames)]
    assert psnr_db(originals[0], cleaned[0]) < 40.0


def test_a_pasted_frame_has_the_wanted_quality_at_any_size(scene: Callable) -> None:
    noise = np.random.default_rng(1).normal(size=(360, 640)).astype(np.float32)
    (luma,) = scene(25, (800, 450), count=1)
    pasted = attacks.Paste(attacks.Estimate((noise,)), 42.0).apply(luma, 3.0)
    assert psnr_db(luma, pasted) == pytest.approx(42.0, abs=0.3)
