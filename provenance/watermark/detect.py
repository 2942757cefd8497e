"""Looking for the marks of one key in a clip.

The clip is examined in windows of 12 seconds. In each, the geometry that was found before is tried
first, then that of a whole copy in all orientations, and then the search of
`provenance.watermark.search` over scale, place, rotation and stretch. Where blocks are found, their
signs tell which second of which clip each moment shows, and the data cells are decoded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from provenance.watermark import bounds
from provenance.watermark.arrays import Luma
from provenance.watermark.chips import SECONDS_WRAP, Plan
from provenance.watermark.coarse import Correlator
from provenance.watermark.geometry import Geometry, geometry_of
from provenance.watermark.grid import CELLS_ACROSS_SHORT_SIDE, MIN_CELL_PX
from provenance.watermark.payload import Payload
from provenance.watermark.placement import ORIENTATIONS, UPRIGHT, Placement, whole_copy
from provenance.watermark.reading import read
from provenance.watermark.sampling import Cells, sample
from provenance.watermark.search import QUICK, STAGES, Searcher
from provenance.watermark.timeline import Run, runs
from provenance.watermark.window import Window, windows

_FULL_SEARCHES = 2
_THINNED = 4
_AT_ORIGIN = ((0, 0),)

Explained: TypeAlias = Iterator[tuple[Run, ...]]
"""Runs of seconds, each with the explanations of it that are about equally good."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of the examined clip that carries a mark.

    Attributes:
        start: in seconds of the examined clip.
        end: in seconds of the examined clip.
        payload: what the mark says.
        source_start: which second of the marked clip is shown at `start`, modulo 1024.
        speed: seconds of the marked clip in a second of the examined one.
        confidence: the statistic T; see `provenance.watermark.bounds`.
    """

    start: float
    end: float
    payload: Payload
    source_start: float
    speed: float
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """The outcome of one search.

    Attributes:
        found: whether a statistic reached the threshold and its tag is right.
        payload: the payload of the clearest span, if found.
        confidence: the highest statistic T of all that was decoded.
        threshold: what T had to reach there, for a false-positive rate of at most 1e-9 a clip.
        geometry: where that mark lies, if found.
        frames_used: how many frames were examined.
        spans: all stretches that carry a mark, in order of time.
    """

    found: bool
    payload: Payload | None
    confidence: float
    threshold: float
    geometry: Geometry | None
    frames_used: int
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Hit:
    span: Span
    placement: Placement
    geometry: Geometry


class Detector:
    """Looks for the marks of one epoch key. It holds no state between clips."""

    def __init__(self, key: bytes, *, keys_tried: int = 1) -> None:
        """Prepare the templates.

        Args:
            key: the epoch key, 32 bytes.
            keys_tried: how many keys the caller tries on one clip; the threshold accounts for it.

        Raises:
            BadKey: if the key does not have 32 bytes.
        """
        self._plan = Plan.of(key)
        self._correlator = Correlator(self._plan)
        self._keys = keys_tried

    def detect(self, frames: Iterable[Luma], fps: float = 0.0, *, full: bool = True) -> Detection:
        """Search a clip.

        Args:
            frames: luma planes of one size, uint8, or uint16 with values of 10 bits; read once.
            fps: frames a second; 0 for a still.
            full: whether to go on to the full search where no whole copy is found.

        Raises:
            BadFrame: if a frame is not a plane, is very small, or differs in size.
        """
        examination = _Examination(self._plan, self._correlator, self._keys, full=full)
        for window in windows(frames, fps):
            examination.examine(window)
        return examination.outcome()


class _Examination:
    """One clip."""

    def __init__(self, plan: Plan, correlator: Correlator, keys: int, *, full: bool) -> None:
        self._plan = plan
        self._correlator = correlator
        self._keys = keys
        self._searches = _FULL_SEARCHES if full else 0
        self._full = full
        self._decoded = 0
        self._best = (0.0, bounds.threshold(1, keys=keys))
        self._frames = 0
        self._hits: list[_Hit] = []

    def examine(self, window: Window) -> None:
        self._frames += len(window.frames)
        for placement, cells, found in self._places(window):
            spans = [self._span(cells, explanations) for explanations in found]
            hits = [
                _Hit(span, placement, geometry_of(placement, run.block, window))
                for run, span in filter(None, spans)
            ]
            if hits:
                self._hits += hits
                return

    def outcome(self) -> Detection:
        best = max(self._hits, key=lambda hit: hit.span.confidence, default=None)
        return Detection(
            found=best is not None,
            payload=best.span.payload if best else None,
            confidence=self._best[0],
            threshold=self._best[1],
            geometry=best.geometry if best else None,
            frames_used=self._frames,
            spans=_joined([hit.span for hit in self._hits]),
        )

    def _places(self, window: Window) -> Iterator[tuple[Placement, Cells, Explained]]:
        """Yield placements that may be right, with the runs of seconds that they show."""
        for hit in self._hits[-1:]:
            yield from self._at(window, hit.placement, None)
        for placement, every in _whole_copies(window):
            yield from self._at(window, placement, _AT_ORIGIN, every)
        if self._full:
            stages = STAGES if self._searches > 0 else QUICK
            self._searches -= 1
            searcher = Searcher(window, self._plan, self._correlator)
            for placement in searcher.placements(stages):
                yield from self._looked_at(window, placement)

    def _looked_at(
        self, window: Window, placement: Placement
    ) -> Iterator[tuple[Placement, Cells, Explained]]:
        """Yield a placement that the search gave if a few frames show signs there."""
        cells = sample(window, placement, _THINNED)
        if cells is not None and next(runs(cells, self._plan, blocks=None), None):
            yield from self._at(window, placement, None)

    def _at(
        self,
        window: Window,
        placement: Placement,
        blocks: tuple[tuple[int, int], ...] | None,
        every: int = 1,
    ) -> Iterator[tuple[Placement, Cells, Explained]]:
        cells = sample(window, placement, every)
        if cells is not None:
            yield placement, cells, runs(cells, self._plan, blocks=blocks)

    def _span(self, cells: Cells, explanations: tuple[Run, ...]) -> tuple[Run, Span] | None:
        run, reading = read(cells, explanations, self._plan)
        self._decoded += len(explanations)
        threshold = bounds.threshold(self._decoded, keys=self._keys)
        self._best = max(self._best, (reading.statistic, threshold))
        if reading.payload is None or reading.statistic < threshold:
            return None
        first = self._plan.first_second(reading.payload)
        span = Span(
            start=run.start,
            end=run.end,
            payload=reading.payload,
            source_start=(run.first_second + run.start * run.speed - first) % SECONDS_WRAP,
            speed=run.speed,
            confidence=reading.statistic,
        )
        return run, span


def _whole_copies(window: Window) -> Iterator[tuple[Placement, int]]:
    """Yield the placements of whole copies, and how far to thin out the frames for each."""
    short = min(window.size)
    usual = short / CELLS_ACROSS_SHORT_SIDE
    smallest = MIN_CELL_PX * window.reduction
    cells = [usual] if usual >= smallest else [smallest, usual]
    for cell in cells:
        yield whole_copy(window.size, UPRIGHT, cell), 1
    for cell in cells:
        for orientation in ORIENTATIONS[1:]:
            yield whole_copy(window.size, orientation, cell), _THINNED


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Put spans in order and join those of one clip that follow each other."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        last = joined[-1] if joined else None
        if last and last.payload == span.payload and math.isclose(last.end, span.start, abs_tol=1):
            confidence = math.hypot(last.confidence, span.confidence)
            joined[-1] = Span(
                start=last.start,
                end=span.end,
                payload=last.payload,
                source_start=last.source_start,
                speed=last.speed,
                confidence=confidence,
            )
        else:
            joined.append(span)
    return tuple(joined)
