"""Copies that are no video any more: a GIF's palette, and a screenshot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import av
import av.error
import av.filter
import cv2
import numpy as np

from cameo.media.attacks.clip import U8, Clip
from cameo.media.attacks.codecs import Sizes, decoded, writing
from cameo.media.attacks.graph import pictures

_TO_RGB = "in_color_matrix=bt709:in_range=tv:out_range=pc"


@dataclass(frozen=True, slots=True)
class Gif:
    """All pictures in one palette of 256 colours, dithered by a Bayer matrix, as a silent GIF."""

    def run(self, clip: Clip) -> tuple[Clip, Sizes]:
        """Encode and decode."""
        data = _gif(clip)
        return replace(clip, frames=decoded(data), samples=None), Sizes(picture=len(data))


@dataclass(frozen=True, slots=True)
class Screenshot:
    """The middle picture as a JPEG, 4:2:0; the clip that comes back is one silent frame."""

    quality: int = 75

    def run(self, clip: Clip) -> tuple[Clip, Sizes]:
        """Encode and decode."""
        rgb = to_rgb(clip.frames[len(clip.frames) // 2])
        bgr = np.ascontiguousarray(rgb[..., ::-1])
        _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        back = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)[..., ::-1]
        frames = to_planar(back)[None]
        return replace(clip, frames=frames, samples=None), Sizes(picture=int(data.size))


def to_rgb(planar: U8) -> U8:
    """One planar picture as RGB (H, W, 3)."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(planar), format="yuv420p")
    rgb: U8 = frame.reformat(
        format="rgb24", src_colorspace="ITU709", src_color_range=1, dst_color_range=2
    ).to_ndarray()
    return rgb


def to_planar(rgb: U8) -> U8:
    """One RGB picture (H, W, 3) with even sides as planar 4:2:0."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    planar: U8 = frame.reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range=1
    ).to_ndarray()
    return planar


def _gif(clip: Clip) -> bytes:
    graph = av.filter.Graph()
    width, height = clip.size
    source = graph.add(
        "buffer",
        f"video_size={width}x{height}:pix_fmt=yuv420p:time_base=1/1000:pixel_aspect=1/1"
        ":colorspace=bt709:range=tv",
    )
    rgb, fork = graph.add("scale", _TO_RGB), graph.add("split")
    plain = graph.add("format", "rgb24")
    palette, use = graph.add("palettegen"), graph.add("paletteuse", "dither=bayer:bayer_scale=3")
    sink = graph.add("buffersink")
    source.link_to(rgb)
    rgb.link_to(plain)
    plain.link_to(fork)
    fork.link_to(palette, 0, 0)
    fork.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    for frame in pictures(clip):
        source.push(frame)
    source.push(None)
    rate = Fraction(clip.fps).limit_denominator(1001)
    with writing("gif") as (buffer, output):
        stream = output.add_stream("gif", rate=rate)
        stream.width, stream.height = clip.size
        stream.pix_fmt = "pal8"
        for index, frame in enumerate(_all(sink)):
            frame.pts, frame.time_base = index, 1 / rate
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def _all(sink: Any) -> list[Any]:
    found = []
    while True:
        try:
            found.append(sink.pull())
        except (av.error.BlockingIOError, av.error.EOFError):
            return found
