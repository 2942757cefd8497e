"""The decoding process's pictures: converted, scaled, upright, written raw."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cameo.media import errors
from cameo.media.child_open import (
    Limits,
    check_container,
    check_side,
    decoded,
    film_of,
    is_still,
    opened,
    seconds_of,
    write_header,
)

Array = npt.NDArray[Any]

_BT709: Final = 1  # the code point of ITU-T H.273
_LIMITED, _FULL = 1, 2  # AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG
_YUV: Final = {"luma": "yuv420p", "yuv420p": "yuv420p", "yuv420p10": "yuv420p10le"}
_EVEN: Final = frozenset({"yuv420p", "yuv420p10"})


def frames(task: dict[str, Any], limits: Limits) -> None:
    """Write a header, then one frame after another."""
    with opened(task) as container:
        stream = film_of(container)
        if stream is None:
            raise errors.NoVideoError("no video stream")
        check_container(container, limits)
        stream.thread_type = "AUTO"
        wanted_fps: float | None = task["fps"]
        size: tuple[int, int] | None = None
        convert = _still_converter if is_still(container) else _film_converter
        index = 0
        for frame in decoded(container, stream, limits):
            time = float(frame.time) if frame.time is not None else 0.0
            if wanted_fps is not None and time + 1e-6 < index / wanted_fps:
                continue
            if size is None:
                size = _start(task, limits, frame, stream, container)
            _write(frame, task["pixels"], convert(task["pixels"], size))
            index += 1
        if size is None:
            raise errors.UnreadableMediaError("no frame of it can be decoded")


def _start(
    task: dict[str, Any], limits: Limits, frame: Any, stream: Any, container: Any
) -> tuple[int, int]:
    check_side(frame.width, frame.height, limits)
    size = _target_size(frame.width, frame.height, task["max_side"])
    shown = size[::-1] if frame.rotation % 180 == 90 else size
    if task["pixels"] in _EVEN:
        # 4:2:0 needs even sides: the last column or row is left out, nothing is scaled for it.
        shown = (shown[0] // 2 * 2, shown[1] // 2 * 2)
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    write_header(
        width=shown[0],
        height=shown[1],
        fps=task["fps"] or rate,
        seconds=seconds_of(container),
        colour=_colour(frame, still=is_still(container)),
    )
    return size


def _target_size(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    if max_side is None or max(width, height) <= max_side:
        return width, height
    scale = max_side / max(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _colour(frame: Any, *, still: bool) -> list[int]:
    """Primaries, transfer and matrix of planar frames, as code points of ITU-T H.273."""
    if still or frame.format.is_rgb:
        return [_BT709] * 3
    return [int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)]


def _film_converter(pixels: str, size: tuple[int, int]) -> Callable[[Any], Any]:
    """A film keeps its matrix (its header says which), and gets limited range."""

    def convert(frame: Any) -> Any:
        if pixels == "rgb24":
            return frame.reformat(width=size[0], height=size[1], format="rgb24")
        to = {"width": size[0], "height": size[1], "format": _YUV[pixels]}
        if frame.format.is_rgb:
            return frame.reformat(**to, dst_colorspace="ITU709", dst_color_range=_LIMITED)
        if frame.color_range == _FULL or frame.format.name.startswith("yuvj"):
            return frame.reformat(**to, src_color_range=_FULL, dst_color_range=_LIMITED)
        return frame.reformat(**to)

    return convert


def _still_converter(pixels: str, size: tuple[int, int]) -> Callable[[Any], Any]:
    """A picture goes through RGB, so that a PNG and a JPEG of it have the same luma."""

    def convert(frame: Any) -> Any:
        rgb = frame.reformat(width=size[0], height=size[1], format="rgb24")
        if pixels == "rgb24":
            return rgb
        return rgb.reformat(format=_YUV[pixels], dst_colorspace="ITU709", dst_color_range=_LIMITED)

    return convert


def _write(frame: Any, pixels: str, convert: Callable[[Any], Any]) -> None:
    # FFmpeg gives the display matrix in degrees counter-clockwise, as numpy turns.
    turns = int(frame.rotation) // 90
    converted = convert(frame)
    if pixels == "rgb24":
        planes = [converted.to_ndarray()]
    else:
        planes = [
            _plane(plane, pixels) for plane in converted.planes[: 1 if pixels == "luma" else 3]
        ]
    upright = [np.rot90(plane, turns) for plane in planes]
    if pixels in _EVEN:
        height, width = (side // 2 * 2 for side in upright[0].shape)
        halves = [(height, width), *[(height // 2, width // 2)] * 2]
        upright = [plane[:h, :w] for plane, (h, w) in zip(upright, halves, strict=True)]
    for plane in upright:
        sys.stdout.buffer.write(np.ascontiguousarray(plane).tobytes())


def _plane(plane: Any, pixels: str) -> Array:
    """One plane without the padding of its lines, whatever the parity of its sides."""
    kind = np.dtype("<u2") if pixels == "yuv420p10" else np.dtype(np.uint8)
    lines = np.frombuffer(plane, kind).reshape(-1, plane.line_size // kind.itemsize)
    return lines[: plane.height, : plane.width]
