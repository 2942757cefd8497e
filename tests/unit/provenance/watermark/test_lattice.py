import itertools

import pytest

from provenance.watermark.lattice import LARGEST_CELL_PX, SMALLEST_CELL_PX, Lattice


@pytest.mark.parametrize("long_side", [192, 640, 1280, 1707])
def test_bands_hold_every_coarse_point_once(long_side: int) -> None:
    lattice = Lattice(long_side=long_side)
    points = [p for band in lattice.bands() for p in band.points]
    assert points == list(range(0, lattice.count, 4))
    assert lattice.cell(0) == pytest.approx(LARGEST_CELL_PX)
    assert lattice.cell(lattice.count - 1) == pytest.approx(SMALLEST_CELL_PX, rel=0.01)


def test_every_cell_is_close_to_its_bands_centre() -> None:
    lattice = Lattice(long_side=1280)
    for band in lattice.bands():
        for point in band.points:
            assert 0.75 < lattice.cell(point) / band.centre < 1.33


def test_no_size_is_missed_by_more_than_the_stated_slack() -> None:
    lattice = Lattice(long_side=1280)
    cells = [lattice.cell(p) for p in range(0, lattice.count, 4)]
    for larger, smaller in itertools.pairwise(cells):
        between = 2 / (1 / larger + 1 / smaller)
        edge_cells = 640 / between
        assert edge_cells * (larger / between - 1) < 0.31


def test_near_points_stay_on_the_lattice() -> None:
    lattice = Lattice(long_side=640)
    assert lattice.near(0).start == 0
    assert lattice.near(lattice.count - 1).stop == lattice.count
    assert len(lattice.near(40)) == 9
