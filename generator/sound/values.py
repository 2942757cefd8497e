"""What the sound of a scene is: samples, mouths, and what was really said when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.scene import Lang

Stereo = npt.NDArray[np.float32]
"""float32 (N, 2) in [-1, 1] at 48 kHz, left and right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenLine:
    """A line as it is heard."""

    handle: str
    text: str  # what is really said; shorter than the scene's line where it was cut
    lang: Lang
    voice: str  # preset
    start_s: float  # first and last speech sound, in seconds from the start of the clip
    end_s: float
    tempo: float  # 1 is the voice's own
    whole: bool  # False where words were left out


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SoundResult:
    """All the sound of a clip.

    Attributes:
        samples: float32 (N, 2) at 48 kHz; N is ``round(seconds * 48000)``.
        mouth: for every actor, float32 (frames,), opening 0..1.
        lines: what is said, in order of time; this, not the scene, is the transcript.
        notes: one English sentence for each thing that differs from what the scene asked for.
    """

    samples: Stereo
    mouth: Mapping[str, npt.NDArray[np.float32]]
    lines: tuple[SpokenLine, ...]
    notes: tuple[str, ...]
