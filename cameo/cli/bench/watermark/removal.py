"""Removing the mark without the key: what an attacker learns, and what removal costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from cameo.cli.bench.watermark.hostile import excerpts
from cameo.cli.bench.watermark.marking import (
    KEY,
    Choice,
    loaded,
    marked,
    mean_psnr,
    payload_of,
    planes,
)
from cameo.cli.bench.watermark.parallel import spread
from cameo.cli.bench.watermark.static import StaticMark
from provenance.watermark import attacks, bounds, draw
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.chips import BLOCK_CELLS, SEGMENT_SECONDS, Plan
from provenance.watermark.detect import Detector
from provenance.watermark.grid import cell_px
from provenance.watermark.video import VideoMark

GAINS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One way to remove the mark of one clip."""

    choice: Choice
    case: str
    way: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """What one way of removing did to one clip.

    Attributes:
        case: the clip.
        way: how.
        correlation: of what was estimated with what was added.
        gain: the lowest of `GAINS` at which nothing is found; None if it is found at all.
        psnr: what that copy has against the original, in dB.
        statistic: T before anything was removed.
    """

    case: str
    way: str
    correlation: float
    gain: float | None
    psnr: float | None
    statistic: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Averaged:
    """What an attacker learns from several clips under one key.

    Attributes:
        clips: how many.
        second: correlation of the averaged first second with that of the first clip.
        block: correlation of the common part of all blocks with the synchronisation pattern.
        static: correlation of the averaged tile with the true one, for the static design.
    """

    clips: int
    second: float
    block: float
    static: float


def removals(choice: Choice, workers: int = 2) -> Iterator[Removed]:
    """Remove the mark of each clip: by second, by block, and that of the static design."""
    tasks = [
        Task(choice=choice, case=case.name, way=way) for case in choice.cases() for way in _WAYS
    ]
    yield from spread(remove, tasks, workers)


