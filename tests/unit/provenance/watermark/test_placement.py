import numpy as np
import pytest

from provenance.watermark.placement import ORIENTATIONS, UPRIGHT, Orientation, whole_copy


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_whole_copy_lies_where_numpy_turns_it(orientation: Orientation) -> None:
    picture = np.arange(12.0).reshape(3, 4)
    copy = orientation.apply(picture)
    placed = whole_copy((copy.shape[1], copy.shape[0]), orientation, 1.0)
    for row, column in np.ndindex(3, 4):
        x, y = placed.pixels(np.array([column + 0.5, row + 0.5]))
        assert copy[int(y), int(x)] == picture[row, column]


def test_points_come_back() -> None:
    placed = whole_copy((1280, 720), Orientation(flip=True, turns=3), 8.0)
    points = np.array([[0.0, 0.0], [12.5, 40.25]])
    assert placed.cells(placed.pixels(points)) == pytest.approx(points)
    assert placed.cell == pytest.approx(8.0)


def test_a_stretched_picture_stretches_the_cells() -> None:
    placed = whole_copy((1280, 720), UPRIGHT, 8.0).scaled(0.5, 0.25)
    assert placed.pixels(np.array([10.0, 10.0])) == pytest.approx([40.0, 20.0])


def test_a_moved_placement_starts_elsewhere() -> None:
    placed = whole_copy((1280, 720), UPRIGHT, 8.0).moved(np.array([3.0, 2.0]))
    assert placed.pixels(np.zeros(2)) == pytest.approx([24.0, 16.0])
