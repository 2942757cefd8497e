"""The head turns to the sides asked for, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from cameo.likeness.challenge import Side
from cameo.likeness.checks.check import Check, judged
from cameo.likeness.turning import TURNED, Turn, answers


def check_turns(turns: Sequence[Turn], expected: Sequence[Side]) -> Check:
    """Fails for missing, wrong, swapped and clear extra turns. Figure: the least turn's degrees."""
    seen = ", ".join(f"{turn.side} {turn.degrees:.0f}°" for turn in turns) or "none"
    return judged(
        "turns",
        answers(turns, expected),
        figure=min((turn.degrees for turn in turns), default=0.0),
        limit=TURNED,
        detail=f"Asked for {', '.join(expected)}; seen {seen}.",
        code="capture.wrong_turns",
    )