def remove(task: Task) -> Removed:
    """Remove one mark in one way."""
    clip = loaded(task.choice, task.case)
    original = planes(clip)
    learnt = _WAYS[task.way](original, clip.fps, task.case)
    found, psnr = None, None
    for gain in GAINS:
        removal = attacks.Removal(learnt.estimate, gain)
        left = [removal.apply(luma, n / clip.fps) for n, luma in enumerate(learnt.frames)]
        if not learnt.read(left)[0]:
            found, psnr = gain, mean_psnr(original, left)
            break
    return Removed(
        case=task.case,
        way=task.way,
        correlation=learnt.correlation,
        gain=found,
        psnr=psnr,
        statistic=learnt.read(learnt.frames)[1],
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Learnt:
    frames: Sequence[Luma]
    estimate: attacks.Estimate
    correlation: float
    read: Callable[[Sequence[Luma]], tuple[bool, float]]


def _by_second(original: Sequence[Luma], fps: float, name: str) -> _Learnt:
    """Each second for itself: what is left when the content is filtered away."""
    mark, frames = _ours(original, fps, name)
    estimate = attacks.estimate(frames, fps)
    return _Learnt(
        frames=frames,
        estimate=estimate,
        correlation=_mean_correlation(estimate, mark),
        read=partial(_read, fps=fps),
    )


def _by_block(original: Sequence[Luma], fps: float, name: str) -> _Learnt:
    """The synchronisation alone: the part that all blocks share, with a sign for each block."""
    _, frames = _ours(original, fps, name)
    block = attacks.common_block(frames, fps)
    estimate = attacks.estimate(frames, fps)
    signed = attacks.Estimate(tuple(_signed(second, block) for second in estimate.seconds))
    return _Learnt(
        frames=frames,
        estimate=signed,
        correlation=abs(attacks.correlation(block, _true_block(block.shape[0]))),
        read=partial(_read, fps=fps),
    )


def _static(original: Sequence[Luma], _fps: float, _name: str) -> _Learnt:
    """The static design, folded over its tiles and all frames."""
    mark = StaticMark(original[0].shape[::-1])
    frames = [mark.embed(luma) for luma in original]
    tile = mark.estimated(frames)
    return _Learnt(
        frames=frames,
        estimate=mark.spread(tile),
        correlation=attacks.correlation(tile, mark.tile()),
        read=partial(_read_static, mark),
    )


def _read(frames: Sequence[Luma], fps: float) -> tuple[bool, float]:
    """Whether our detector finds a mark where it was, and the statistic."""
    detection = Detector(KEY).detect(frames, fps, full=False)
    return detection.found, detection.confidence


def _read_static(mark: StaticMark, frames: Sequence[Luma]) -> tuple[bool, float]:
    statistic = mark.statistic(frames)
    return statistic >= bounds.threshold(1), statistic


_WAYS: dict[str, Callable[[Sequence[Luma], float, str], _Learnt]] = {
    "second by second": _by_second,
    "common block": _by_block,
    "static design": _static,
}


def averages(choice: Choice, counts: Sequence[int]) -> Iterator[Averaged]:
    """Average over more and more clips of the same key, each with a payload of its own."""
    clips = list(excerpts(choice, max(counts)))
    size, fps = clips[0].size, clips[0].fps
    static = StaticMark(size)
    first, seconds, tiles, blocks = None, [], [], []
    for number, clip in enumerate(clips):
        payload = payload_of(f"averaged {number}")
        mark = VideoMark(KEY, payload, size)
        first = first or mark
        frames = planes(marked(clip, payload))
        estimate = attacks.estimate(frames, fps)
        seconds.append(estimate.seconds[0])
        blocks += _blocks(estimate, size)
        tiles.append(static.estimated([static.embed(luma) for luma in planes(clip)]))
        if number + 1 in counts:
            yield Averaged(
                clips=number + 1,
                second=attacks.correlation(_mean(seconds), first.pattern(0.0)),
                block=_block_correlation(blocks),
                static=attacks.correlation(_mean(tiles), static.tile()),
            )


def _ours(original: Sequence[Luma], fps: float, name: str) -> tuple[VideoMark, list[Luma]]:
    mark = VideoMark(KEY, payload_of(name), original[0].shape[::-1])
    return mark, [mark.embed(luma, n / fps) for n, luma in enumerate(original)]


def _mean_correlation(estimate: attacks.Estimate, mark: VideoMark) -> float:
    return float(
        np.mean(
            [
                attacks.correlation(second, mark.pattern(n * SEGMENT_SECONDS))
                for n, second in enumerate(estimate.seconds)
            ]
        )
    )


def _signed(second: Plane, block: Plane) -> Plane:
    """Lay the block over a second, each time with the sign that fits what is seen there."""
    side = block.shape[0]
    laid = np.zeros_like(second)
    for y in range(0, second.shape[0], side):
        for x in range(0, second.shape[1], side):
            seen = second[y : y + side, x : x + side]
            part = block[: seen.shape[0], : seen.shape[1]]
            laid[y : y + side, x : x + side] = np.sign(float(np.sum(seen * part))) * part
    return laid


def _blocks(estimate: attacks.Estimate, size: tuple[int, int]) -> list[Plane]:
    side = round(cell_px(size) * BLOCK_CELLS)
    return [
        second[y : y + side, x : x + side]
        for second in estimate.seconds
        for y in range(0, size[1] - side + 1, side)
        for x in range(0, size[0] - side + 1, side)
    ]


def _block_correlation(blocks: Sequence[Plane]) -> float:
    side = blocks[0].shape[0]
    stacked = np.stack([block.ravel() for block in blocks])
    _, vectors = np.linalg.eigh(stacked @ stacked.T)
    common = (vectors[:, -1] @ stacked).reshape(side, side)
    return abs(attacks.correlation(common, _true_block(side)))


def _true_block(side: int) -> Plane:
    """The synchronisation pattern of our key, as it lies in a block of so many pixels."""
    block = Plan.of(KEY).sync_block()
    return draw.cover(block, side / BLOCK_CELLS, (side, side))


def _mean(planes_of: Sequence[Plane]) -> Plane:
    mean: Plane = np.mean(np.stack(planes_of), axis=0)
    return mean
