"""Detectors of an auditor who holds the keys of some epochs only, or none: what they may say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from cameo.flows.kit_errors import MarkKeyMissingError
from provenance.verifier.ports import (
    Luma,
    MarkDetector,
    MarkFinding,
    SoundFinding,
    SoundMarkDetector,
)


class NoDetector:
    """A detector without a key: it says that nothing was looked for."""

    def detect(self, frames: Iterable[Luma], fps: float, /) -> NoReturn:
        """Raises MarkKeyMissingError, so that the mark is reported as not checked."""
        del frames, fps
        raise MarkKeyMissingError


class NoSoundDetector:
    """The same for sound."""

    def detect(self, samples: npt.NDArray[np.float32], rate: int, /) -> NoReturn:
        """Raises MarkKeyMissingError, so that the sound is reported as not checked."""
        del samples, rate
        raise MarkKeyMissingError


@dataclass(frozen=True, slots=True)
class PartialDetector:
    """A detector with the keys of some epochs: what it finds is there, and no more is known."""

    detector: MarkDetector

    def detect(self, frames: Iterable[Luma], fps: float, /) -> MarkFinding:
        """Raises MarkKeyMissingError where nothing was found: other keys might have found it."""
        found = self.detector.detect(frames, fps)
        if not found.found:
            raise MarkKeyMissingError
        return found


@dataclass(frozen=True, slots=True)
class PartialSoundDetector:
    """The same for sound."""

    detector: SoundMarkDetector

    def detect(self, samples: npt.NDArray[np.float32], rate: int, /) -> SoundFinding:
        """Raises MarkKeyMissingError where nothing was found."""
        found = self.detector.detect(samples, rate)
        if not found.found:
            raise MarkKeyMissingError
        return found
