"""What moves pixels about: size, crop, padding, flips, turns, stretches."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from cameo.media.attacks.backdrop import backdrop
from cameo.media.attacks.clip import BLACK, GREY, U8, Clip, empty_planes, even
from cameo.media.attacks.graph import filtered

Step = Callable[[Clip], Clip]
Matrix = npt.NDArray[np.float64]

# Where a crop lies between the left (top) edge and the right (bottom) one: never in the middle,
# where a symmetric search would find it by luck.
_ACROSS, _DOWN = 0.62, 0.38
_HALVED = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]])  # luma pixels to chroma ones


def scaled(factor: float) -> Step:
    """Both sides times a factor, bicubic as FFmpeg scales."""
    return lambda clip: resized(clip, (even(clip.size[0] * factor), even(clip.size[1] * factor)))


def short_side(pixels: int) -> Step:
    """The shorter side to a number of pixels, the aspect kept."""
    return lambda clip: scaled(pixels / min(clip.size))(clip)


def stretched(across: float, down: float = 1.0) -> Step:
    """Width and height by factors of their own."""
    return lambda clip: resized(clip, (even(clip.size[0] * across), even(clip.size[1] * down)))


def to_aspect(ratio: float) -> Step:
    """Squeezed to another ratio of the sides, the shorter side kept: nothing is cut off."""

    def step(clip: Clip) -> Clip:
        short = min(clip.size)
        wide = ratio >= 1
        size = (even(short * ratio), short) if wide else (short, even(short / ratio))
        return resized(clip, size)

    return step


def resized(clip: Clip, size: tuple[int, int]) -> Clip:
    """To a width and a height, both even, bicubic."""
    if size == clip.size:
        return clip
    return filtered(clip, [("scale", f"{size[0]}:{size[1]}:flags=bicubic")])


def cropped(across: float, down: float | None = None) -> Step:
    """The given share of width and of height, off the middle."""

    def step(clip: Clip) -> Clip:
        width, height = clip.size
        return _cut(clip, (even(width * across), even(height * (down or across))))

    return step


def cropped_to_aspect(ratio: float) -> Step:
    """The largest part with a ratio of the sides, off the middle."""

    def step(clip: Clip) -> Clip:
        width, height = clip.size
        size = (min(width, height * ratio), min(height, width / ratio))
        return _cut(clip, (even(size[0]), even(size[1])))

    return step


def restored_after(step: Step) -> Step:
    """A step, and then back to the size that the clip had."""
    return lambda clip: resized(step(clip), clip.size)


def _cut(clip: Clip, size: tuple[int, int]) -> Clip:
    x = int((clip.size[0] - size[0]) * _ACROSS) // 2 * 2
    y = int((clip.size[1] - size[1]) * _DOWN) // 2 * 2
    luma, u, v = clip.planes()
    half = (slice(None), slice(y // 2, (y + size[1]) // 2), slice(x // 2, (x + size[0]) // 2))
    return Clip.of_planes((luma[:, y : y + size[1], x : x + size[0]], u[half], v[half]), clip)


def padded_to_aspect(ratio: float) -> Step:
    """Black bars around the whole picture until the sides have a ratio."""

    def step(clip: Clip) -> Clip:
        width, height = clip.size
        canvas = (even(max(width, height * ratio)), even(max(height, width / ratio)))
        return _laid(clip, empty_planes(len(clip.frames), canvas), (0.5, 0.5))

    return step


def windowed(share: float) -> Step:
    """Shrunk to a share, on black of the size before."""

    def step(clip: Clip) -> Clip:
        return _laid(
            scaled(share)(clip), empty_planes(len(clip.frames), clip.size), (_ACROSS, _DOWN)
        )

    return step


def inset(share: float = 0.5, seed: int = 11) -> Step:
    """Picture in picture: shrunk into the lower right corner of other, moving content."""

    def step(clip: Clip) -> Clip:
        ground = backdrop(clip.size, len(clip.frames), seed=seed, moving=True)
        return _laid(scaled(share)(clip), ground, (0.95, 0.93))

    return step


def _laid(clip: Clip, ground: tuple[U8, U8, U8], at: tuple[float, float]) -> Clip:
    width, height = clip.size
    x = int((ground[0].shape[2] - width) * at[0]) // 2 * 2
    y = int((ground[0].shape[1] - height) * at[1]) // 2 * 2
    for below, above, share in zip(ground, clip.planes(), (1, 2, 2), strict=True):
        rows = slice(y // share, (y + height) // share)
        below[:, rows, x // share : (x + width) // share] = above
    return Clip.of_planes(ground, clip)


def mirrored(clip: Clip) -> Clip:
    """Left and right exchanged."""
    luma, u, v = clip.planes()
    return Clip.of_planes((luma[..., ::-1], u[..., ::-1], v[..., ::-1]), clip)


def upside_down(clip: Clip) -> Clip:
    """Top and bottom exchanged: a mirror image, not half a turn."""
    luma, u, v = clip.planes()
    return Clip.of_planes((luma[:, ::-1], u[:, ::-1], v[:, ::-1]), clip)


def quarter_turns(count: int) -> Step:
    """Turned counter-clockwise by 90 degrees times a count."""

    def step(clip: Clip) -> Clip:
        luma, u, v = (np.rot90(plane, count, axes=(1, 2)) for plane in clip.planes())
        return Clip.of_planes((luma, u, v), clip)

    return step


def rotated(degrees: float, *, inscribed: bool) -> Step:
    """Turned counter-clockwise about the middle.

    Args:
        degrees: how far.
        inscribed: cut to the largest part of the same aspect that holds no corner; otherwise the
            size stays and the corners are black.
    """

    def step(clip: Clip) -> Clip:
        width, height = clip.size
        middle = ((width - 1) / 2, (height - 1) / 2)
        turn = np.vstack([cv2.getRotationMatrix2D(middle, degrees, 1.0), [0, 0, 1]])
        turned = warped(clip, turn)
        if not inscribed:
            return turned
        sine, cosine = abs(np.sin(np.radians(degrees))), abs(np.cos(np.radians(degrees)))
        share = min(
            width / (width * cosine + height * sine), height / (width * sine + height * cosine)
        )
        return _middle(turned, share)

    return step


def _middle(clip: Clip, share: float) -> Clip:
    luma, u, v = clip.planes()
    width, height = clip.size
    x, y = (int((side * (1 - share)) / 2) // 2 * 2 + 2 for side in (width, height))
    half = (slice(None), slice(y // 2, (height - y) // 2), slice(x // 2, (width - x) // 2))
    return Clip.of_planes((luma[:, y : height - y, x : width - x], u[half], v[half]), clip)


def warped(clip: Clip, matrix: Matrix, size: tuple[int, int] | None = None) -> Clip:
    """Every picture through a homography of luma pixels; black where nothing comes from."""
    width, height = size or clip.size
    planes = empty_planes(len(clip.frames), (width, height))
    small = _HALVED @ matrix @ np.linalg.inv(_HALVED)
    for before, after, move, fill in zip(
        clip.planes(), planes, (matrix, small, small), (BLACK, GREY, GREY), strict=True
    ):
        target = after.shape[2], after.shape[1]
        for index, plane in enumerate(before):
            after[index] = cv2.warpPerspective(
                plane, move, target, flags=cv2.INTER_CUBIC, borderValue=float(fill)
            )
    return Clip.of_planes(planes, clip)
