"""The stretch of a clip that is examined at once: some seconds of frames, and their times."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark import whiten
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.errors import BadFrame
from provenance.watermark.pattern import EIGHT, depth_of

EXAMINED_SHORT_SIDE = 720
WINDOW_SECONDS = 12.0
FRAMES_PER_SECOND = 12.0
_SMALLEST_SIDE = 16


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Window:
    """Frames of one size, thinned out.

    Attributes:
        frames: luma planes of 8 bits, at most 720 px on the short side.
        times: when each is shown, in seconds from the start of the clip, rising.
        until: when the window ends, in seconds.
        reduction: side of these frames over that of the clip's, at most 1.
    """

    frames: tuple[Luma, ...]
    times: NDArray[np.float64]
    until: float
    reduction: float

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the frames in pixels."""
        height, width = self.frames[0].shape
        return width, height

    def planes(self, cell: float, seconds: float, most: int) -> tuple[list[Plane], float, float]:
        """Average the whitened frames of short stretches.

        Args:
            cell: the side in pixels of the cells that are looked for; sizes within a factor of 1.3
                of it stay visible.
            seconds: length of a stretch.
            most: how many stretches to take, spread evenly.

        Returns:
            The averages, (h, w) each, and by how much they are smaller than the frames, x and y.
        """
        groups = self._groups(seconds, most)
        shrink = whiten.shrink_for(cell)
        planes = []
        for group in groups:
            total: Plane | None = None
            for index in group:
                plane = whiten.whiten(whiten.reduced(self.frames[index], shrink), cell * shrink)
                total = plane if total is None else cv2.add(total, plane)
            if total is not None:
                planes.append(total / np.float32(len(group)))
        width, height = self.size
        return planes, planes[0].shape[1] / width, planes[0].shape[0] / height

    def _groups(self, seconds: float, most: int) -> list[list[int]]:
        """Return the numbers of the frames of each stretch."""
        stretches: dict[int, list[int]] = {}
        for index, time in enumerate(self.times):
            stretches.setdefault(int((time - self.times[0]) / seconds + 1e-6), []).append(index)
        groups = list(stretches.values())
        picks = np.unique(np.linspace(0, len(groups) - 1, min(most, len(groups))).round())
        return [groups[int(i)] for i in picks]


def windows(frames: Iterable[Luma], fps: float) -> Iterator[Window]:
    """Cut a clip into windows; frames are read once and at most a window is held.

    Args:
        frames: luma planes of one size, uint8, or uint16 with values of 10 bits.
        fps: frames a second; 0 for a still.

    Raises:
        BadFrame: if a frame is not a plane, is very small, or differs in size from the first.
    """
    if not (math.isfinite(fps) and fps >= 0):
        raise BadFrame(f"a frame rate of {fps}")
    kept: list[Luma] = []
    times: list[float] = []
    shape: tuple[int, ...] | None = None
    start, due, time = 0.0, 0.0, 0.0
    for number, frame in enumerate(frames):
        shape = _checked(frame, shape)
        time = number / fps if fps else float(number)
        if time - start >= WINDOW_SECONDS and kept:
            yield _window(kept, times, time, shape)
            kept, times, start, due = [], [], time, time
        if time + 1e-9 >= due:
            kept.append(_examined(frame))
            times.append(time)
            due += 1 / FRAMES_PER_SECOND
            due = max(due, time)
    if kept and shape is not None:
        yield _window(kept, times, time + (1 / fps if fps else 0.0), shape)


def _window(kept: list[Luma], times: list[float], until: float, shape: tuple[int, ...]) -> Window:
    return Window(
        frames=tuple(kept),
        times=np.array(times),
        until=until,
        reduction=min(kept[0].shape) / min(shape),
    )


def _checked(frame: Luma, shape: tuple[int, ...] | None) -> tuple[int, ...]:
    depth_of(frame)
    if frame.ndim != 2:
        raise BadFrame(f"a frame is a plane, not {frame.shape}")
    if min(frame.shape) < _SMALLEST_SIDE:
        raise BadFrame(f"a side of a frame has {min(frame.shape)} px, {_SMALLEST_SIDE} are needed")
    if shape is not None and frame.shape != shape:
        raise BadFrame(f"a frame measures {frame.shape}, those before it {shape}")
    return frame.shape


def _examined(frame: Luma) -> Luma:
    depth = depth_of(frame)
    shrink = EXAMINED_SHORT_SIDE / min(frame.shape)
    if shrink < 1.0:
        frame = whiten.reduced(frame, shrink)
    if depth is EIGHT:
        # A decoder may reuse its buffer for the next frame, so what is kept is a copy.
        return frame.copy() if shrink >= 1.0 else frame
    return cv2.convertScaleAbs(frame, alpha=1 / depth.scale)  # type: ignore[no-any-return]
