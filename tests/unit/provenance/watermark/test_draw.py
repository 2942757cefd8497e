import cv2
import numpy as np
import pytest

from provenance.watermark import draw

CELLS = np.sign(np.random.default_rng(1).normal(size=(20, 30))).astype(np.float32)


def test_a_cell_shows_its_sign_at_its_middle() -> None:
    drawn = draw.draw(CELLS, 6, margin=cv2.BORDER_REFLECT)
    assert drawn.shape == (120, 180)
    assert np.mean(np.sign(drawn[3::6, 3::6]) == CELLS) > 0.97


def test_slow_changes_of_brightness_are_left_out() -> None:
    drawn = draw.draw(CELLS, 6, margin=cv2.BORDER_REFLECT)
    slow = cv2.GaussianBlur(drawn, (0, 0), 18)
    assert np.abs(slow).max() < 0.1 * drawn.std()


@pytest.mark.parametrize("cell", [3.0, 5.33, 8.0, 12.0])
def test_any_cell_size_covers_the_picture(cell: float) -> None:
    size = (round(30 * cell), round(20 * cell))
    laid = draw.cover(CELLS, cell, size)
    assert laid.shape == size[::-1]
    assert np.mean(np.square(laid)) == pytest.approx(1.0, rel=1e-3)
    y, x = (((np.arange(n) + 0.5) * cell).astype(int) for n in CELLS.shape)
    assert np.mean(np.sign(laid[np.ix_(y, x)]) == CELLS) > 0.95
