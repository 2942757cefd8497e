"""What somebody with bad intent does to copies: strip, tamper, lift a mark, paste it."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path
from typing import Final

import numpy as np

from cameo.media.decode import FrameStream
from cameo.media.encode import encode_file, reencode, to_yuv420p
from cameo.media.limits import Limits
from generator.embedded import EmbeddedGenerator
from generator.request import RenderRequest, Style
from provenance.watermark.attacks import Paste, estimate

_LIMITS: Final = Limits()
_FOREIGN_SECONDS: Final = 4.0


def strip_and_shrink(source: Path, target: Path, *, scale: float = 0.5) -> None:
    """Half size (or another), CRF 28, all metadata gone."""
    reencode(source, target, _LIMITS, scale=scale, crf=28)


def flip_a_byte(source: Path, target: Path) -> None:
    """Change one byte in the middle of the picture data."""
    data = bytearray(source.read_bytes())
    start, end = _media_data(bytes(data))
    data[(start + end) // 2] ^= 0x01
    target.write_bytes(bytes(data))


def make_foreign(target: Path, size: tuple[int, int]) -> None:
    """A video that never met this service: no mark, no credentials."""
    generator = EmbeddedGenerator()
    spec = generator.plan(
        RenderRequest(
            prompt="a quiet shore in the morning, the camera pans left",
            seconds=_FOREIGN_SECONDS,
            size=size,
            style=Style.PHOTOREAL,
            seed=99,
        )
    )
    count = round(spec.seconds * spec.fps)
    chunks = (generator.frames(spec, (), {}, at, 24) for at in range(0, count, 24))
    frames = (to_yuv420p(frame) for frame in itertools.chain.from_iterable(chunks))
    sound = generator.sound(spec, ()).samples
    encode_file(target, frames, sound, fps=spec.fps, size=size)


def lift_and_paste(marked: Path, other: Path, target: Path) -> None:
    """Estimate the mark of one clip without any key, and add it to another one."""
    with FrameStream(marked, _LIMITS, pixels="luma") as stream:
        lifted = Paste(estimate(list(stream), stream.fps))
    with FrameStream(other, _LIMITS, pixels="yuv420p") as stream:
        height = stream.size[1]
        frames = []
        for number, frame in enumerate(stream):
            planar = frame.copy()
            luma = np.ascontiguousarray(planar[:height])
            planar[:height] = lifted.apply(luma, number / stream.fps)
            frames.append(planar)
        encode_file(target, frames, None, fps=stream.fps, size=stream.size)


def _media_data(data: bytes) -> tuple[int, int]:
    """Where the picture data lies: the payload of the top-level `mdat` box (ISO/IEC 14496-12)."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        header = 8
        if size == 1:
            size, header = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
        if kind == b"mdat":
            return at + header, at + size
        at += size or len(data)
    raise ValueError("no picture data")
