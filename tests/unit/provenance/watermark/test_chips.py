import numpy as np
import pytest

from provenance.watermark import chips, polar
from provenance.watermark.chips import Plan
from provenance.watermark.errors import BadKey
from provenance.watermark.keys import epoch_key

CODED = np.random.default_rng(1).integers(0, 2, polar.CODED_BITS).astype(np.uint8)


@pytest.fixture
def plan(key: bytes) -> Plan:
    return Plan.of(key)


def test_sync_and_data_share_the_block(plan: Plan) -> None:
    assert sorted([*plan.sync, *plan.data]) == list(range(chips.CELLS))
    assert len(plan.sync) * 4 == chips.CELLS
    assert np.count_nonzero(plan.sync_block()) == len(plan.sync)


def test_the_synchronisation_repeats_up_to_a_sign(plan: Plan) -> None:
    cells = plan.cells(CODED, 7, (64, 96))
    blocks = cells.reshape(2, 32, 3, 32).transpose(0, 2, 1, 3).reshape(2, 3, -1)[..., plan.sync]
    expected = plan.block_signs[7, :2, :3, None] * plan.sync_chips
    assert np.array_equal(blocks, expected)


def test_data_chips_repeat_nowhere(plan: Plan) -> None:
    drawn = np.stack([plan.data_chips(s) for s in (0, 1, 1023)]).reshape(3 * 64, -1)
    alike = drawn @ drawn.T / drawn.shape[1] - np.eye(len(drawn))
    assert np.abs(alike).max() < 0.2
    assert set(np.unique(drawn)) == {-1.0, 1.0}


def test_the_sequence_repeats_after_its_length(plan: Plan) -> None:
    shape = (40, 40)
    assert np.array_equal(plan.cells(CODED, 3, shape), plan.cells(CODED, 1027, shape))
    assert not np.array_equal(plan.cells(CODED, 3, shape), plan.cells(CODED, 4, shape))


def test_blocks_repeat_only_beyond_256_cells(plan: Plan) -> None:
    cells = plan.cells(CODED, 0, (32, 300))
    assert np.array_equal(cells[:, :44], cells[:, 256:])


def test_every_coded_bit_is_carried_about_equally(plan: Plan) -> None:
    counts = np.bincount(plan.coded_bits(5)[:3, :5].ravel(), minlength=polar.CODED_BITS)
    assert counts.min() >= 9
    assert counts.max() <= 12


def test_a_part_of_a_block_carries_other_bits_each_second(plan: Plan) -> None:
    carried = {int(b) for s in range(5) for b in plan.coded_bits(s)[0, 0, :300]}
    assert len(carried) > 900


def test_a_payload_says_where_its_clip_begins(plan: Plan) -> None:
    starts = [plan.first_second(p) for p in range(200)]
    assert all(0 <= s < chips.SECONDS_WRAP for s in starts)
    assert len(set(starts)) > 150
    assert starts == [plan.first_second(p) for p in range(200)]


def test_another_key_has_another_plan(plan: Plan) -> None:
    other = Plan.of(epoch_key(b"another master secret, 32 bytes.", 1, "video"))
    assert not np.array_equal(plan.sync, other.sync)
    assert not np.array_equal(plan.data_chips(0), other.data_chips(0))


def test_a_short_key_is_refused() -> None:
    with pytest.raises(BadKey):
        Plan.of(b"short")
