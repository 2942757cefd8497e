import numpy as np

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
    assert whiten.shrink_for(8.0) == 0.5
    assert whiten.shrink_for(3.0) == 1.0
    frame = np.zeros((720, 1280), np.uint8)
    assert whiten.reduced(frame, 0.5).shape == (360, 640)
    assert whiten.reduced(frame, 1.0) is frame
