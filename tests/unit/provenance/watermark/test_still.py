import numpy as np
import pytest

from provenance.watermark.still import without_still

RNG = np.random.default_rng(1)
MARKS = RNG.normal(size=(6, 40, 50)).astype(np.float32)
CONTENT = (5 * RNG.normal(size=(40, 50))).astype(np.float32)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_what_stands_still_is_taken_off() -> None:
    assert likeness(MARKS + CONTENT, MARKS) < 0.25
    assert likeness(without_still(MARKS + CONTENT), MARKS) > 0.85


def test_what_changes_is_left_nearly_alone() -> None:
    assert likeness(without_still(MARKS), MARKS) > 0.99


@pytest.mark.parametrize("count", [1, 2])
def test_few_stretches_are_left_alone(count: int) -> None:
    few = MARKS[:count] + CONTENT
    assert without_still(few) is few


def test_nothing_stays_nothing() -> None:
    assert not without_still(np.zeros((4, 3, 3), np.float32)).any()
