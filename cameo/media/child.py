"""The process that opens what users sent: ``python -m cameo.media.child`` with one JSON argument.

It answers on standard output: one JSON header line, then raw frames or samples. It holds no secret:
its environment is empty, its address space and CPU time are bounded, FFmpeg may read plain files in
a fixed list of containers only, and its parent kills it after a deadline.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import av.error

from cameo.media import errors
from cameo.media.child_frames import frames
from cameo.media.child_open import (
    check_container,
    film_of,
    is_still,
    opened,
    seconds_of,
    write_header,
)
from cameo.media.child_samples import samples


def main(arguments: list[str]) -> int:
    """Do one task; 0, or 3 with a JSON problem on standard error."""
    task: dict[str, Any] = json.loads(arguments[0])
    limits: dict[str, Any] = task["limits"]
    _bound_process(limits)
    try:
        _check_bytes(Path(task["path"]), limits)
        {"probe": _probe, "frames": frames, "samples": samples}[task["do"]](task, limits)
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


def _probe(task: dict[str, Any], limits: dict[str, Any]) -> None:
    with opened(task) as container:
        check_container(container, limits)
        video = film_of(container)
        sound = next(iter(container.streams.audio), None)
        if video is None and sound is None:
            raise errors.UnreadableMediaError("neither picture nor sound was found")
        still = is_still(container)
        # A header proves nothing: one frame of what it promises must decode.
        first = next(iter(container.decode(video or sound)), None)
        if first is None:
            raise errors.UnreadableMediaError("nothing in it can be decoded")
        rate = video.average_rate if video and video.average_rate else 0
        write_header(
            kind="image" if still else ("video" if video else "audio"),
            seconds=0.0 if still else seconds_of(container),
            fps=float(rate),
            has_sound=sound is not None,
            container=container.format.name,
            codecs=[s.codec_context.name for s in container.streams if s.codec_context],
            **_picture(video, first),
            **_sound(sound),
        )


def _picture(video: Any, first: Any) -> dict[str, Any]:
    if video is None:
        return {"width": 0, "height": 0, "bit_depth": 0, "has_alpha": False}
    width, height = video.codec_context.width, video.codec_context.height
    rotated = first.rotation % 180 == 90
    parts = first.format.components
    return {
        "width": height if rotated else width,
        "height": width if rotated else height,
        "bit_depth": max((part.bits for part in parts if not part.is_alpha), default=8),
        "has_alpha": any(part.is_alpha for part in parts),
    }


def _sound(sound: Any) -> dict[str, Any]:
    context = None if sound is None else sound.codec_context
    return {
        "sound_rate": 0 if context is None else context.sample_rate,
        "sound_channels": 0 if context is None else context.channels,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
