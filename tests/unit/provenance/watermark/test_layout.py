import numpy as np
import pytest

from provenance.watermark import codes
from provenance.watermark.errors import CannotCarry
from provenance.watermark.layout import CELLS, SYNC_CELLS, Layout, cell_px
from provenance.watermark.payload import WORD_BITS, to_word


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 720), 6.0),
        ((720, 1280), 6.0),
        ((1920, 1080), 9.0),
        ((640, 360), 3.0),
        ((854, 480), 4.0),
        ((360, 288), 3.0),
        ((192, 192), 3.0),
    ],
)
def test_cells_grow_with_the_short_side_but_not_under_three_pixels(
    size: tuple[int, int], expected: float
) -> None:
    assert cell_px(size) == expected


@pytest.mark.parametrize("size", [(191, 1000), (1000, 100), (0, 0), (1, 720)])
def test_a_picture_without_room_for_a_tile_cannot_carry(size: tuple[int, int]) -> None:
    with pytest.raises(CannotCarry, match="cannot carry a mark because") as caught:
        cell_px(size)
    assert caught.value.code == "watermark.cannot_carry"


def test_every_cell_has_one_role(key: bytes) -> None:
    layout = Layout.of(key)
    roles = np.concatenate([layout.sync, layout.data])
    assert sorted(roles.tolist()) == list(range(CELLS))
    assert len(layout.sync) == SYNC_CELLS == CELLS // 4
    uses = np.bincount(layout.coded_bit)
    assert len(uses) == codes.coded_length(WORD_BITS)
    assert uses.max() - uses.min() <= 1


def test_the_payload_moves_data_cells_only(key: bytes) -> None:
    layout = Layout.of(key)
    one, two = (
        layout.cells(to_word(key, n)).ravel()
        for n in (0x1D5A_77C2_9E03_48B6, 0xA2C4_0F1E_6B59_D387)
    )
    assert np.array_equal(one[layout.sync], two[layout.sync])
    assert np.array_equal(one[layout.sync], layout.sync_cells().ravel()[layout.sync])
    assert not layout.sync_cells().ravel()[layout.data].any()
    assert 0.3 < np.mean(one[layout.data] != two[layout.data]) < 0.7


def test_soft_bits_speak_for_the_coded_bits(key: bytes) -> None:
    layout = Layout.of(key)
    word = to_word(key, 77)
    soft = layout.soft_bits(layout.cells(word))
    assert np.array_equal(soft < 0, codes.encode(word).astype(bool))
