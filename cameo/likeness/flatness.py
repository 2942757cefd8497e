"""Whether what turned was flat: how badly one plane explains the movement of tracked points.

Under any camera, the picture of a flat thing (a photograph, a screen) moves by a homography. A
head does not: the nose slides over the cheeks. What is left over after the best homography, in
eye distances, tells them apart. A flat picture that is itself warped like a head passes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from cameo.likeness.arrays import Grey, Points
from cameo.likeness.faces import DetectedFace
from cameo.likeness.survey import Look

_LEAST_POINTS = 14
_MOST_POINTS = 120
_ROUND_TRIP = 1.0  # pixels that a point may be off when tracked there and back
_PERCENTILE = 80.0  # a few lost tracks must not make a flat thing look solid


@dataclass(frozen=True, kw_only=True, slots=True)
class Residual:
    """`value` in eye distances, from `points` tracked points."""

    value: float
    points: int


def plane_residual(looks: Sequence[Look]) -> Residual | None:
    """Measures how far the points of a face are from moving like a plane.

    Args:
        looks: consecutive, from the frontal one to the turned one.

    Returns:
        None where too few points could be followed to tell.
    """
    face = looks[0].face
    if face is None or len(looks) < 2:
        return None
    first = _start_points(looks[0].grey, face)
    followed = _follow([look.grey for look in looks], first)
    if followed is None:
        return None
    before, after = followed
    plane, _ = cv2.findHomography(before, after, cv2.LMEDS)
    if plane is None:
        return None
    refined = _against_flattened(looks[0].grey, looks[-1].grey, before, plane)
    if refined is None:
        return None
    start, end = refined
    plane, _ = cv2.findHomography(start, end, 0)
    if plane is None:
        return None
    moved = cv2.perspectiveTransform(start[:, None, :], plane)[:, 0, :]
    distances = np.linalg.norm(moved - end, axis=1)
    value = float(np.percentile(distances, _PERCENTILE)) / face.eye_distance
    return Residual(value=value, points=len(start))


def _against_flattened(
    frontal: Grey, turned: Grey, points: Points, plane: npt.NDArray[np.float64]
) -> tuple[Points, Points] | None:
    """Undoes the plane's movement and follows the points once more, from the frontal picture.

    Following from picture to picture drifts, and drift is no plane either. Against the flattened
    picture a flat thing has not moved at all, whatever the drift was.
    """
    size = (frontal.shape[1], frontal.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flattened = cv2.warpPerspective(turned, plane, size, flags=flags)
    return _follow([frontal, np.asarray(flattened, dtype=np.uint8)], points)


def _start_points(grey: Grey, face: DetectedFace) -> Points:
    """Picks corners on the forehead, the eyes, the nose and the cheeks, not on the mouth.

    A mouth that speaks moves unlike any plane, also on a screen.
    """
    left, right = face.eyes
    middle = (left + right) / 2
    size = face.eye_distance
    mask = np.zeros(grey.shape, dtype=np.uint8)
    tilt = float(np.degrees(np.arctan2(*(right - left)[::-1])))
    centre = middle + 0.05 * (face.nose - middle)
    axes = (1.15 * size, 0.95 * size)
    cv2.ellipse(mask, (tuple(map(float, centre)), (2 * axes[0], 2 * axes[1]), tilt), 255, -1)
    found = cv2.goodFeaturesToTrack(
        grey, _MOST_POINTS, 0.005, max(3.0, size / 16), mask=mask, blockSize=5
    )
    corners = np.empty((0, 2), np.float32) if found is None else found.reshape(-1, 2)
    return np.concatenate([corners, face.points5]).astype(np.float32)


def _follow(pictures: Sequence[Grey], first: Points) -> tuple[Points, Points] | None:
    now: npt.NDArray[np.float32] = first.copy()
    alive = np.ones(len(first), dtype=bool)
    for before, after in itertools.pairwise(pictures):
        there, ok = _flow(before, after, now)
        back, ok_back = _flow(after, before, there)
        error = np.linalg.norm(back - now, axis=1)
        alive &= ok & ok_back & (error < _ROUND_TRIP)
        now = there
    if int(alive.sum()) < _LEAST_POINTS:
        return None
    return first[alive], now[alive]


def _flow(before: Grey, after: Grey, points: Points) -> tuple[Points, npt.NDArray[np.bool_]]:
    there, ok, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points[:, None, :], None, winSize=(21, 21), maxLevel=3
    )
    return np.asarray(there[:, 0, :], dtype=np.float32), ok[:, 0] == 1
