"""The decoding process's sound: resampled, written raw."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

import av

from cameo.media import errors
from cameo.media.child_open import Limits, check_container, decoded, opened, write_header

_LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1"}


def samples(task: dict[str, Any], limits: Limits) -> None:
    """Write a header, then interleaved little-endian float32."""
    with opened(task) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise errors.NoSoundError("no sound stream")
        check_container(container, limits)
        channels = task["channels"]
        if channels == "source":
            channels = kept_channels(stream.codec_context.channels)
        resampler = av.AudioResampler(format="flt", layout=_LAYOUTS[channels], rate=task["rate"])
        write_header(channels=channels, rate=task["rate"])
        left = int((limits["max_seconds"] + 1) * task["rate"]) * channels
        packets = decoded(container, stream, {**limits, "max_frames": 1 << 40})
        for frame in _with_flush(packets):
            for piece in resampler.resample(frame):
                block = piece.to_ndarray().astype("<f4", copy=False).ravel()
                left -= block.size
                if left < 0:
                    raise errors.TooLongError(f"plays past {limits['max_seconds']:.0f} s")
                sys.stdout.buffer.write(block.tobytes())


def kept_channels(count: int) -> int:
    """How many channels are given of a source with so many: 1, 2 or 6, never one made up."""
    if count >= 6:
        return 6
    return min(count, 2)


def _with_flush(frames: Iterator[Any]) -> Iterator[Any]:
    yield from frames
    yield None
