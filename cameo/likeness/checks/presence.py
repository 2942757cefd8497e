"""A face is there throughout, and only one."""

from __future__ import annotations

from cameo.likeness.checks.check import Check, judged
from cameo.likeness.survey import Look, Survey

LEAST_SHARE = 0.6  # of the looks must show a face: those of wide turns often do not
LONGEST_GAP_S = 1.0  # beside a turn
LONGEST_TURNED_GAP_S = 2.0
SECOND_FACE_RUN = 3  # looks in a row, a third of a second: less is a detector's ghost
SECOND_FACE_SIZE = 0.33  # of the person's own face; smaller ones are pictures on a wall
_TURNING = 12.0  # degrees before a gap that say the head was turning away


def check_face_present(survey: Survey) -> Check:
    """Fails where too few looks show a face, or it is gone for long. Figure: share of looks."""
    share = len(survey.with_face) / max(1, len(survey.looks))
    gap, turning = _longest_gap(survey)
    gap_limit = LONGEST_TURNED_GAP_S if turning else LONGEST_GAP_S
    return judged(
        "face_present",
        share >= LEAST_SHARE and gap <= gap_limit,
        figure=share,
        limit=LEAST_SHARE,
        detail=f"A face is in {share:.0%} of the pictures; the longest gap is {gap:.1f} s.",
        code="capture.no_face",
    )


def check_one_face(survey: Survey) -> Check:
    """Fails where a second face stays in the picture. Figure: looks in a row that show one."""
    run = longest = 0
    for look in survey.looks:
        run = run + 1 if _second_face(look) else 0
        longest = max(longest, run)
    return judged(
        "one_face",
        longest < SECOND_FACE_RUN,
        figure=float(longest),
        limit=float(SECOND_FACE_RUN),
        detail=f"A second face is in at most {longest} sampled pictures in a row.",
        code="capture.two_faces",
    )


def _second_face(look: Look) -> bool:
    if len(look.faces) < 2:
        return False
    first = look.faces[0]
    for other in look.faces[1:]:
        middle_x = (other.box[0] + other.box[2]) / 2
        middle_y = (other.box[1] + other.box[3]) / 2
        inside = (
            first.box[0] <= middle_x <= first.box[2] and first.box[1] <= middle_y <= first.box[3]
        )
        if not inside and other.width >= SECOND_FACE_SIZE * first.width:
            return True
    return False


def _longest_gap(survey: Survey) -> tuple[float, bool]:
    """Returns the longest time without a face, and whether a turn led into it."""
    longest, turning, last, yaw = 0.0, False, 0.0, 0.0
    for look in survey.looks:
        if look.faces:
            if look.at - last > longest:
                longest, turning = look.at - last, abs(yaw) >= _TURNING
            last, yaw = look.at, look.yaw
    if survey.seconds - last > longest:
        longest, turning = survey.seconds - last, False
    return longest, turning
