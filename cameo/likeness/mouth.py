"""How much the mouth moves, without knowing where the lips are.

The five points hold no mouth. Differences between successive pictures in the region under the nose,
less those in the region of the eyes (which move only with the head), follow speech well enough for
a hint, not for a decision.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from cameo.likeness.arrays import Grey
from cameo.likeness.faces import DetectedFace

_PATCH = (32, 24)


class MouthMeter:
    """Takes pictures in order and remembers how the mouth moved."""

    def __init__(self) -> None:
        self._face: DetectedFace | None = None
        self._before: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None = None
        self._grey: Grey | None = None
        self._readings: list[tuple[float, float]] = []

    def face(self, face: DetectedFace | None) -> None:
        """Says where the face is from now on."""
        self._face = face
        # Both pictures of a difference are cut at the same place, or a new box would look like
        # movement.
        self._before = _patches(self._grey, face) if self._grey is not None and face else None

    def picture(self, at: float, grey: Grey) -> None:
        """Takes the next picture."""
        self._grey = grey
        if self._face is None:
            self._before = None
            return
        now = _patches(grey, self._face)
        if self._before is not None:
            lower = float(np.abs(now[0] - self._before[0]).mean())
            upper = float(np.abs(now[1] - self._before[1]).mean())
            self._readings.append((at, max(0.0, lower - upper)))
        self._before = now

    def movement(self) -> npt.NDArray[np.float64]:
        """Returns (m, 2): seconds and movement in grey levels a picture."""
        return np.asarray(self._readings, dtype=np.float64).reshape(-1, 2)


def mouth_patch(grey: Grey, face: DetectedFace) -> npt.NDArray[np.float32]:
    """Returns the region of the mouth, (24, 32) grey levels, upright."""
    return _patches(grey, face)[0]


def _patches(
    grey: Grey, face: DetectedFace
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    left, right = face.eyes
    middle = (left + right) / 2
    across = (right - left) / 2
    down = np.array([-across[1], across[0]])
    nose_drop = face.nose - middle
    if face.layout == "dlib5":
        mouth = middle + nose_drop + down * 0.95
    else:
        mouth = (face.points5[3] + face.points5[4]) / 2
    return _patch(grey, mouth, across, down), _patch(grey, middle, across, down * 0.6)


def _patch(
    grey: Grey,
    centre: npt.NDArray[np.floating],
    across: npt.NDArray[np.floating],
    down: npt.NDArray[np.floating],
) -> npt.NDArray[np.float32]:
    width, height = _PATCH
    corner = centre - across - down
    columns = np.column_stack([across * 2 / width, down * 2 / height, corner])
    patch = cv2.warpAffine(
        grey,
        columns.astype(np.float64),
        _PATCH,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(patch, dtype=np.float32)
