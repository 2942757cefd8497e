"""What changes time: rate, drops, trims, speed, order, joins. The sound goes along."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from cameo.media.attacks.clip import F32, Clip
from cameo.media.attacks.graph import sound_filtered

Step = Callable[[Clip], Clip]


def at_rate(fps: float, *, blended: bool = False) -> Step:
    """Another frame rate for the same time: the last frame again, or a blend of two."""

    def step(clip: Clip) -> Clip:
        last = len(clip.frames) - 1
        places = np.arange(max(1, round(clip.seconds * fps))) * (clip.fps / fps)
        first = np.minimum((places + 1e-6).astype(int), last)
        if not blended:
            return clip.showing(clip.frames[first], fps)
        frames = np.empty((len(places), *clip.frames.shape[1:]), np.uint8)
        for index, (at, below) in enumerate(zip(places, first, strict=True)):
            share = float(at - below)
            above = clip.frames[min(below + 1, last)]
            cv2.addWeighted(clip.frames[below], 1 - share, above, share, 0, dst=frames[index])
        return clip.showing(frames, fps)

    return step


def every_second(clip: Clip) -> Clip:
    """Half of the frames, for the same time."""
    return clip.showing(np.ascontiguousarray(clip.frames[::2]), clip.fps / 2)


def dropped(share: float, seed: int = 9) -> Step:
    """A share of the frames gone at random; the rest is spread over the same time."""

    def step(clip: Clip) -> Clip:
        count = len(clip.frames)
        left = max(1, round(count * (1 - share)))
        kept = np.sort(np.random.default_rng(seed).permutation(count)[:left])
        return clip.showing(clip.frames[kept], clip.fps * left / count)

    return step


def trimmed(seconds: float, start: float = 0.31) -> Step:
    """A piece of some seconds; `start` says where, as a share of what is cut away."""

    def step(clip: Clip) -> Clip:
        count = min(len(clip.frames), max(1, round(seconds * clip.fps)))
        first = int((len(clip.frames) - count) * start)
        begin = round(first / clip.fps * clip.rate)
        end = round((first + count) / clip.fps * clip.rate)
        samples = None if clip.samples is None else clip.samples[begin:end]
        return clip.showing(clip.frames[first : first + count]).sounding(samples)

    return step


def faster(factor: float) -> Step:
    """Played faster (above 1) or slower at the same frame rate; the voice keeps its pitch."""

    def step(clip: Clip) -> Clip:
        count = max(1, round(len(clip.frames) / factor))
        places = np.minimum((np.arange(count) * factor + 1e-6).astype(int), len(clip.frames) - 1)
        samples = None if clip.samples is None else tempo(clip.samples, clip.rate, factor)
        return clip.showing(clip.frames[places]).sounding(samples)

    return step


def tempo(samples: F32, rate: int, factor: float) -> F32:
    """Sound at another speed and the same pitch, FFmpeg's `atempo`."""
    return sound_filtered(samples, rate, [("atempo", f"{factor}")])


def reversed_order(clip: Clip) -> Clip:
    """Backwards, sound too."""
    samples = None if clip.samples is None else np.ascontiguousarray(clip.samples[::-1])
    return clip.showing(np.ascontiguousarray(clip.frames[::-1])).sounding(samples)


def joined(first: Clip, second: Clip) -> Clip:
    """One after the other, of one size and rate.

    Raises:
        ValueError: sizes or rates differ.
    """
    if first.size != second.size or first.fps != second.fps or first.rate != second.rate:
        raise ValueError("only clips of one size and rate can be joined")
    frames = np.concatenate([first.frames, second.frames])
    if first.samples is None or second.samples is None:
        return first.showing(frames).sounding(None)
    samples = np.concatenate([_filled(clip, clip.samples) for clip in (first, second)])
    return first.showing(frames).sounding(samples)


def _filled(clip: Clip, samples: F32 | None) -> F32:
    """Exactly as long as the picture, so that what follows stays in step."""
    out = np.zeros((round(clip.seconds * clip.rate), 2), np.float32)
    if samples is not None:
        part = samples[: len(out)]
        out[: len(part)] = part
    return out
