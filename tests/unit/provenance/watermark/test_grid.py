import pytest

from provenance.watermark.errors import CannotCarry
from provenance.watermark.grid import cell_px, shape_in_cells


@pytest.mark.parametrize(
    ("size", "cell"),
    [
        ((1280, 720), 8.0),
        ((720, 1280), 8.0),
        ((1920, 1080), 12.0),
        ((360, 288), 3.2),
        ((64, 64), 3.0),
    ],
)
def test_a_cell_is_a_ninetieth_of_the_short_side(size: tuple[int, int], cell: float) -> None:
    assert cell_px(size) == pytest.approx(cell)


def test_what_is_too_small_says_so() -> None:
    with pytest.raises(CannotCarry, match="a side has 63 pixels"):
        cell_px((200, 63))


def test_cells_cover_the_picture() -> None:
    assert shape_in_cells((1280, 720), 8.0) == (90, 160)
    assert shape_in_cells((1281, 719), 8.0) == (90, 161)
