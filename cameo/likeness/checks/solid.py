"""What turned is a solid head, not a flat picture of one."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from cameo.likeness.checks.check import Check, judged
from cameo.likeness.flatness import plane_residual
from cameo.likeness.survey import Look, Survey
from cameo.likeness.turning import Turn

# Eye distances. Test heads turned by 12 to 30 degrees gave .033 and more; flat prints at most .009,
# prints bent into an arc at most .016.
LEAST_RESIDUAL = 0.025
_ENOUGH = 18.0  # degrees: further on more parallax is seen, but more of the points are hidden
_STILL_LOOKS = 10


def check_solid(survey: Survey, turns: Sequence[Turn]) -> Check:
    """Fails where one plane explains the movement. Figure: median over turns, in eye distances.

    Without a turn the widest movement there is gets measured, so that a still picture fails here
    too and not only for want of turns. A turn whose points cannot be followed counts for nothing;
    if that is so for all of them, nothing shows that the face is solid and the check fails.
    """
    measured = [_of_turn(survey, turn) for turn in turns] or [_of(_widest(survey))]
    found = [value for value in measured if value is not None]
    figure = median(found) if found else 0.0
    detail = (
        f"Over {len(found)} movements a flat surface leaves {figure:.3f} eye distances unexplained."
        if found
        else "No movement could be followed."
    )
    return judged(
        "solid",
        bool(turns) and figure >= LEAST_RESIDUAL,
        figure=figure,
        limit=LEAST_RESIDUAL,
        detail=detail,
        code="capture.flat",
    )


def _of_turn(survey: Survey, turn: Turn) -> float | None:
    """Measures to the first look that is turned far enough and to the furthest; takes the larger.

    Which of the two shows more differs between heads and speeds; a flat thing shows none in either.
    """
    looks = survey.looks[turn.start : turn.peak + 1]
    enough = next((i for i, look in enumerate(looks) if abs(look.yaw) >= _ENOUGH), len(looks) - 1)
    values = [_of(looks[: enough + 1]), _of(looks)]
    return max((v for v in values if v is not None), default=None)


def _of(looks: Sequence[Look]) -> float | None:
    residual = plane_residual(looks) if looks else None
    return None if residual is None else residual.value


def _widest(survey: Survey) -> tuple[Look, ...]:
    seen = [i for i, look in enumerate(survey.looks) if look.faces]
    if not seen:
        return ()
    peak = max(seen, key=lambda i: abs(survey.looks[i].yaw))
    start = min(seen, key=lambda i: abs(i - (peak - _STILL_LOOKS)))
    return survey.looks[start : peak + 1] or survey.looks[start : start + _STILL_LOOKS]
