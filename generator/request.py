"""What is asked of a generator: a prompt, a format, and the people cast in it.

The values carry no consent: whoever builds a `RenderRequest` has checked that already.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from generator.errors import (
    AppearanceError,
    EmptyPromptError,
    FrameRateError,
    PeopleError,
    PromptTooLongError,
    SecondsError,
    SizeError,
)

MAX_PROMPT = 4000  # characters
MIN_SECONDS, MAX_SECONDS = 4.0, 60.0
MIN_SIDE, MAX_SIDE = 360, 1080  # pixels of the shorter side
ASPECTS = (16 / 9, 9 / 16, 1.0)
ASPECT_TOLERANCE = 0.01  # 854x480 is not exactly 16:9
MAX_PEOPLE = 2


class Style(StrEnum):
    """How the picture looks; "photoreal" is a grade, not a photograph."""

    PHOTOREAL = "photoreal"
    ANIME = "anime"
    CINEMATIC = "cinematic"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Appearance:
    """How a person looks: a frontal head-and-shoulders crop with the mouth closed.

    Attributes:
        image: uint8 (S, S, 3) RGB.
        landmarks5: float32 (5, 2) x, y in `image` in dlib's order: image-right eye outer and
            inner corner, image-left eye outer and inner corner, nose base.
        box: the face box x0, y0, x1, y1 in `image`, as a face detector gives it.
    """

    image: NDArray[np.uint8]
    landmarks5: NDArray[np.float32]
    box: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        """Refuse shapes that could only fail later, in the middle of a clip."""
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise AppearanceError("the image must be uint8 (S, S, 3)")
        if min(self.image.shape[:2]) < 64:
            raise AppearanceError("the image is smaller than 64 pixels")
        if self.landmarks5.shape != (5, 2) or not np.isfinite(self.landmarks5).all():
            raise AppearanceError("five finite landmarks are needed")
        x0, y0, x1, y1 = self.box
        if not (x1 - x0 >= 16 and y1 - y0 >= 16):
            raise AppearanceError("the face box is empty or tiny")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class VoiceProfile:
    """What a voice is adapted to; not a clone of it.

    Attributes:
        f0_hz: median pitch in Hz.
        f0_spread: standard deviation of the pitch in semitones.
        envelope: float32 (24,) mean log spectral envelope on mel-like bands, or None.
    """

    f0_hz: float
    f0_spread: float
    envelope: NDArray[np.float32] | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CastMember:
    """One person in the clip.

    Attributes:
        handle: the handle without the at sign, lower case.
        appearance: how the person looks.
        voice: what the voice is adapted to; None speaks with the neutral voice.
    """

    handle: str
    appearance: Appearance
    voice: VoiceProfile | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RenderRequest:
    """One clip to make.

    Attributes:
        prompt: what to show, English or Japanese, 1..4000 characters.
        seconds: length, 4..60.
        size: width and height in pixels, both even; 16:9, 9:16 or 1:1, shorter side 360..1080.
        fps: frames a second, a whole number.
        style: one of `Style`.
        seed: everything random is drawn from it.
        cast: the people who may appear, at most two.
    """

    prompt: str
    seconds: float
    size: tuple[int, int]
    fps: int = 24
    style: Style = Style.PHOTOREAL
    seed: int = 0
    cast: tuple[CastMember, ...] = ()

    def validate(self) -> None:
        """Check every bound.

        Raises:
            EmptyPromptError: nothing but white space.
            PromptTooLongError: more than 4,000 characters.
            SecondsError: outside 4..60 or not a number.
            SizeError: odd, too small, too large or of another aspect.
            FrameRateError: outside 8..60.
            PeopleError: more than two people, or a handle cast twice.
        """
        if not self.prompt.strip():
            raise EmptyPromptError
        if len(self.prompt) > MAX_PROMPT:
            raise PromptTooLongError(f"{len(self.prompt)} characters")
        check_format(self.size, self.seconds, self.fps)
        handles = [member.handle for member in self.cast]
        if len(handles) > MAX_PEOPLE or len(set(handles)) != len(handles):
            raise PeopleError(f"{len(handles)} cast, at most {MAX_PEOPLE}, each once")


def check_format(size: tuple[int, int], seconds: float, fps: int) -> None:
    """Raise `SizeError`, `SecondsError` or `FrameRateError` where a clip cannot have this form."""
    width, height = size
    if width % 2 or height % 2:
        raise SizeError(f"{width}x{height}: both sides must be even")
    if not MIN_SIDE <= min(size) <= MAX_SIDE:
        raise SizeError(f"{width}x{height}: the shorter side must be {MIN_SIDE}..{MAX_SIDE}")
    ratio = width / height
    if not any(abs(ratio / aspect - 1) <= ASPECT_TOLERANCE for aspect in ASPECTS):
        raise SizeError(f"{width}x{height}: the aspect must be 16:9, 9:16 or 1:1")
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise SecondsError(f"{seconds:g} s")
    if not 8 <= fps <= 60:
        raise FrameRateError(f"{fps} frames a second")
