"""FFmpeg's filters over arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
import av.error
import av.filter
import numpy as np

from cameo.media.attacks.clip import F32, U8, Clip

Filters = Sequence[tuple[str, str]]  # name and arguments, one after another

_BLOCK = 4096  # samples a frame


def filtered(clip: Clip, filters: Filters) -> Clip:
    """Every picture through a chain of filters that keeps the number of frames."""
    graph = av.filter.Graph()
    width, height = clip.size
    source = graph.add(
        "buffer",
        f"video_size={width}x{height}:pix_fmt=yuv420p:time_base=1/1000:pixel_aspect=1/1"
        ":colorspace=bt709:range=tv",
    )
    sink = _chain(graph, source, [*filters, ("format", "yuv420p")])
    found = [frame.to_ndarray() for frame in _pumped(source, sink, pictures(clip))]
    return clip.showing(np.stack(found))


def sound_filtered(samples: F32, rate: int, filters: Filters) -> F32:
    """A whole sound track, (N, 2), through a chain of filters."""
    graph = av.filter.Graph()
    source = graph.add(
        "abuffer",
        f"sample_rate={rate}:sample_fmt=fltp:channel_layout=stereo:time_base=1/{rate}",
    )
    sink = _chain(graph, source, [*filters, ("aformat", "sample_fmts=fltp:channel_layouts=stereo")])
    blocks = [frame.to_ndarray() for frame in _pumped(source, sink, sounds(samples, rate))]
    return np.ascontiguousarray(np.concatenate(blocks, axis=1).T, dtype=np.float32)


def pictures(clip: Clip) -> Iterator[Any]:
    """The clip's pictures as FFmpeg's frames, a millisecond's clock."""
    for index, planar in enumerate(clip.frames):
        yield picture(planar, round(1000 * index / clip.fps), Fraction(1, 1000))


def picture(planar: U8, pts: int, time_base: Fraction) -> Any:
    """One picture as FFmpeg's frame."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(planar), format="yuv420p")
    frame.pts, frame.time_base = pts, time_base
    frame.colorspace = frame.color_primaries = frame.color_trc = 1  # BT.709 in ITU-T H.273
    frame.color_range = 1  # limited
    return frame


def sounds(samples: F32, rate: int) -> Iterator[Any]:
    """A sound track (N, 2) as FFmpeg's frames."""
    for start in range(0, len(samples), _BLOCK):
        part = np.ascontiguousarray(samples[start : start + _BLOCK].T, dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        yield frame


def _chain(graph: Any, source: Any, filters: Filters) -> Any:
    last = source
    for name, arguments in filters:
        following = graph.add(name, arguments)
        last.link_to(following)
        last = following
    sink = graph.add("abuffersink" if source.filter.name == "abuffer" else "buffersink")
    last.link_to(sink)
    graph.configure()
    return sink


def _pumped(source: Any, sink: Any, frames: Iterable[Any]) -> Iterator[Any]:
    for frame in frames:
        source.push(frame)
        yield from _ready(sink)
    source.push(None)
    yield from _ready(sink)


def _ready(sink: Any) -> Iterator[Any]:
    while True:
        try:
            yield sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
