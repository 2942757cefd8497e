import numpy as np
import pytest

from provenance.watermark import sync, tile
from provenance.watermark.layout import Layout
from provenance.watermark.sync import ALL_ORIENTATIONS, Templates
from provenance.watermark.whiten import Residual


@pytest.mark.parametrize("orientation", ALL_ORIENTATIONS, ids=str)
def test_an_orientation_is_undone(orientation: sync.Orientation) -> None:
    cells = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    assert np.array_equal(orientation.undo(orientation.apply(cells)), cells)


def test_all_eight_orientations_differ() -> None:
    cells = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    assert len({o.apply(cells).tobytes() for o in ALL_ORIENTATIONS}) == 8


@pytest.mark.parametrize("cell", [2.3, 3.0, 4.61, 6.0])
@pytest.mark.parametrize("number", [0, 3, 5])
def test_the_tile_is_found_where_it_lies(key: bytes, cell: float, number: int) -> None:
    layout = Layout.of(key)
    orientation = ALL_ORIENTATIONS[number]
    drawn = np.roll(orientation.apply(layout.sync_cells()), (7, 12), (0, 1))
    residual = Residual(plane=tile.cover(drawn, cell, (500, 400)), shrink_x=1.0, shrink_y=1.0)
    templates = Templates(layout, ALL_ORIENTATIONS, 4)
    spectrum = sync.flattened(sync.fold(residual, cell, 4))
    peak = templates.peak(spectrum)
    assert peak.height > 20
    assert (peak.orientation, peak.row, peak.column) == (number, 28, 48)
    cells = orientation.undo(templates.cells(spectrum, peak))
    assert np.corrcoef(cells.ravel(), layout.sync_cells().ravel())[0, 1] > 0.75


def test_an_empty_picture_has_no_peak(key: bytes) -> None:
    templates = Templates(Layout.of(key), sync.UPRIGHT, 3)
    empty = sync.flattened(np.zeros((192, 192), np.float32))
    assert templates.peak(empty).height == 0.0
