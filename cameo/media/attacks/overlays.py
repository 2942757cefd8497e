"""What is laid over a picture: a logo, captions."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from cameo.media.attacks.clip import U8, Clip, even

Step = Callable[[Clip], Clip]

_WORDS = ("and then she turned to us", "we had never been there before", "look at that light")
_CAPTION_SECONDS = 1.6


def logo(area: float = 0.08) -> Step:
    """An opaque sign over a share of the picture, near the upper right corner."""

    def step(clip: Clip) -> Clip:
        width, height = clip.size
        wide, high = even(width * area**0.5), even(height * area**0.5)
        luma = np.full((high, wide), 210, np.uint8)
        cv2.circle(luma, (high // 2, high // 2), int(high * 0.36), 60, -1, cv2.LINE_AA)
        scale = wide / 170
        place = (int(high * 0.95), int(high * 0.62))
        cv2.putText(luma, "LOGO", place, cv2.FONT_HERSHEY_DUPLEX, scale, 40, 2, cv2.LINE_AA)
        x, y = even(width * 0.96 - wide), even(height * 0.05)
        planes = tuple(plane.copy() for plane in clip.planes())
        planes[0][:, y : y + high, x : x + wide] = luma
        half = (slice(None), slice(y // 2, (y + high) // 2), slice(x // 2, (x + wide) // 2))
        planes[1][half], planes[2][half] = 100, 170
        return Clip.of_planes((planes[0], planes[1], planes[2]), clip)

    return step


def captions(clip: Clip) -> Clip:
    """A dark bar along the bottom with a line of text that changes."""
    width, height = clip.size
    top = even(height * 0.84)
    luma, u, v = (plane.copy() for plane in clip.planes())
    luma[:, top:] = 30
    u[:, top // 2 :], v[:, top // 2 :] = 128, 128
    for index in range(len(luma)):
        said = _WORDS[int(index / clip.fps / _CAPTION_SECONDS) % len(_WORDS)]
        _write(luma[index, top:], said, width)
    return Clip.of_planes((luma, u, v), clip)


def _write(bar: U8, said: str, width: int) -> None:
    font, room = cv2.FONT_HERSHEY_SIMPLEX, 0.92 * width
    (wide, high), _ = cv2.getTextSize(said, font, 1.0, 2)
    scale = min(room / wide, 0.5 * bar.shape[0] / high)
    at = (int((width - scale * wide) / 2), int((bar.shape[0] + scale * high) / 2))
    # putText needs memory of its own to draw into.
    drawn = np.ascontiguousarray(bar)
    cv2.putText(drawn, said, at, font, scale, 225, max(1, round(2 * scale)), cv2.LINE_AA)
    bar[:] = drawn
