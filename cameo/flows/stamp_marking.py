"""Putting the marks of a stamp into a file of any kind; nothing is registered or published here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast

import numpy as np
import numpy.typing as npt

from cameo.flows.errors import CannotMarkError
from cameo.flows.sound_marking import MOST_DB, MarkedSound, marked_sound
from cameo.media.decode import FrameStream, Probe, read_samples
from cameo.media.encode import SAMPLE_RATE, encode_file
from cameo.media.kinds import FileKind
from cameo.media.limits import Limits
from cameo.media.sound_files import SoundKind, rate_for, write_sound
from cameo.media.stills import StillKind, luma_of, with_luma, write_still
from provenance.watermark.errors import CannotCarry
from provenance.watermark.pattern import psnr_db
from provenance.watermark.video import VideoMark

Samples = npt.NDArray[np.float32]

QUALITY: Final = 18
"""What a film is encoded with."""
_DEEP: Final = ("pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f64le")


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """The keys of one epoch that a file's marks are made with."""

    picture: bytes = field(repr=False)
    sound: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What it cost to mark a file.

    Attributes:
        frames: How many were marked.
        psnr_db: Mean per-frame luma PSNR against the unmarked frames; None without a picture.
        snr_db: Ratio of the sound to its change; None where no sound was marked.
        silent_because: Why the sound carries no mark; None where it does, or there is none.
    """

    frames: int = 0
    psnr_db: float | None = None
    snr_db: float | None = None
    silent_because: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Marking:
    """Writes one payload."""

    payload: int = field(repr=False)
    keys: Keys
    psnr_db: float
    limits: Limits

    def write(self, source: Path, target: Path, facts: Probe, kind: FileKind) -> Written:
        """Write a marked file of the source's kind.

        Raises:
            CannotMarkError: the picture, or the sound of a file without one, cannot carry a mark.
            MediaError: the file cannot be used.
        """
        if facts.kind == "video":
            return self._film(source, target, facts)
        if facts.kind == "image":
            return self._still(source, target, facts, kind)
        return self._sound(source, target, facts, kind)

    def _film(self, source: Path, target: Path, facts: Probe) -> Written:
        deep = facts.bit_depth > 8
        sound: MarkedSound | None = None
        if facts.has_sound:
            samples = read_samples(source, self.limits, rate=SAMPLE_RATE, channels="source")
            sound = self._heard(samples, SAMPLE_RATE)
        meter = _Meter()
        pixels: Literal["yuv420p", "yuv420p10"] = "yuv420p10" if deep else "yuv420p"
        with FrameStream(source, self.limits, pixels=pixels) as stream:
            encode_file(
                target,
                _marked(stream, self._mark(stream.size), meter),
                None if sound is None else sound.samples,
                fps=stream.fps,
                size=stream.size,
                crf=QUALITY,
                codec="h265" if deep else "h264",
                bit_depth=10 if deep else 8,
                colour=stream.colour,
            )
        return Written(
            frames=meter.count,
            psnr_db=meter.mean(),
            snr_db=None if sound is None else sound.snr_db,
            silent_because=None if sound is None else sound.absent,
        )

    def _still(self, source: Path, target: Path, facts: Probe, kind: FileKind) -> Written:
        if facts.has_alpha:
            raise CannotMarkError(
                "it cannot carry a mark because part of it may be transparent, and a marked copy "
                "would not be: flatten it first"
            )
        with FrameStream(source, self.limits) as stream:
            rgb = next(iter(stream))
            mark = self._mark(stream.size)
        before = luma_of(rgb)
        after = mark.embed(before)
        meter = _Meter()
        meter.add(before, after)
        write_still(target, with_luma(rgb, before, after), cast("StillKind", kind.name))
        return Written(frames=1, psnr_db=meter.mean())

    def _sound(self, source: Path, target: Path, facts: Probe, kind: FileKind) -> Written:
        name = cast("SoundKind", kind.name)
        rate = rate_for(name, facts.sound_rate)
        samples = read_samples(source, self.limits, rate=rate, channels="source")
        sound = self._heard(samples, rate)
        if sound.absent is not None:
            raise CannotMarkError(f"it {sound.absent}")
        deep = any(codec in _DEEP for codec in facts.codecs)
        write_sound(target, sound.samples, name, rate=rate, bits=24 if deep else 16)
        return Written(snr_db=sound.snr_db)

    def _mark(self, size: tuple[int, int]) -> VideoMark:
        try:
            return VideoMark(self.keys.picture, self.payload, size, self.psnr_db)
        except CannotCarry as error:
            raise CannotMarkError(f"it {error}") from error

    def _heard(self, samples: Samples, rate: int) -> MarkedSound:
        return marked_sound(samples, rate, self.keys.sound, self.payload)


class _Meter:
    """Mean per-frame luma PSNR."""

    def __init__(self) -> None:
        self._sum, self.count = 0.0, 0

    def add(self, before: npt.NDArray[Any], after: npt.NDArray[Any]) -> None:
        self._sum += min(MOST_DB, psnr_db(before, after))
        self.count += 1

    def mean(self) -> float:
        return self._sum / self.count if self.count else 0.0


def _marked(stream: FrameStream, mark: VideoMark, meter: _Meter) -> Iterator[npt.NDArray[Any]]:
    height = stream.size[1]
    for number, frame in enumerate(stream):
        planar = frame.copy()
        before = planar[:height].copy()
        planar[:height] = mark.embed(before, number / stream.fps)
        meter.add(before, planar[:height])
        yield planar
