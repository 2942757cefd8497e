"""Write sound: WAV, FLAC, MP3 or M4A."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
SoundKind = Literal["wav", "flac", "mp3", "m4a"]

_BLOCK: Final = 4096
_LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1"}
_CONTAINERS: Final = {"wav": "wav", "flac": "flac", "mp3": "mp3", "m4a": "ipod"}
_RATES: Final = {
    "mp3": (48_000, 44_100, 32_000, 24_000, 22_050, 16_000),
    "m4a": (48_000, 44_100, 96_000, 88_200, 32_000, 24_000, 22_050, 16_000),
}
_KBPS: Final = {"mp3": {1: 128, 2: 256}, "m4a": {1: 128, 2: 192, 6: 448}}


def rate_for(kind: SoundKind, source: int) -> int:
    """The rate at which a kind keeps a source's sound: its own where the kind has it."""
    rates = _RATES.get(kind)
    if rates is None or source in rates:
        return source
    return min((rate for rate in rates if rate > source), default=rates[0])


def write_sound(
    path: Path,
    samples: Samples,
    kind: SoundKind,
    *,
    rate: int,
    bits: Literal[16, 24] = 16,
    kbps: int | None = None,
) -> None:
    """Write a sound file without any metadata.

    Args:
        path: replaced if it exists; its ending is not looked at.
        samples: float32 ``(N,)`` mono or ``(N, C)``, C of 1, 2 or 6 (5.1); what lies outside
            [-1, 1] is clipped.
        kind: WAV and FLAC lose nothing but the depth.
        rate: samples a second, one that `rate_for` gives.
        bits: of WAV and FLAC.
        kbps: kilobits a second of MP3 and M4A; None takes a good one for the channels.

    Raises:
        ValueError: MP3 with more than two channels, or a rate or number of channels that the kind
            does not have.
    """
    whole = np.clip(samples if samples.ndim == 2 else samples[:, None], -1, 1)
    channels = whole.shape[1]
    if channels not in _LAYOUTS or (kind == "mp3" and channels > 2):
        raise ValueError(f"{kind} with {channels} channels")
    if rate != rate_for(kind, rate):
        raise ValueError(f"{kind} at {rate} samples a second")
    with _output(path, kind) as output:
        stream = _stream(output, kind, rate, channels, bits)
        if kind in _KBPS:
            stream.codec_context.bit_rate = 1000 * (kbps or _KBPS[kind][channels])
        for frame in _frames(whole, rate, _LAYOUTS[channels], stream.codec_context.format.name):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _output(path: Path, kind: SoundKind) -> Any:
    options = {"fflags": "+bitexact"}
    if kind == "m4a":
        options["movflags"] = "+faststart"  # as for a film: c2pa signs the file as laid out
    return av.open(str(path), "w", format=_CONTAINERS[kind], options=options)


def _stream(output: Any, kind: SoundKind, rate: int, channels: int, bits: int) -> Any:
    encoder = {"wav": f"pcm_s{bits}le", "flac": "flac", "mp3": "libmp3lame", "m4a": "aac"}[kind]
    options = {"bits_per_raw_sample": "24"} if kind == "flac" and bits == 24 else {}
    stream = output.add_stream(encoder, rate=rate, layout=_LAYOUTS[channels], options=options)
    whole_numbers = "s16" if bits == 16 else "s32"
    stream.codec_context.format = whole_numbers if kind in ("wav", "flac") else "fltp"
    return stream


def _frames(whole: Samples, rate: int, layout: str, form: str) -> Iterator[Any]:
    for start in range(0, len(whole), _BLOCK):
        part = whole[start : start + _BLOCK]
        if form == "s16":
            data = np.rint(part * 32767).astype(np.int16).reshape(1, -1)
        elif form == "s32":
            # 24 bits at the top of 32, rounded to them here.
            data = (np.rint(part.astype(np.float64) * 8388607).astype(np.int32) << 8).reshape(1, -1)
        else:
            data = np.ascontiguousarray(part.T)
        frame = av.AudioFrame.from_ndarray(data, format=form, layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        yield frame
