"""What every task of the decoding process shares: opening under bounds, and saying what came."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

import av
import av.error
import av.stream

from cameo.media import errors

_CONTAINERS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpeg,mpegvideo,mpegts,avi,wav,mp3,flac,ogg,aac,"
    "png_pipe,jpeg_pipe,webp_pipe,image2"
)
_STILLS: Final = frozenset({"png_pipe", "jpeg_pipe", "webp_pipe", "image2"})

Limits = dict[str, Any]


def opened(task: dict[str, Any]) -> Any:
    """The file as a container; FFmpeg may read plain files in a fixed list of formats only."""
    return av.open(
        "file:" + task["path"],
        options={"protocol_whitelist": "file", "format_whitelist": _CONTAINERS},
    )


def is_still(container: Any) -> bool:
    """Whether it is a picture rather than a film."""
    return container.format.name.split(",")[0] in _STILLS


def film_of(container: Any) -> Any | None:
    """The first stream of pictures, if any; the cover of a record is none."""
    covers = av.stream.Disposition.attached_pic
    return next((s for s in container.streams.video if not s.disposition & covers), None)


def seconds_of(container: Any) -> float:
    """How long it plays, as its header says."""
    if container.duration is not None:
        return float(container.duration) / float(av.time_base)
    lengths = [s.duration * s.time_base for s in container.streams if s.duration]
    return float(max(lengths, default=0.0))


def check_container(container: Any, limits: Limits) -> None:
    """Refuse what its header already says is too long or too large."""
    seconds = seconds_of(container)
    if seconds > limits["max_seconds"]:
        raise errors.TooLongError(
            f"{seconds:.0f} s; at most {limits['max_seconds']:.0f} s are accepted"
        )
    for stream in container.streams.video:
        check_side(stream.codec_context.width, stream.codec_context.height, limits)


def check_side(width: int, height: int, limits: Limits) -> None:
    """Refuse a picture that is too large."""
    if max(width, height) > limits["max_side"]:
        raise errors.TooLargeError(
            f"{width}x{height}; at most {limits['max_side']} pixels a side are accepted"
        )


def write_header(**fields: Any) -> None:
    """The one line of JSON that comes before raw data."""
    sys.stdout.buffer.write(json.dumps(fields).encode() + b"\n")


def decoded(container: Any, stream: Any, limits: Limits) -> Iterator[Any]:
    """Frames, until a bound or the file's end."""
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
