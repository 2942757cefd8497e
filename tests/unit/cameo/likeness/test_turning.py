from __future__ import annotations

import numpy as np
import pytest

from cameo.likeness.turning import Turn, answers, find_turns

NAN = float("nan")


def sides(*yaws: float) -> list[str]:
    return [turn.side for turn in find_turns(np.array(yaws, dtype=np.float64))]


@pytest.mark.parametrize(
    ("yaws", "expected"),
    [
        ((0, 5, 13, 13, 5, 0), []),
        ((0, 10, 20, 28, 20, 10, 0), ["left"]),
        ((0, -10, -20, -10, 0), ["right"]),
        ((0, 20, 0, 20, 0), ["left", "left"]),
        ((0, 20, 10, 20, 0), ["left"]),
        ((0, 20, -20, 0), ["left", "right"]),
        ((0, 16, NAN, NAN, 16, 0), ["left"]),
        ((0, 20, NAN, -20, 0), ["left", "right"]),
        ((0, 0, 20), ["left"]),
        ((NAN, NAN), []),
        ((), []),
    ],
)
def test_turns_in_order(yaws, expected) -> None:
    assert sides(*yaws) == expected


def test_a_turn_knows_its_start_and_peak() -> None:
    (turn,) = find_turns(np.array([0, 1, 9, 18, 30, 22, 4.0]))
    assert (turn.start, turn.peak, turn.degrees) == (1, 4, 30.0)


def made(*turns: tuple[str, float]) -> list[Turn]:
    return [Turn(side=side, start=0, peak=1, degrees=degrees) for side, degrees in turns]


@pytest.mark.parametrize(
    ("turns", "verdict"),
    [
        ((("left", 25), ("right", 25)), True),
        ((("right", 25), ("left", 25)), False),
        ((("left", 25),), False),
        ((), False),
        ((("left", 25), ("left", 16), ("right", 25)), True),
        ((("left", 25), ("left", 24), ("right", 25)), False),
        ((("left", 16), ("right", 16), ("left", 16), ("right", 16)), False),
    ],
)
def test_what_answers_left_right(turns, verdict) -> None:
    assert answers(made(*turns), ("left", "right")) is verdict
