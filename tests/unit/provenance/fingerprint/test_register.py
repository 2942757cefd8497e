import numpy as np
import pytest

from provenance.fingerprint import register
from provenance.fingerprint.picture import Strip
from provenance.watermark.detect import Geometry

SIZE = (1280, 720)


def geometry(
    x: float, y: float, *, cell: float = 6.0, flip: bool = False, turns: int = 0
) -> Geometry:
    return Geometry(
        scale_x=1.0,
        scale_y=1.0,
        flip=flip,
        rotation_quarter=turns,
        offset=(x % 64, y % 64),
        cell_px=cell,
    )


def holds(windows: list[register.Window], left: float, top: float, right: float) -> bool:
    return any(
        (w.left, w.top, w.right) == pytest.approx((left, top, right), abs=1e-6) for w in windows
    )


@pytest.mark.parametrize(("cell", "size"), [(6.0, SIZE), (3.0, (640, 360)), (9.0, (1920, 1080))])
def test_a_whole_copy_comes_first(cell: float, size: tuple[int, int]) -> None:
    first = register.windows(SIZE, size, geometry(0, 0, cell=cell))[0]
    assert (first.left, first.top, first.right, first.bottom) == pytest.approx((0, 0, 1, 1))


def test_the_place_of_a_crop_is_among_the_few_choices() -> None:
    found = register.windows(SIZE, (640, 360), geometry(600 / 6, 240 / 6))
    assert holds(found, 600 / 1280, 240 / 720, 1240 / 1280)
    assert len(found) <= 12


def test_a_border_gives_a_window_larger_than_the_picture() -> None:
    found = register.windows(SIZE, SIZE, geometry(-160 / 4.5, -90 / 4.5, cell=4.5))
    assert holds(found, -160 / 960, -90 / 540, 1120 / 960)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_a_turned_crop_is_turned_back(flip: bool, turns: int) -> None:
    # A picture whose value is its place on the tile, cropped, flipped and turned like a copy.
    rows, columns = np.mgrid[0:12, 0:20]
    crop = np.stack([rows + 5, columns + 9])
    copy = np.rot90(crop[:, :, ::-1] if flip else crop, turns, axes=(1, 2))
    height, width = copy.shape[1:]
    # The oriented tile, and where the copy's first pixel lies on it.
    grid = np.stack(np.mgrid[0:64, 0:64])
    tile = np.rot90(grid[:, :, ::-1] if flip else grid, turns, axes=(1, 2))
    place = np.argwhere((tile == copy[:, :1, :1]).all(axis=0))[0]
    where = geometry(place[1] * 1.0, place[0] * 1.0, cell=1.0, flip=flip, turns=turns)
    found = register.windows((1280, 720), (width, height), where)
    assert holds(found, 9 / (1280 / 6), 5 / 120, 29 / (1280 / 6))
    strip = Strip(pictures=copy[:1].astype(np.float32), size=(width, height))
    upright = register.upright(strip, where)
    assert upright.size == (20, 12)
    assert np.array_equal(upright.pictures, crop[:1].astype(np.float32))
