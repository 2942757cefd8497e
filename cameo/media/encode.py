"""Write films: H.264 or H.265 and AAC in MP4, faststart, no metadata of the machine."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import av
import numpy as np
import numpy.typing as npt

from cameo.media.decode import Colour, FrameStream, read_samples
from cameo.media.errors import NoSoundError
from cameo.media.limits import Limits

Frame = npt.NDArray[np.uint8]
Planar = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Samples = npt.NDArray[np.float32]

SAMPLE_RATE = 48_000
Codec = Literal["h264", "h265"]
BT709: Final[Colour] = (1, 1, 1)
_AAC_BITRATES = {1: 96_000, 2: 128_000, 6: 384_000}
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
_LIMITED = 1  # AVCOL_RANGE_MPEG
_PIXELS = {8: "yuv420p", 10: "yuv420p10le"}
_X264 = {"x264-params": "open-gop=0:stitchable=1"}
_X265 = {"x265-params": "log-level=none"}


def to_yuv420p(rgb: Frame) -> Frame:
    """RGB ``(H, W, 3)`` to planar 4:2:0, ``(H * 3 / 2, W)``, BT.709 limited range; even sides."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    planar = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range=_LIMITED)
    array: Frame = planar.to_ndarray()
    return array


def encode_segment(
    path: Path, frames: Iterable[Frame], *, fps: int, size: tuple[int, int], crf: int = 20
) -> int:
    """Write planar frames as one closed group of pictures; returns how many there were.

    Segments of one clip are written with the same options, so `join_segments` can copy their
    packets one after another without decoding.
    """
    count = 0
    with _mp4(path) as output:
        stream = _video_stream(output, fps=fps, form=_Form(size=size, crf=crf))
        for frame in frames:
            _mux_frame(output, stream, frame, count)
            count += 1
        output.mux(stream.encode(None))
    return count


def join_segments(segments: Sequence[Path], samples: Samples, *, fps: int, out: Path) -> None:
    """Copy segments one after another beside one sound track, both starting at 0."""
    with _mp4(out) as output:
        with av.open(str(segments[0])) as first:
            video = output.add_stream_from_template(first.streams.video[0])
        sound = _sound_stream(output, _channels(samples))
        packets = _merged(_copied(segments, video, fps), _aac_packets(sound, samples))
        for packet in packets:
            output.mux(packet)


def encode_file(
    path: Path,
    frames: Iterable[Planar],
    samples: Samples | None,
    *,
    fps: float,
    size: tuple[int, int],
    crf: int = 20,
    codec: Codec = "h264",
    bit_depth: Literal[8, 10] = 8,
    colour: Colour = BT709,
) -> None:
    """Write planar frames and their sound in one go.

    Args:
        path: an MP4 file, replaced if it exists.
        frames: planar 4:2:0, ``(H * 3 / 2, W)``, limited range: uint8, or uint16 for 10 bits.
        samples: at `SAMPLE_RATE`: ``(N,)``, which is heard on both sides, or ``(N, C)`` with 1, 2
            or 6 channels; None for a silent film.
        fps: frames a second.
        size: width and height, both even.
        crf: the encoder's quality; lower is better and larger.
        codec: H.265 as `hvc1`, which is what Apple's players open.
        bit_depth: of the frames; a `FrameStream` gives 10 as ``yuv420p10``.
        colour: what the frames are in, as `FrameStream.colour` says.
    """
    form = _Form(size=size, crf=crf, codec=codec, bit_depth=bit_depth, colour=colour)
    with _mp4(path) as output:
        video = _video_stream(output, fps=fps, form=form)
        sound = _sound_stream(output, _channels(samples)) if samples is not None else None
        if samples is not None:
            for packet in _aac_packets(sound, samples):
                output.mux(packet)
        for index, frame in enumerate(frames):
            _mux_frame(output, video, frame, index)
        output.mux(video.encode(None))


