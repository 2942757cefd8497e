"""The marked copy of a case, and what another clip of the same form is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cameo.cli.bench.watermark.clips import Case, cases
from cameo.media.processing import Clip
from provenance.watermark.arrays import Luma
from provenance.watermark.detect import Detection, Detector
from provenance.watermark.keys import epoch_key
from provenance.watermark.video import DEFAULT_PSNR_DB, VideoMark

_MASTER: Final = sha256(b"cameo bench watermark").digest()
KEY: Final = epoch_key(_MASTER, 1, "video")
SOUND_KEY: Final = epoch_key(_MASTER, 1, "sound")

U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which clips a run looks at; small enough to hand to another process.

    Attributes:
        scenes: names of scenes and of real clips; None for all.
        sides: pixels of the shorter side; None for all.
        data: a folder of real clips, or None.
        seconds: no more than so much of each clip.
    """

    scenes: tuple[str, ...] | None = None
    sides: tuple[int, ...] | None = None
    data: Path | None = None
    seconds: float = 5.0

    def cases(self) -> list[Case]:
        """The cases, in the order of a table."""
        return cases(scenes=self.scenes, sides=self.sides, data=self.data)


@lru_cache(maxsize=1)
def loaded(choice: Choice, name: str) -> Clip:
    """The unmarked clip of one case; the last one is kept."""
    case = next(each for each in choice.cases() if each.name == name)
    clip = case.load()
    count = min(len(clip.frames), round(choice.seconds * clip.fps))
    samples = None if clip.samples is None else clip.samples[: round(choice.seconds * clip.rate)]
    return clip.showing(clip.frames[:count]).sounding(samples)


@lru_cache(maxsize=1)
def loaded_marked(choice: Choice, name: str) -> Clip:
    """The same clip with the mark of this benchmark in its picture; the last one is kept."""
    return marked(loaded(choice, name), payload_of(name))


def payload_of(name: str) -> int:
    """A payload that is the same in every run."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big")


def marked(clip: Clip, payload: int, *, key: bytes = KEY, psnr: float = DEFAULT_PSNR_DB) -> Clip:
    """A clip with a mark in its picture, as the service marks it."""
    mark = VideoMark(key, payload, clip.size, psnr_db=psnr)
    frames = clip.frames.copy()
    for index, luma in enumerate(clip.luma):
        frames[index, : clip.size[1]] = mark.embed(np.ascontiguousarray(luma), index / clip.fps)
    return clip.showing(frames)


def partner_of(clip: Clip, *, payload: int | None) -> Clip:
    """Another clip of the same form: the unmarked one backwards, with a mark of its own or none."""
    other = clip.showing(np.ascontiguousarray(clip.frames[::-1]))
    return other if payload is None else marked(other, payload)


def planes(clip: Clip) -> list[Luma]:
    """The luma planes, each contiguous."""
    return [np.ascontiguousarray(luma) for luma in clip.luma]


def rate_for_detector(clip: Clip) -> float:
    """Frames a second as the detector takes it: 0 for a still."""
    return clip.fps if len(clip.frames) > 1 else 0.0


def detected(clip: Clip, key: bytes = KEY, *, full: bool = True) -> Detection:
    """What the detector says about a copy."""
    return Detector(key).detect(planes(clip), rate_for_detector(clip), full=full)


def payloads(detection: Detection) -> set[int]:
    """Every payload that a detection reports."""
    return {int(span.payload) for span in detection.spans}


def mean_psnr(one: Iterable[Luma], other: Iterable[Luma]) -> float:
    """PSNR of the luma over all frames of two clips of one form, in dB."""
    error = [
        float(np.mean(np.square(a.astype(np.float32) - b))) for a, b in zip(one, other, strict=True)
    ]
    return float(10 * np.log10(255.0**2 / max(float(np.mean(error)), 1e-12)))
