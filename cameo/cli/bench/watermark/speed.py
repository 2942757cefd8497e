"""How fast marks are written and found, without any codec."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from cameo.cli.bench.figures import median_seconds
from cameo.cli.bench.watermark.marking import KEY, marked, planes
from cameo.media.processing import Clip, attack
from provenance.watermark.arrays import Luma
from provenance.watermark.detect import Detector
from provenance.watermark.video import VideoMark

_PAYLOAD = 0x0123456789ABCDEF
_THREADS = (1, 2)
GEOMETRIES = (
    "none",
    "flip",
    "turn-90",
    "crop-70",
    "crop-9:16",
    "letterbox",
    "stretch-1.05",
    "rotate+2",
    "rotate-5",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """Frames a second on a number of threads, the median of the runs."""

    threads: int
    embed: float
    detect: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """How long the search of one copy took, by the clock and in processor time."""

    what: str
    seconds: float
    cpu: float
    found: bool


def rates(clip: Clip, *, runs: int = 3) -> Iterator[Rate]:
    """Measure embedding and detection of a whole copy, on one thread and on two."""
    frames = planes(clip)
    size = clip.size
    mark = VideoMark(KEY, _PAYLOAD, size)
    copies = planes(marked(clip, _PAYLOAD))
    detector = Detector(KEY)
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for threads in _THREADS:
            with ThreadPoolExecutor(threads) as pool:
                embed = median_seconds(partial(_embedded, pool, mark, frames, clip.fps), runs)
                detect = median_seconds(
                    partial(_detected, pool, detector, copies, clip.fps, threads), runs
                )
            yield Rate(
                threads=threads,
                embed=len(frames) / embed,
                detect=threads * len(frames) / detect,
            )
    finally:
        cv2.setNumThreads(before)


def _embedded(
    pool: ThreadPoolExecutor, mark: VideoMark, frames: Sequence[Luma], fps: float
) -> None:
    for _ in pool.map(lambda i: mark.embed(frames[i], i / fps), range(len(frames))):
        pass


def _detected(
    pool: ThreadPoolExecutor, detector: Detector, frames: Sequence[Luma], fps: float, clips: int
) -> None:
    """Search as many clips at once as there are threads."""
    for _ in pool.map(lambda _: detector.detect(frames, fps), range(clips)):
        pass


def doubled(clip: Clip) -> Clip:
    """The clip and then the clip backwards: twice as long, and no cut in it."""
    return clip.showing(np.concatenate([clip.frames, clip.frames[::-1]])).sounding(None)


def searches(clip: Clip, names: Sequence[str] = GEOMETRIES) -> Iterator[Search]:
    """Time the search of a clip of twice the length in several geometries, and without a mark.

    Codecs only come before the clock starts.
    """
    long = doubled(clip)
    detector = Detector(KEY)
    copy = marked(long, _PAYLOAD)
    for name in names:
        yield _timed(detector, name, attack(name).apply(copy).clip)
    yield _timed(detector, "no mark", long)


def _timed(detector: Detector, what: str, clip: Clip) -> Search:
    frames = planes(clip)
    began, spent = time.perf_counter(), time.process_time()
    found = detector.detect(frames, clip.fps).found
    return Search(
        what=what,
        seconds=time.perf_counter() - began,
        cpu=time.process_time() - spent,
        found=found,
    )
