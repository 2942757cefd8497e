import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.watermark import pattern
from provenance.watermark.errors import BadFrame, CannotCarry

PATTERN = np.random.default_rng(7).normal(size=(96, 128)).astype(np.float32)
ERROR = pattern.mean_square(43.0)


def test_the_error_is_the_wanted_one() -> None:
    luma = np.random.default_rng(8).integers(60, 190, PATTERN.shape).astype(np.uint8)
    assert pattern.psnr_db(luma, pattern.add(luma, PATTERN, ERROR)) == pytest.approx(43.0, abs=0.1)


@pytest.mark.parametrize("level", [0, 16, 128, 235, 255])
def test_a_flat_frame_takes_little(level: int) -> None:
    luma = np.full(PATTERN.shape, level, np.uint8)
    marked = pattern.add(luma, PATTERN, ERROR)
    assert 45.0 <= pattern.psnr_db(luma, marked) < 52.0


def test_ten_bits_are_marked_finer() -> None:
    luma = np.random.default_rng(8).integers(240, 760, PATTERN.shape).astype(np.uint16)
    marked = pattern.add(luma, PATTERN, ERROR)
    assert marked.dtype == np.uint16
    assert pattern.psnr_db(luma, marked) == pytest.approx(43.0, abs=0.1)
    assert (np.unique(marked.astype(int) - luma) % 4 != 0).any()


def test_ten_bits_keep_their_limits() -> None:
    for level in (0, 64, 940, 1023):
        luma = np.full(PATTERN.shape, level, np.uint16)
        marked = pattern.add(luma, PATTERN, ERROR)
        assert min(level, 64) <= marked.min()
        assert marked.max() <= max(level, 940)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 1000))
def test_no_value_moves_further_out_of_range(low: int, high: int, seed: int) -> None:
    low, high = sorted((low, high))
    rng = np.random.default_rng(seed)
    luma = rng.integers(low, high + 1, PATTERN.shape).astype(np.uint8)
    marked = pattern.add(luma, PATTERN, ERROR)
    assert (marked >= np.minimum(luma, pattern.BLACK)).all()
    assert (marked <= np.maximum(luma, pattern.WHITE)).all()


def test_equal_frames_have_no_noise() -> None:
    luma = np.full((4, 4), 9, np.uint8)
    assert math.isinf(pattern.psnr_db(luma, luma))


@pytest.mark.parametrize("psnr", [10.0, 80.0, math.nan])
def test_a_quality_out_of_range_is_refused(psnr: float) -> None:
    with pytest.raises(CannotCarry, match="outside"):
        pattern.mean_square(psnr)


@pytest.mark.parametrize(
    "luma",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((96, 128), np.float32),
        np.zeros((96, 128, 3), np.uint8),
    ],
)
def test_another_form_of_frame_is_refused(luma: np.ndarray) -> None:
    with pytest.raises(BadFrame, match=r"expected \(96, 128\)|a frame is uint8"):
        pattern.add(luma, PATTERN, ERROR)
