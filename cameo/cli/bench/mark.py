"""Figures of the mark."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cameo.cli.bench.figures import emit, median_seconds
from cameo.media.encode import to_yuv420p
from generator.embedded import EmbeddedGenerator
from generator.request import RenderRequest
from provenance.watermark.detect import Detector
from provenance.watermark.video import VideoMark

_SIZE: Final = (1280, 720)
_KEY: Final = bytes(range(32))
_PEER_FRAMES: Final = 8


def measure_mark() -> None:
    """Embed and detect at 720p, beside invisible-watermark's dwtDctSvd on the same frames."""
    rgb = _frames()
    luma = [np.ascontiguousarray(to_yuv420p(frame)[: _SIZE[1]]) for frame in rgb]
    mark = VideoMark(_KEY, 0x0123456789ABCDEF, _SIZE)
    marked = [mark.embed(frame) for frame in luma]
    detector = Detector(_KEY)
    embed = len(luma) / median_seconds(lambda: [mark.embed(frame) for frame in luma])
    detect = len(marked) / median_seconds(lambda: detector.detect(iter(marked)))
    theirs = _peer(rgb[:_PEER_FRAMES])
    on = "1280x720"
    for name, ours, peer in (("embed", embed, theirs[0]), ("detect", detect, theirs[1])):
        emit(
            f"watermark.video.{name}",
            ours,
            "fps",
            on=on,
            n=len(luma),
            peer=None if peer is None else ("invisible-watermark dwtDctSvd", peer),
        )


def _frames() -> list[npt.NDArray[np.uint8]]:
    generator = EmbeddedGenerator()
    spec = generator.plan(RenderRequest(prompt="a shore", seconds=4.0, size=_SIZE, seed=3))
    return list(generator.frames(spec, (), {}, 0, 24))


def _peer(frames: list[npt.NDArray[np.uint8]]) -> tuple[float | None, float | None]:
    try:
        from imwatermark import WatermarkDecoder, WatermarkEncoder  # noqa: PLC0415
    except ImportError:
        return None, None
    encoder: Any = WatermarkEncoder()
    encoder.set_watermark("bytes", b"8 bytes!")
    decoder: Any = WatermarkDecoder("bytes", 64)
    bgr = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
    marked = [encoder.encode(frame, "dwtDctSvd") for frame in bgr]
    embed = median_seconds(lambda: [encoder.encode(f, "dwtDctSvd") for f in bgr])
    detect = median_seconds(lambda: [decoder.decode(f, "dwtDctSvd") for f in marked])
    return len(bgr) / embed, len(bgr) / detect
