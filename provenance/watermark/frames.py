"""Choosing which frames of a clip to examine, without knowing how long it is."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from provenance.watermark.arrays import Luma
from provenance.watermark.errors import BadFrame

EXAMINED_SHORT_SIDE = 720
_SMALLEST_SIDE = 64


def spread(frames: Iterable[Luma], count: int) -> list[Luma]:
    """Keep up to `count` frames, spread evenly over the clip, at most 720 px on the short side.

    The clip is read once and at most twice as many frames are held: whenever that many are kept,
    every second one is dropped and the step doubles.

    Args:
        frames: luma planes of one size, uint8.
        count: the most to return, 1 or more.

    Returns:
        The frames in order; empty for an empty clip.

    Raises:
        BadFrame: if a frame is not a uint8 plane, is very small, or differs in size.
    """
    kept: list[Luma] = []
    step = 1
    shape: tuple[int, ...] | None = None
    for number, frame in enumerate(frames):
        shape = _checked(frame, shape)
        if number % step:
            continue
        kept.append(_examined(frame))
        if len(kept) >= 2 * count:
            kept = kept[::2]
            step *= 2
    picks = np.linspace(0, len(kept) - 1, min(count, len(kept))).round().astype(int)
    return [kept[i] for i in picks]


def _checked(frame: Luma, shape: tuple[int, ...] | None) -> tuple[int, ...]:
    if frame.dtype != np.uint8 or frame.ndim != 2:
        raise BadFrame(f"a frame is a uint8 plane, not {frame.dtype} {frame.shape}")
    if min(frame.shape) < _SMALLEST_SIDE:
        raise BadFrame(f"a side of a frame has {min(frame.shape)} px, {_SMALLEST_SIDE} are needed")
    if shape is not None and frame.shape != shape:
        raise BadFrame(f"a frame measures {frame.shape}, those before it {shape}")
    return frame.shape


def _examined(frame: Luma) -> Luma:
    height, width = frame.shape
    shrink = EXAMINED_SHORT_SIDE / min(height, width)
    if shrink >= 1.0:
        # A decoder may reuse its buffer for the next frame, so what is kept is a copy.
        return frame.copy()
    size = (round(width * shrink), round(height * shrink))
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)  # type: ignore[no-any-return]
