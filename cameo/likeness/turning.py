"""Which head turns happened, from the angles of a survey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cameo.likeness.challenge import Side

TURNED = 14.0  # degrees from the person's own frontal pose: a turn
BACK = 8.0  # degrees: the turn is over; between the two nothing begins or ends
CLEAR = 20.0  # degrees: a turn that nobody makes by accident


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One head turn.

    Attributes:
        side: the person's own side.
        start: index of the look before the head began to leave its frontal pose.
        peak: index of the look at which it was turned furthest.
        degrees: how far that was, positive.
    """

    side: Side
    start: int
    peak: int
    degrees: float


def find_turns(yaws: npt.NDArray[np.float64]) -> tuple[Turn, ...]:
    """Returns the turns in their order.

    Looks without a face (NaN) neither begin nor end a turn: heads turned far are often not found.

    Args:
        yaws: (n,) degrees, positive to the person's left.
    """
    found: list[Turn] = []
    rest, current = 0, None
    for i, yaw in enumerate(yaws):
        if np.isnan(yaw):
            continue
        if current is not None and (abs(yaw) < BACK or (yaw > 0) != (current.side == "left")):
            found.append(current)
            current, rest = None, i
        if abs(yaw) < BACK:
            rest = i
        if abs(yaw) >= TURNED and (current is None or abs(yaw) > current.degrees):
            start = current.start if current is not None else rest
            side: Side = "left" if yaw > 0 else "right"
            current = Turn(side=side, start=start, peak=i, degrees=float(abs(yaw)))
    return (*found, current) if current is not None else tuple(found)


def answers(turns: Sequence[Turn], expected: Sequence[Side]) -> bool:
    """Tells whether the turns are those expected, in order.

    One slight turn (under `CLEAR` degrees) too many is forgiven: people look aside while they
    read. No more than one, or a recording that wags to both sides all the time would answer
    every challenge.
    """
    sides = [turn.side for turn in turns]
    if sides == list(expected):
        return True
    if len(sides) != len(expected) + 1:
        return False
    return any(
        turn.degrees < CLEAR and sides[:i] + sides[i + 1 :] == list(expected)
        for i, turn in enumerate(turns)
    )
