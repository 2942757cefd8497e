"""What detectors and comparisons find, as the verdict chain reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
"""One frame's luma plane, uint8 `(H, W)`."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sound:
    """Decoded sound.

    Attributes:
        samples: float32 at full scale 1, `(N,)` or `(N, channels)`.
        rate: Samples a second.
    """

    samples: npt.NDArray[np.float32]
    rate: int


class Finding(Protocol):
    """What a detector of any kind found."""

    @property
    def found(self) -> bool:
        """Whether a mark is there, within the documented false-positive bound."""
        ...

    @property
    def payload(self) -> int | None:
        """The 64-bit payload, or None where it could not be read, or not with certainty."""
        ...

    @property
    def confidence(self) -> float:
        """The detector's statistic."""
        ...

    @property
    def threshold(self) -> float:
        """What the statistic had to exceed."""
        ...


class MarkFinding(Finding, Protocol):
    """What a detector found in a picture."""

    @property
    def geometry(self) -> object | None:
        """How the picture was scaled, flipped, turned or moved; a dataclass or None."""
        ...

    @property
    def spans(self) -> Sequence[MarkedSpan]:
        """Which stretches carry a mark, and whose."""
        ...


class MarkedSpan(Protocol):
    """A stretch of a copy that carries a mark."""

    @property
    def start(self) -> float:
        """When it begins, in seconds of the copy."""
        ...

    @property
    def end(self) -> float:
        """When it ends, in seconds of the copy."""
        ...

    @property
    def payload(self) -> int:
        """What its mark says."""
        ...

    @property
    def source_start(self) -> float:
        """Which second of the marked clip it begins with."""
        ...

    @property
    def speed(self) -> float:
        """Seconds of the marked clip in a second of the copy."""
        ...


class SoundFinding(Finding, Protocol):
    """What a detector found in sound."""

    @property
    def short_id(self) -> int | None:
        """The first 32 bits of the payload, or None where nothing was found."""
        ...

    @property
    def speed(self) -> float:
        """How many times faster than when it was marked the sound plays."""
        ...

    @property
    def spans(self) -> Sequence[tuple[float, float]]:
        """Which stretches carry the mark, in seconds of the copy."""
        ...


class Agreement(Protocol):
    """How a candidate's content compares with a reference."""

    @property
    def agrees(self) -> bool:
        """Whether they show the same content."""
        ...

    @property
    def score(self) -> float:
        """The measured likeness."""
        ...

    @property
    def threshold(self) -> float:
        """What the score had to reach."""
        ...

    @property
    def seconds_compared(self) -> float:
        """How much of the candidate was compared, in seconds."""
        ...

    @property
    def offset_s(self) -> float:
        """Where in the reference the candidate starts, in seconds."""
        ...

    @property
    def reason(self) -> str:
        """`fingerprint.agrees`, `.differs` or `.too_little_information`."""
        ...
