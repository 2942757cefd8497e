"""How far a mouth is open, frame by frame, from phone times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from generator.speech.values import PAUSE, Phone

OVERSAMPLING = 16  # points a frame
BLUR_S = 0.08  # lips do not jump: full width of the smoothing window
LONG_PAUSE_S = 0.1  # the mouth closes in pauses from this length on
RELEASE_S = 0.05  # how long before and after speech the lips are on their way

_GROUPS: tuple[tuple[float, str], ...] = (
    (1.0, "aa a A"),
    (0.9, "ae ao aw ay"),
    (0.75, "ah oy o O"),
    (0.65, "eh e E ow"),
    (0.55, "ey"),
    (0.45, "ax er uh"),
    (0.38, "ih iy i"),
    (0.3, "uw u y hh h hy"),
    (0.22, "l r ry n ny N ng k ky g gy kw gw"),
    (0.18, "s z sh zh ch jh j t d ty dy ts th dh I U"),
    (0.1, "f v w cl q"),
    (0.0, "m b p my by py pau"),
)
OPENING: Mapping[str, float] = MappingProxyType(
    {label: opening for opening, labels in _GROUPS for label in labels.split()}
)
"""Opening 0..1 of each phone label of both engines."""

CLOSED = frozenset({"m", "b", "p", "my", "by", "py"})
OTHER = 0.25


def mouth_track(
    phones: Sequence[Phone], fps: float, frames: int, start_s: float = 0.0
) -> npt.NDArray[np.float32]:
    """Return the mouth's opening for each frame of a clip.

    Args:
        phones: what is said, times from the speech's own start.
        fps: frames a second.
        frames: how many frames the clip has.
        start_s: when the speech starts in the clip.

    Returns:
        float32 (frames,) in 0..1. A frame that shows the middle of an m, b or p is 0, and so is
        every frame more than `RELEASE_S` from speech.
    """
    fine = np.zeros(frames * OVERSAMPLING)
    step = 1.0 / (fps * OVERSAMPLING)
    shifted = [(p.label, p.start_s + start_s, p.end_s + start_s) for p in phones]
    for label, start, end in shifted:
        fine[_span(start, end, step, fine.size)] = OPENING.get(label, OTHER)
    fine = _smooth(fine, step) * _spoken(shifted, step, fine.size)
    for label, start, end in shifted:
        if label in CLOSED:
            fine *= _closure(start, end, step, fine.size)
    track = fine.reshape(frames, OVERSAMPLING).mean(axis=1)
    for label, start, end in shifted:
        frame = int((start + end) / 2.0 * fps)
        if label in CLOSED and 0 <= frame < frames:
            track[frame] = 0.0
    opening: npt.NDArray[np.float32] = np.clip(track, 0.0, 1.0).astype(np.float32)
    return opening


def _span(start: float, end: float, step: float, size: int) -> slice:
    return slice(min(max(round(start / step), 0), size), min(max(round(end / step), 0), size))


def _smooth(fine: npt.NDArray[np.float64], step: float) -> npt.NDArray[np.float64]:
    width = max(3, round(BLUR_S / step) | 1)
    window = np.hanning(width + 2)[1:-1]
    window /= window.sum()
    if fine.size < width:
        return fine
    return np.convolve(fine, window, mode="same")


def _spoken(
    phones: Sequence[tuple[str, float, float]], step: float, size: int
) -> npt.NDArray[np.float64]:
    """1 where someone speaks, 0 in long pauses, in straight lines between."""
    mask = np.zeros(size)
    times = (np.arange(size) + 0.5) * step
    for start, end in _runs(phones):
        rise = (times - start) / RELEASE_S + 1.0
        fall = (end - times) / RELEASE_S + 1.0
        mask = np.maximum(mask, np.clip(np.minimum(rise, fall), 0.0, 1.0))
    return mask


def _runs(phones: Sequence[tuple[str, float, float]]) -> list[tuple[float, float]]:
    """Stretches of speech; pauses shorter than `LONG_PAUSE_S` do not divide them."""
    runs: list[tuple[float, float]] = []
    for label, start, end in phones:
        if label == PAUSE:
            continue
        if runs and start - runs[-1][1] < LONG_PAUSE_S:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _closure(start: float, end: float, step: float, size: int) -> npt.NDArray[np.float64]:
    """0 over the middle half of a lip closure, rising to 1 over 30 ms on both sides."""
    times = (np.arange(size) + 0.5) * step
    middle, half = (start + end) / 2.0, (end - start) / 4.0
    shape: npt.NDArray[np.float64] = np.clip((np.abs(times - middle) - half) / 0.03, 0.0, 1.0)
    return shape
