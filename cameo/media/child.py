"""The process that opens what users sent: ``python -m cameo.media.child`` with one JSON argument.

It answers on standard output: one JSON header line, then raw frames or samples. It holds no secret:
its environment is empty, its address space and CPU time are bounded, FFmpeg may read plain files in
a fixed list of containers only, and its parent kills it after a deadline.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import av
import av.error
import numpy as np

from cameo.media import errors

_CONTAINERS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpeg,mpegvideo,mpegts,avi,wav,mp3,flac,ogg,aac,"
    "png_pipe,jpeg_pipe,webp_pipe,image2"
)
_STILLS: Final = frozenset({"png_pipe", "jpeg_pipe", "webp_pipe", "image2"})
_PIXELS: Final = {"rgb24": "rgb24", "luma": "yuv420p", "yuv420p": "yuv420p"}


def main(arguments: list[str]) -> int:
    """Do one task; 0, or 3 with a JSON problem on standard error."""
    task: dict[str, Any] = json.loads(arguments[0])
    limits: dict[str, Any] = task["limits"]
    _bound_process(limits)
    try:
        _check_bytes(Path(task["path"]), limits)
        {"probe": _probe, "frames": _frames, "samples": _samples}[task["do"]](task, limits)
    except errors.MediaError as error:
        return _fail(error)
    except (av.error.FFmpegError, ValueError, MemoryError, OSError) as error:
        return _fail(errors.UnreadableMediaError(_plain(error)))
    return 0


def _plain(error: Exception) -> str:
    """What is wrong, without the path that the service gave the file."""
    said = getattr(error, "strerror", None) or type(error).__name__
    return f"it cannot be decoded as video, picture or sound ({said})"


def _fail(error: errors.MediaError) -> int:
    sys.stderr.write("\n" + json.dumps({"code": error.code, "detail": str(error)}) + "\n")
    return 3


def _bound_process(limits: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    seconds = int(limits["timeout_s"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (4 * seconds,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _check_bytes(path: Path, limits: dict[str, Any]) -> None:
    size = path.stat().st_size
    if size == 0:
        raise errors.UnreadableMediaError("the file is empty")
    if size > limits["max_bytes"]:
        raise errors.TooLargeError(f"{size} bytes; at most {limits['max_bytes']} are accepted")


def _open(task: dict[str, Any]) -> Any:
    return av.open(
        "file:" + task["path"],
        options={"protocol_whitelist": "file", "format_whitelist": _CONTAINERS},
    )


def _seconds(container: Any) -> float:
    if container.duration is not None:
        return float(container.duration) / float(av.time_base)
    lengths = [s.duration * s.time_base for s in container.streams if s.duration]
    return float(max(lengths, default=0.0))


def _check_container(container: Any, limits: dict[str, Any]) -> None:
    seconds = _seconds(container)
    if seconds > limits["max_seconds"]:
        raise errors.TooLongError(
            f"{seconds:.0f} s; at most {limits['max_seconds']:.0f} s are accepted"
        )
    for stream in container.streams.video:
        _check_side(stream.codec_context.width, stream.codec_context.height, limits)


def _check_side(width: int, height: int, limits: dict[str, Any]) -> None:
    if max(width, height) > limits["max_side"]:
        raise errors.TooLargeError(
            f"{width}x{height}; at most {limits['max_side']} pixels a side are accepted"
        )


def _write_header(**fields: Any) -> None:
    sys.stdout.buffer.write(json.dumps(fields).encode() + b"\n")


def _probe(task: dict[str, Any], limits: dict[str, Any]) -> None:
    with _open(task) as container:
        _check_container(container, limits)
        video = next(iter(container.streams.video), None)
        sound = next(iter(container.streams.audio), None)
        if video is None and sound is None:
            raise errors.UnreadableMediaError("neither picture nor sound was found")
        still = container.format.name.split(",")[0] in _STILLS
        # A header proves nothing: one frame of what it promises must decode.
        first = next(iter(container.decode(video or sound)), None)
        if first is None:
            raise errors.UnreadableMediaError("nothing in it can be decoded")
        rotated = video is not None and getattr(first, "rotation", 0) % 180 == 90
        width = video.codec_context.width if video else 0
        height = video.codec_context.height if video else 0
        rate = video.average_rate if video and video.average_rate else 0
        _write_header(
            kind="image" if still else ("video" if video else "audio"),
            seconds=0.0 if still else _seconds(container),
            fps=float(rate),
            width=height if rotated else width,
            height=width if rotated else height,
            has_sound=sound is not None,
            container=container.format.name,
            codecs=[s.codec_context.name for s in container.streams if s.codec_context],
        )


def _decoded(container: Any, stream: Any, limits: dict[str, Any]) -> Iterator[Any]:
    count = 0
    try:
        for frame in container.decode(stream):
            count += 1
            if count > limits["max_frames"]:
                raise errors.TooLongError(f"more than {limits['max_frames']} frames")
            if frame.time is not None and frame.time > limits["max_seconds"] + 1:
                raise errors.TooLongError(f"plays past {limits['max_seconds']:.0f} s")
            yield frame
    except av.error.InvalidDataError as error:
        # Damage after the first frames: what decoded before it stands, so that a verifier can still
        # look at a damaged copy. A capture is refused by its length, see `decode.Frames`.
        if count == 0:
            raise errors.UnreadableMediaError(str(error)[:200]) from error


def _target_size(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    if max_side is None or max(width, height) <= max_side:
        return width, height
    scale = max_side / max(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _frames(task: dict[str, Any], limits: dict[str, Any]) -> None:
    with _open(task) as container:
        stream = next(iter(container.streams.video), None)
        if stream is None:
            raise errors.NoVideoError("no video stream")
        _check_container(container, limits)
        stream.thread_type = "AUTO"
        wanted_fps: float | None = task["fps"]
        size: tuple[int, int] | None = None
        index = 0
        for frame in _decoded(container, stream, limits):
            time = float(frame.time) if frame.time is not None else 0.0
            if wanted_fps is not None and time + 1e-6 < index / wanted_fps:
                continue
            if size is None:
                size = _start_frames(task, limits, frame, stream, container)
            _write_frame(frame, size, task["pixels"])
            index += 1
        if size is None:
            raise errors.UnreadableMediaError("no frame of it can be decoded")


def _start_frames(
    task: dict[str, Any], limits: dict[str, Any], frame: Any, stream: Any, container: Any
) -> tuple[int, int]:
    _check_side(frame.width, frame.height, limits)
    size = _target_size(frame.width, frame.height, task["max_side"])
    if task["pixels"] == "yuv420p":
        size = (size[0] // 2 * 2, size[1] // 2 * 2)
    rotated = frame.rotation % 180 == 90
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    _write_header(
        width=size[1] if rotated else size[0],
        height=size[0] if rotated else size[1],
        fps=task["fps"] or rate,
        seconds=_seconds(container),
    )
    return size


def _write_frame(frame: Any, size: tuple[int, int], pixels: str) -> None:
    converted = frame.reformat(width=size[0], height=size[1], format=_PIXELS[pixels])
    array = converted.to_ndarray()
    if pixels == "luma":
        array = array[: size[1]]
    if frame.rotation and pixels != "yuv420p":
        # FFmpeg gives the display matrix in degrees counter-clockwise, as numpy turns.
        array = np.rot90(array, frame.rotation // 90)
    sys.stdout.buffer.write(np.ascontiguousarray(array).tobytes())


def _samples(task: dict[str, Any], limits: dict[str, Any]) -> None:
    with _open(task) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise errors.NoSoundError("no sound stream")
        _check_container(container, limits)
        layout = "mono" if task["channels"] == 1 else "stereo"
        resampler = av.AudioResampler(format="flt", layout=layout, rate=task["rate"])
        _write_header(channels=task["channels"], rate=task["rate"])
        left = int((limits["max_seconds"] + 1) * task["rate"]) * task["channels"]
        packets = _decoded(container, stream, {**limits, "max_frames": 1 << 40})
        for frame in _with_flush(packets):
            for piece in resampler.resample(frame):
                block = piece.to_ndarray().astype("<f4", copy=False).ravel()
                left -= block.size
                if left < 0:
                    raise errors.TooLongError(f"plays past {limits['max_seconds']:.0f} s")
                sys.stdout.buffer.write(block.tobytes())


def _with_flush(frames: Iterator[Any]) -> Iterator[Any]:
    yield from frames
    yield None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
