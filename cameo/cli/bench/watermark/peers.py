"""Marks of others on the same frames: invisible-watermark for pictures, Perth for sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from cameo.cli.bench.watermark.marking import mean_psnr
from cameo.media.processing import Clip, attack, to_planar, to_rgb

U8 = npt.NDArray[np.uint8]

FRAMES: Final = 8
METHODS: Final = {"dwtDctSvd": 64, "rivaGan": 32}
ATTACKS: Final = ("none", "h264-crf23", "h264-crf28", "resize-0.5", "crop-70")
_SEED: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """One method of invisible-watermark on one clip.

    Attributes:
        method: its name there.
        embed: frames a second.
        detect: frames a second, undisturbed.
        psnr: of the luma, in dB.
        accuracy: for each attack, the share of right bits over all frames.
        exact: for each attack, whether the majority over the frames gives every bit.
    """

    method: str
    embed: float
    detect: float
    psnr: float
    accuracy: dict[str, float]
    exact: dict[str, bool]


def shortened(clip: Clip) -> Clip:
    """The frames that all marks are compared on: from the middle of the clip."""
    first = (len(clip.frames) - FRAMES) // 2
    return clip.showing(clip.frames[first : first + FRAMES]).sounding(None)


def available() -> bool:
    """Whether invisible-watermark is installed; it is a part of the development group."""
    return _module("imwatermark") is not None


def pictures(clip: Clip, method: str, attacks: Sequence[str] = ATTACKS) -> Peer:
    """Mark and read the frames of a clip with a method of `METHODS`."""
    module: Any = _module("imwatermark")
    bits = np.random.default_rng(_SEED).integers(0, 2, METHODS[method])
    encoder, decoder = module.WatermarkEncoder(), module.WatermarkDecoder("bits", len(bits))
    encoder.set_watermark("bits", [int(bit) for bit in bits])
    if method == "rivaGan":
        encoder.loadModel()
        decoder.loadModel()
    short = shortened(clip)
    before = [_bgr(frame) for frame in short.frames]
    after, embed = _timed(lambda frame: encoder.encode(frame, method), before)
    made = short.showing(np.stack([_planar(frame) for frame in after]))
    _, detect = _timed(lambda frame: decoder.decode(frame, method), after)
    accuracy, exact = {}, {}
    for name in attacks:
        copy = attack(name).apply(made).clip
        read = [np.asarray(decoder.decode(_bgr(frame), method), int) for frame in copy.frames]
        accuracy[name] = float(np.mean([np.mean(row == bits) for row in read]))
        exact[name] = bool(np.array_equal(np.mean(read, axis=0) > 0.5, bits == 1))
    return Peer(
        method=method,
        embed=embed,
        detect=detect,
        psnr=mean_psnr(short.luma, made.luma),
        accuracy=accuracy,
        exact=exact,
    )


def perth() -> Any | None:
    """Perth's marker, or None where the package is not installed."""
    module: Any = _module("perth")
    return None if module is None else module.PerthImplicitWatermarker()


def _module(name: str) -> Any | None:
    try:
        return import_module(name)
    except ImportError:
        return None


def _timed(work: Callable[[U8], Any], frames: Sequence[U8]) -> tuple[list[Any], float]:
    work(frames[0])
    began = time.perf_counter()
    made = [work(frame) for frame in frames]
    return made, len(frames) / (time.perf_counter() - began)


def _bgr(planar: U8) -> U8:
    return np.ascontiguousarray(to_rgb(planar)[..., ::-1])


def _planar(bgr: Any) -> U8:
    rounded = np.clip(np.rint(np.asarray(bgr, np.float32)), 0, 255).astype(np.uint8)
    return to_planar(np.asarray(cv2.cvtColor(rounded, cv2.COLOR_BGR2RGB), dtype=np.uint8))


def methods() -> Iterator[str]:
    """Names of the methods that can be run here."""
    if available():
        yield from METHODS
