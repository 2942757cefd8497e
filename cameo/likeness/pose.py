"""How far a head is turned, from five points, in degrees from its own frontal pose."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cameo.likeness.faces import DetectedFace

# Depth of the nose point over the plane of the eyes, as a share of the eye distance: between adult
# faces (nose base about .33) and the test heads (.45-.6). Nose tips stand further out.
_NOSE_DEPTH = {"dlib5": 0.36, "arcface5": 0.54}
# The outer eye corner lies behind the inner one, so turning narrows one eye and widens the other:
# slope of the logarithm of their ratio over the tangent of the angle.
_EYE_SLOPE = 0.65
_NEAR_FRONTAL = 12.0  # degrees
_NEAR_SHARE = 0.15


def raw_yaw(face: DetectedFace) -> float:
    """Returns degrees, positive when the nose points to the image's right (the person's left).

    Not yet relative to the person's own frontal pose: faces are not symmetric.
    """
    left, right = face.eyes
    axis = (right - left) / face.eye_distance
    offset = float(np.dot(face.nose - (left + right) / 2, axis)) / face.eye_distance
    tangent = offset / _NOSE_DEPTH[face.layout]
    if face.layout == "dlib5":
        p = face.points5
        width_right = max(1.0, float(np.linalg.norm(p[0] - p[1])))
        width_left = max(1.0, float(np.linalg.norm(p[2] - p[3])))
        tangent = (tangent + math.log(width_left / width_right) / _EYE_SLOPE) / 2
    return math.degrees(math.atan(tangent))


def frontal(yaws: Sequence[float]) -> float:
    """Returns the person's own frontal pose: the middle of the densest half of the readings.

    Readings near zero are preferred, for faces are nearly symmetric and people may hold a turn for
    long; only somebody who hardly ever faces the camera is measured against another pose.
    """
    ordered = np.sort(np.asarray(yaws, dtype=np.float64))
    near = ordered[np.abs(ordered) <= _NEAR_FRONTAL]
    if near.size >= _NEAR_SHARE * ordered.size:
        ordered = near
    width = max(1, math.ceil(ordered.size / 2))
    spans = ordered[width - 1 :] - ordered[: ordered.size - width + 1]
    start = int(np.argmin(spans))
    return float(np.median(ordered[start : start + width]))


def smoothed(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Returns the running median of three; missing readings (NaN) stay out of it."""
    result = values.copy()
    for i in range(values.size):
        near = values[max(0, i - 1) : i + 2]
        near = near[~np.isnan(near)]
        if near.size and not np.isnan(values[i]):
            result[i] = float(np.median(near))
    return result
