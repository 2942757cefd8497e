"""A screen filmed off: synthetic, so no camera's moire, but everything else that it does."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from cameo.media.attacks.backdrop import backdrop
from cameo.media.attacks.clip import Clip, empty_planes
from cameo.media.attacks.colours import gamma
from cameo.media.attacks.filters import blurred, noisy
from cameo.media.attacks.pace import at_rate
from cameo.media.attacks.shapes import Matrix, warped

_SCALE = 0.9  # of the screen that the clip fills
_SLANT = 0.024  # of a side, by which the corners leave the rectangle


def filmed(clip: Clip) -> Clip:
    """The clip in a window on a desktop, seen slightly from the side, by a camera at 30 fps."""
    seen = _on_desktop(clip)
    for step in (blurred(0.9), gamma(1.18), at_rate(30.0), noisy(8)):
        seen = step(seen)
    return seen


def _on_desktop(clip: Clip) -> Clip:
    window = warped(clip, _slanted(clip.size))
    inside = _inside(clip)
    ground = backdrop(clip.size, 1, seed=31)
    planes = tuple(
        np.where(mask, plane, below)
        for mask, plane, below in zip(inside, window.planes(), ground, strict=True)
    )
    return Clip.of_planes((planes[0], planes[1], planes[2]), clip)


def _inside(clip: Clip) -> tuple[NDArray[np.bool_], ...]:
    white = empty_planes(1, clip.size)
    for plane in white:
        plane[:] = 255
    seen = warped(Clip.of_planes(white, clip), _slanted(clip.size))
    # Well above the black (16) and the grey (128) that `warped` leaves outside.
    return tuple(plane > 200 for plane in seen.planes())


def _slanted(size: tuple[int, int]) -> Matrix:
    width, height = size
    left, top = width * (1 - _SCALE) * 0.44, height * (1 - _SCALE) * 0.56
    right, bottom = left + _SCALE * width, top + _SCALE * height
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shift = _SLANT * np.array([[0, 0.6], [-0.7, -0.3], [0, 0.2], [0.5, -1.0]])
    seen = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    seen += shift * [width, height]
    matrix = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    return np.asarray(matrix, dtype=np.float64)
