from collections.abc import Callable

import numpy as np
import pytest

from provenance.watermark import attacks, tile
from provenance.watermark.layout import Layout
from provenance.watermark.pattern import psnr_db
from provenance.watermark.payload import to_word
from provenance.watermark.video import VideoMark


def test_an_estimated_tile_looks_like_the_true_one(
    scene: Callable, key: bytes, payload: int
) -> None:
    mark = VideoMark(key, payload, (640, 360))
    frames = [mark.embed(f) for f in scene(21, (640, 360), count=12)]
    true = tile.draw(Layout.of(key).cells(to_word(key, payload)), 6)
    estimated = attacks.estimate_tile(frames)
    assert estimated.shape == true.shape
    assert np.corrcoef(estimated.ravel(), true.ravel())[0, 1] > 0.5


def test_an_unmarked_clip_gives_no_tile(scene: Callable, key: bytes, payload: int) -> None:
    true = tile.draw(Layout.of(key).cells(to_word(key, payload)), 6)
    estimated = attacks.estimate_tile(scene(22, (640, 360)))
    assert abs(np.corrcoef(estimated.ravel(), true.ravel())[0, 1]) < 0.1


def test_a_pasted_frame_has_the_wanted_quality(scene: Callable) -> None:
    estimated = np.random.default_rng(1).normal(size=(384, 384)).astype(np.float32)
    (luma,) = scene(23, (640, 360), count=1)
    assert psnr_db(luma, attacks.paste(luma, estimated, 42.0)) == pytest.approx(42.0, abs=0.3)
