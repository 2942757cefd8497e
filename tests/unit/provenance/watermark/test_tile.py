import numpy as np
import pytest

from provenance.watermark import tile
from provenance.watermark.layout import TILE_CELLS, Layout


@pytest.fixture(scope="module")
def cells(key: bytes) -> np.ndarray:
    return Layout.of(key).sync_cells()


def test_a_drawn_tile_is_seamless(cells: np.ndarray) -> None:
    drawn = tile.draw(cells, 4)
    moved = tile.draw(np.roll(cells, (5, -9), (0, 1)), 4)
    assert np.allclose(np.roll(drawn, (20, -36), (0, 1)), moved, atol=1e-4)


def test_a_cover_repeats_the_tile_and_has_unit_power(cells: np.ndarray) -> None:
    picture = tile.cover(cells, 3.0, (640, 400))
    side = 3 * TILE_CELLS
    assert picture.shape == (400, 640)
    assert np.mean(picture**2) == pytest.approx(1.0, abs=1e-4)
    assert np.allclose(picture[: 400 - side], picture[side:], atol=1e-4)
    assert np.allclose(picture[:, : 640 - side], picture[:, side:], atol=1e-4)


def test_a_cover_has_no_slow_part(cells: np.ndarray) -> None:
    picture = tile.cover(cells, 4.5, (960, 540))
    blocks = picture[:540, :960].reshape(10, 54, 16, 60).mean(axis=(1, 3))
    assert np.abs(blocks).max() < 0.15
