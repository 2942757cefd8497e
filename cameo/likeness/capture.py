"""A capture as it comes from decoding: pictures, their times, and sound."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cameo.likeness.arrays import LIKENESS_RATE, Frame, Samples
from cameo.likeness.errors import CaptureUnusableError

STORED_SIDE = 800  # pixels of the longer side; larger pictures are reduced when they come in


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """What a camera and a microphone recorded; frames are read once, in order.

    Attributes:
        frames: RGB uint8 (H, W, 3), all of one size, unmirrored.
        fps: frames a second, used where `times` is None.
        samples: float32 mono in [-1, 1]; empty where there is no sound.
        rate: Hz of the samples.
        times: seconds of each frame from the beginning of the sound, ascending.
    """

    frames: Iterable[Frame]
    fps: float
    samples: Samples
    rate: int
    times: Sequence[float] | None = None

    def timed_frames(self) -> Iterator[tuple[float, Frame]]:
        """Yields (seconds, frame), large frames reduced to `STORED_SIDE`.

        Raises:
            CaptureUnusableError: a frame of another shape or type than the first, times that are
                missing, not finite or go back.
        """
        shape: tuple[int, ...] | None = None
        last = 0.0
        for i, frame in enumerate(self.frames):
            shape = shape or frame.shape
            if frame.shape != shape or frame.ndim != 3 or frame.shape[2] != 3:
                raise CaptureUnusableError("Its pictures differ in size.")
            at = self._at(i)
            if not last <= at < math.inf:
                raise CaptureUnusableError("Its times go back or are missing.")
            last = at
            yield at, reduced(frame, STORED_SIDE)

    def _at(self, i: int) -> float:
        if self.times is None:
            return i / self.fps if self.fps > 0 else math.nan
        return float(self.times[i]) if i < len(self.times) else math.nan

    def speech_samples(self) -> Samples:
        """Returns the sound at 16 kHz, clipped to [-1, 1]."""
        return to_speech_rate(self.samples, self.rate)


def to_speech_rate(samples: Samples, rate: int) -> Samples:
    """Returns mono float32 samples at 16 kHz, clipped to [-1, 1], not finite ones as silence."""
    wave = np.nan_to_num(np.asarray(samples, dtype=np.float32), posinf=0.0, neginf=0.0)
    if rate != LIKENESS_RATE and wave.size:
        from scipy.signal import resample_poly  # noqa: PLC0415 - half of the start of a command

        common = math.gcd(rate, LIKENESS_RATE)
        wave = resample_poly(wave, LIKENESS_RATE // common, rate // common)
    return np.clip(wave, -1.0, 1.0).astype(np.float32)


def reduced(frame: Frame, side: int) -> Frame:
    """Returns the frame with its longer side at most `side` pixels."""
    scale = side / max(frame.shape[:2])
    if scale >= 1.0:
        return np.ascontiguousarray(frame)
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)
