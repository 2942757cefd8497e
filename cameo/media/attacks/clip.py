"""A clip in memory: planar 4:2:0 frames, their rate, and sound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

BLACK, GREY = 16, 128  # limited range: black luma, and chroma of no colour


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Clip:
    """Frames and sound that start together.

    Attributes:
        frames: uint8 (n, H * 3 / 2, W), each a planar yuv420p picture, BT.709 limited range; H and
            W are even.
        fps: frames a second, constant.
        samples: float32 (N, 2) in [-1, 1], or None for a silent clip.
        rate: samples a second.
    """

    frames: U8
    fps: float
    samples: F32 | None = None
    rate: int = 48_000

    def __post_init__(self) -> None:
        """Refuse shapes that could only fail later, inside a codec."""
        if self.frames.ndim != 3 or self.frames.dtype != np.uint8 or not len(self.frames):
            raise ValueError("frames must be uint8 (n, H * 3 / 2, W), at least one")
        if self.frames.shape[1] % 3 or self.frames.shape[2] % 2:
            raise ValueError("both sides of the picture must be even")
        if self.samples is not None and (self.samples.ndim != 2 or self.samples.shape[1] != 2):
            raise ValueError("samples must be (N, 2)")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.frames.shape[2], self.frames.shape[1] * 2 // 3

    @property
    def seconds(self) -> float:
        """How long the picture plays."""
        return len(self.frames) / self.fps

    @property
    def luma(self) -> U8:
        """The Y planes, a view (n, H, W)."""
        return self.frames[:, : self.size[1]]

    @classmethod
    def of_planes(cls, planes: tuple[U8, U8, U8], like: Clip) -> Self:
        """A clip of new pictures with the rate and sound of another."""
        count = len(planes[0])
        joined = np.concatenate([plane.reshape(count, -1) for plane in planes], axis=1)
        width = planes[0].shape[2]
        frames = joined.reshape(count, -1, width)
        return cls(frames=frames, fps=like.fps, samples=like.samples, rate=like.rate)

    def planes(self) -> tuple[U8, U8, U8]:
        """Y (n, H, W), U and V (n, H / 2, W / 2): views where the frames are contiguous."""
        width, height = self.size
        count, area = len(self.frames), width * height
        flat = np.ascontiguousarray(self.frames).reshape(count, -1)
        half = (count, height // 2, width // 2)
        luma = flat[:, :area].reshape(count, height, width)
        u, v = flat[:, area : area * 5 // 4], flat[:, area * 5 // 4 :]
        return luma, u.reshape(half), v.reshape(half)

    def showing(self, frames: U8, fps: float | None = None) -> Clip:
        """The same sound under other frames."""
        return replace(self, frames=frames, fps=self.fps if fps is None else fps)

    def sounding(self, samples: F32 | None) -> Clip:
        """The same picture with another sound."""
        return replace(self, samples=samples)


def empty_planes(count: int, size: tuple[int, int]) -> tuple[U8, U8, U8]:
    """Black pictures of a size (width, height), both even."""
    width, height = size
    half = (count, height // 2, width // 2)
    return (
        np.full((count, height, width), BLACK, np.uint8),
        np.full(half, GREY, np.uint8),
        np.full(half, GREY, np.uint8),
    )


def even(value: float) -> int:
    """The nearest even whole number, at least 2."""
    return max(2, round(value / 2) * 2)
