"""Round trips: encoded to bytes as a platform or a friend would, and decoded again."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, Protocol, runtime_checkable

import av
import numpy as np

from cameo.media.attacks.clip import F32, U8, Clip
from cameo.media.attacks.graph import picture, sounds

PictureKind = Literal["h264", "h265", "vp9", "av1"]
SoundKind = Literal["aac", "mp3", "opus"]

_THREADS: Final = 2
_PICTURE: Final[Mapping[PictureKind, tuple[str, str, dict[str, str]]]] = {
    # Without it, x264's fast floating point gives other bytes now and then, on one machine even.
    "h264": ("libx264", "mp4", {"x264-params": "cpu-independent=1"}),
    "h265": ("libx265", "mp4", {"x265-params": "log-level=none"}),
    "vp9": (
        "libvpx-vp9",
        "webm",
        {"b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"},
    ),
    "av1": ("libsvtav1", "mp4", {}),
}
_SPEED: Final[Mapping[PictureKind, str]] = {"h264": "veryfast", "h265": "veryfast", "av1": "9"}
_SOUND: Final[Mapping[SoundKind, tuple[str, str]]] = {
    "aac": ("aac", "mp4"),
    "mp3": ("libmp3lame", "mp3"),
    "opus": ("libopus", "ogg"),
}


@runtime_checkable
class Codec(Protocol):
    """Something that turns a clip into bytes and back."""

    def run(self, clip: Clip) -> tuple[Clip, Sizes]:
        """Return what comes back, and how many bytes it took."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """Encoded sizes in bytes, containers included; 0 for what was not encoded."""

    picture: int = 0
    sound: int = 0

    def updated(self, later: Sizes) -> Sizes:
        """These, with what was encoded again later in place."""
        return Sizes(picture=later.picture or self.picture, sound=later.sound or self.sound)


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture through a codec at a constant rate factor; the sound is untouched.

    Attributes:
        kind: H.264 by x264, H.265 by x265, VP9 by libvpx or AV1 by SVT-AV1.
        crf: the encoder's own scale: 0..51 for H.264 and H.265, 0..63 for VP9 and AV1.
        preset: the encoder's own; None takes a quick one. VP9 has none.
    """

    kind: PictureKind
    crf: int
    preset: str | None = None

    def run(self, clip: Clip) -> tuple[Clip, Sizes]:
        """Encode and decode."""
        encoder, container, options = _PICTURE[self.kind]
        preset = self.preset or _SPEED.get(self.kind)
        if self.kind == "av1":
            os.putenv("SVT_LOG", "1")  # its only way to be told not to write to standard error
        chosen = {**options, "crf": str(self.crf)} | ({"preset": preset} if preset else {})
        data = _encoded(clip, encoder, container, chosen)
        return clip.showing(decoded(data)), Sizes(picture=len(data))


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound through a codec; a clip without sound passes through.

    Attributes:
        kind: AAC by FFmpeg's own encoder, MP3 by LAME or Opus by libopus, stereo.
        kbps: kilobits a second.
    """

    kind: SoundKind
    kbps: int

    def run(self, clip: Clip) -> tuple[Clip, Sizes]:
        """Encode and decode; the decoder leaves the encoder's delay out, as FFmpeg's does."""
        if clip.samples is None:
            return clip, Sizes()
        encoder, container = _SOUND[self.kind]
        with writing(container) as (buffer, output):
            stream = output.add_stream(encoder, rate=clip.rate, layout="stereo")
            stream.codec_context.bit_rate = 1000 * self.kbps
            for frame in sounds(clip.samples, clip.rate):
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        data = buffer.getvalue()
        return clip.sounding(_heard(data, clip.rate)), Sizes(sound=len(data))


def lossless(clip: Clip) -> bytes:
    """The pictures alone, H.264 without loss: what a cache keeps; `decoded` gives them back."""
    return _encoded(clip, "libx264", "matroska", {"preset": "ultrafast", "qp": "0"})


def decoded(data: bytes) -> U8:
    """Every picture of bytes that were written here, as planar yuv420p."""
    with av.open(io.BytesIO(data)) as source:
        source.streams.video[0].thread_type = "AUTO"
        return np.stack([_planar(frame) for frame in source.decode(video=0)])


@contextmanager
def writing(container: str) -> Iterator[tuple[io.BytesIO, Any]]:
    """An output in memory, without anything that differs from run to run."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container, options={"fflags": "+bitexact"}) as output:
        yield buffer, output


def _encoded(clip: Clip, encoder: str, container: str, options: dict[str, str]) -> bytes:
    rate = Fraction(clip.fps).limit_denominator(1001)
    with writing(container) as (buffer, output):
        stream = output.add_stream(encoder, rate=rate, options=options)
        stream.width, stream.height = clip.size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / rate
        context.thread_count = _THREADS
        context.colorspace = context.color_primaries = context.color_trc = 1
        context.color_range = 1
        for index, planar in enumerate(clip.frames):
            output.mux(stream.encode(picture(planar, index, 1 / rate)))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def _planar(frame: Any) -> U8:
    if frame.format.name != "yuv420p":
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range=1)
    array: U8 = frame.to_ndarray()
    return array


def _heard(data: bytes, rate: int) -> F32:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate)
    with av.open(io.BytesIO(data)) as source:
        frames = [*source.decode(audio=0), None]
        blocks = [piece.to_ndarray() for frame in frames for piece in resampler.resample(frame)]
    return np.ascontiguousarray(np.concatenate(blocks, axis=1).T, dtype=np.float32)
