"""What speech is made of: phones on a time line, and the samples that they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from generator.scene import Lang

Samples = npt.NDArray[np.float32]
"""Mono float32 samples in [-1, 1], shape ``(N,)``."""

LANGS: tuple[Lang, ...] = get_args(Lang)

RATE = 48_000
"""Hz; all sound that leaves the generator has this rate."""

PAUSE = "pau"
"""Label of a stretch of silence, whatever the engine calls it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Phone:
    """One speech sound and where it lies, in seconds from the first sample."""

    label: str  # ARPAbet in lower case (en) or OpenJTalk's romaji phones (ja); PAUSE is silence
    start_s: float
    end_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Speech:
    """Spoken text at 48 kHz, with its phones in order and without gaps."""

    samples: Samples
    phones: tuple[Phone, ...]

    @property
    def seconds(self) -> float:
        """Length of the samples in seconds."""
        return float(self.samples.shape[0]) / RATE


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Raw:
    """What an engine says, at the engine's own rate, before any adaptation."""

    samples: npt.NDArray[np.floating]  # mono, in [-1, 1]
    rate: int  # Hz
    phones: tuple[Phone, ...]
