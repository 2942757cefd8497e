"""What changes brightness and colour, as lookup tables over limited-range planes."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from cameo.media.attacks.clip import BLACK, GREY, U8, Clip

Step = Callable[[Clip], Clip]
Floats = npt.NDArray[np.float64]

_SPAN = 219.0  # luma codes between black and white
_LEVELS = np.arange(256, dtype=np.float64)


def brightness(factor: float) -> Step:
    """Every RGB value times a factor, clipped at white."""
    return _tables((_LEVELS - BLACK) * factor + BLACK, (_LEVELS - GREY) * factor + GREY)


def contrast(factor: float) -> Step:
    """Distances from middle grey times a factor."""
    middle = BLACK + _SPAN / 2
    return _tables((_LEVELS - middle) * factor + middle, (_LEVELS - GREY) * factor + GREY)


def gamma(value: float) -> Step:
    """Luma to the power 1 / value, as FFmpeg's `eq` takes it: below 1 darkens."""
    share = np.clip((_LEVELS - BLACK) / _SPAN, 0, 1)
    return _tables(BLACK + _SPAN * share ** (1 / value), _LEVELS)


def saturation(factor: float) -> Step:
    """Chroma times a factor; 0 leaves grey."""
    return _tables(_LEVELS, (_LEVELS - GREY) * factor + GREY)


def hue(degrees: float) -> Step:
    """Chroma turned."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

    def step(clip: Clip) -> Clip:
        luma, u, v = clip.planes()
        return Clip.of_planes((luma, _mixed(u, v, cosine, -sine), _mixed(u, v, sine, cosine)), clip)

    return step


def _mixed(u: U8, v: U8, first: float, second: float) -> U8:
    offset = GREY * (1 - first - second)
    out = np.empty_like(u)
    for index, (one, other) in enumerate(zip(u, v, strict=True)):
        cv2.addWeighted(one, first, other, second, offset, dst=out[index])
    return out


def _tables(luma: Floats, chroma: Floats) -> Step:
    light = np.clip(np.rint(luma), BLACK, 235).astype(np.uint8)
    tint = np.clip(np.rint(chroma), 16, 240).astype(np.uint8)

    def step(clip: Clip) -> Clip:
        y, u, v = clip.planes()
        return Clip.of_planes(
            (_looked_up(y, light), _looked_up(u, tint), _looked_up(v, tint)), clip
        )

    return step


def _looked_up(planes: U8, table: U8) -> U8:
    return np.stack([np.asarray(cv2.LUT(plane, table), dtype=np.uint8) for plane in planes])
