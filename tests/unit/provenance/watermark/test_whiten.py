import numpy as np
import pytest

from provenance.watermark import whiten


def test_brightness_and_contrast_hardly_matter() -> None:
    rng = np.random.default_rng(1)
    picture = rng.normal(120, 20, (120, 160)).astype(np.float32)
    one = whiten.whiten(picture, 4.0)
    two = whiten.whiten(picture * 0.5 + 40, 4.0)
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] > 0.99
    assert np.abs(one).max() <= 2.0


def test_a_flat_picture_gives_nothing() -> None:
    assert np.abs(whiten.whiten(np.full((60, 60), 80, np.float32), 3.0)).max() < 1e-4


def test_large_cells_are_looked_for_in_smaller_frames() -> None:
    residual = whiten.accumulate([np.zeros((720, 1280), np.uint8)], 8.0)
    assert residual.plane.shape == (360, 640)
    assert (residual.shrink_x, residual.shrink_y) == (0.5, 0.5)


def test_what_moves_averages_out() -> None:
    rng = np.random.default_rng(2)
    still = rng.normal(0, 10, (96, 96))
    frames = [
        np.clip(128 + still + rng.normal(0, 20, still.shape), 0, 255).astype(np.uint8)
        for _ in range(24)
    ]
    few = np.corrcoef(whiten.accumulate(frames[:1], 3.0).plane.ravel(), still.ravel())[0, 1]
    many = np.corrcoef(whiten.accumulate(frames, 3.0).plane.ravel(), still.ravel())[0, 1]
    assert many > few + 0.2
    assert many == pytest.approx(1.0, abs=0.25)