def reencode(
    source: Path, target: Path, limits: Limits, *, scale: float = 1.0, crf: int = 28
) -> None:
    """A copy as a platform makes it: decoded, scaled, encoded anew, every box of metadata gone."""
    with FrameStream(source, limits) as stream:
        width, height = (round(side * scale / 2) * 2 for side in stream.size)
        frames = (to_yuv420p(_resized(frame, (width, height))) for frame in stream)
        encode_file(
            target,
            frames,
            _sound_or_none(source, limits),
            fps=stream.fps,
            size=(width, height),
            crf=crf,
        )


def _resized(frame: Frame, size: tuple[int, int]) -> Frame:
    if (frame.shape[1], frame.shape[0]) == size:
        return frame
    picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
    array: Frame = picture.reformat(
        width=size[0], height=size[1], interpolation="AREA"
    ).to_ndarray()
    return array


def _sound_or_none(path: Path, limits: Limits) -> Samples | None:
    try:
        return read_samples(path, limits, rate=SAMPLE_RATE, channels=2)
    except NoSoundError:
        return None


@contextmanager
def _mp4(path: Path) -> Iterator[Any]:
    # faststart: c2pa signs the file as laid out, so the index must stand before the picture data.
    with av.open(
        str(path),
        "w",
        format="mp4",
        options={"movflags": "+faststart", "fflags": "+bitexact"},
    ) as output:
        yield output


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """How a picture is written."""

    size: tuple[int, int]
    crf: int
    codec: Codec = "h264"
    bit_depth: Literal[8, 10] = 8
    colour: Colour = BT709


def _video_stream(output: Any, *, fps: float, form: _Form) -> Any:
    rate = Fraction(fps).limit_denominator(1001)
    high = form.codec == "h265"
    options = {"preset": "veryfast", "crf": str(form.crf), **(_X265 if high else _X264)}
    stream = output.add_stream("libx265" if high else "libx264", rate=rate, options=options)
    stream.width, stream.height = form.size
    stream.pix_fmt = _PIXELS[form.bit_depth]
    stream.time_base = 1 / rate
    context = stream.codec_context
    context.time_base = 1 / rate
    context.thread_count = 2
    context.color_primaries, context.color_trc, context.colorspace = form.colour
    context.color_range = _LIMITED
    if high:
        context.codec_tag = "hvc1"
    return stream


def _channels(samples: Samples) -> int:
    return 2 if samples.ndim == 1 else int(samples.shape[1])


def _sound_stream(output: Any, channels: int) -> Any:
    stream = output.add_stream("aac", rate=SAMPLE_RATE, layout=_LAYOUTS[channels])
    stream.codec_context.bit_rate = _AAC_BITRATES[channels]
    return stream


def _mux_frame(output: Any, stream: Any, planar: Planar, index: int) -> None:
    context = stream.codec_context
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(planar), format=stream.pix_fmt)
    frame.pts = index
    frame.time_base = context.time_base
    frame.color_primaries, frame.color_trc = context.color_primaries, context.color_trc
    frame.colorspace, frame.color_range = context.colorspace, _LIMITED
    output.mux(stream.encode(frame))


def _aac_packets(stream: Any, samples: Samples, block: int = 1024) -> Iterator[Any]:
    whole = samples if samples.ndim == 2 else np.repeat(samples[:, None], 2, axis=1)
    layout = _LAYOUTS[whole.shape[1]]
    for start in range(0, len(whole), block):
        part = np.ascontiguousarray(whole[start : start + block].T, dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate = SAMPLE_RATE
        frame.pts = start
        frame.time_base = Fraction(1, SAMPLE_RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _copied(segments: Sequence[Path], stream: Any, fps: int) -> Iterator[Any]:
    base = 0
    for path in segments:
        with av.open(str(path)) as source:
            origin = source.streams.video[0]
            per_frame = Fraction(1, fps) / origin.time_base
            frames = 0
            for packet in source.demux(origin):
                if packet.dts is None:
                    continue
                packet.pts += round(base * per_frame)
                packet.dts += round(base * per_frame)
                packet.stream = stream
                frames += 1
                yield packet
            base += frames


def _merged(video: Iterator[Any], sound: Iterator[Any]) -> Iterator[Any]:
    """Interleave by decoding time, so that a player need not seek."""
    return heapq.merge(video, sound, key=lambda packet: float(packet.dts * packet.time_base))
