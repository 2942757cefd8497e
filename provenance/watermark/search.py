"""Searching a window for blocks: which hypotheses, in which order, and what is looked at closer."""

from __future__ import annotations

import functools
import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from provenance.watermark import coarse
from provenance.watermark.chips import Plan
from provenance.watermark.coarse import (
    BLOCK_STEPS,
    Correlator,
    Energy,
    Hypothesis,
    Stretches,
)
from provenance.watermark.grid import CELLS_ACROSS_SHORT_SIDE
from provenance.watermark.placement import Orientation, Placement
from provenance.watermark.polish import polish
from provenance.watermark.refine import Found, refine
from provenance.watermark.window import Window

SCALES = (0.25, 4.0)
"""Cell size in the examined picture over that in a whole copy of its size."""
MAX_ROTATION = math.radians(10.0)
_SCALE_STEP = 0.045
_ROTATION_STEP = math.radians(2.5)
_BAND = 1.45
_STRETCH_SECONDS = 0.5
_STRETCHES = 6
_SMALLEST_CELL_PX = 2.0
_CANDIDATES = 10
_KEPT = 3
_THREADS = 2
_BATCH = 8
_ALIKE = 0.06
_UPRIGHT_OR_FLIPPED = (0, 4)
_FINE_SCALES = (0.45, 3.0)
_FINE_STEP = 0.011
_CLEAR = 6.2
"""Deviations: chance hardly reaches it in a whole search. It decides the order of work only."""
_USUAL_SCALES = (0.4, 4.0)
_ROTATED_SCALES = (0.6, 3.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A place that stands out.

    Attributes:
        height: of its 2 x 2 blocks, in standard deviations.
        placement: of a block, roughly.
        orientation: index into the correlator's orientations.
        stretches: where it was seen.
    """

    height: float
    placement: Placement
    orientation: int
    stretches: Stretches


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A part of the search.

    Attributes:
        rotations: in radians.
        stretch: logs of cell width over height.
        orientations: which of the correlator's.
        scales: the cell sizes to try, over that of a whole copy.
        step: log of a cell size over the one before.
        whole: whether all blocks are summed, not only neighbours; needs small steps.
    """

    rotations: tuple[float, ...] = (0.0,)
    stretch: tuple[float, ...] = (0.0,)
    orientations: tuple[int, ...] = tuple(range(8))
    scales: tuple[float, float] = SCALES
    step: float = _SCALE_STEP
    whole: bool = False


def _stages() -> tuple[Stage, ...]:
    count = round(MAX_ROTATION / _ROTATION_STEP)
    turns = tuple(s * i * _ROTATION_STEP for i in range(1, count + 1) for s in (1, -1))
    stretch = tuple(s * v for v in (0.1, 0.2, 0.29) for s in (1, -1))
    return (
        Stage(scales=_USUAL_SCALES),
        Stage(rotations=turns, orientations=_UPRIGHT_OR_FLIPPED, scales=_ROTATED_SCALES),
        Stage(stretch=stretch, orientations=_UPRIGHT_OR_FLIPPED, scales=_ROTATED_SCALES),
        Stage(orientations=_UPRIGHT_OR_FLIPPED, scales=_FINE_SCALES, step=_FINE_STEP, whole=True),
        Stage(scales=(SCALES[0], _USUAL_SCALES[0])),
        Stage(rotations=turns, orientations=(1, 2, 3, 5, 6, 7), scales=_ROTATED_SCALES),
    )


STAGES = _stages()
QUICK = STAGES[:1]


class Searcher:
    """Finds placements in one window; remembers what it averaged between stages."""

    def __init__(self, window: Window, plan: Plan, correlator: Correlator) -> None:
        self._window = window
        self._plan = plan
        self._correlator = correlator
        self._stretches: dict[float, Stretches] = {}

    def placements(self, stages: Sequence[Stage] = STAGES) -> Iterator[Placement]:
        """Yield exact placements: what is clear at once, else the best of each stage."""
        for stage in stages:
            ranked: list[Candidate] = []
            tried: list[Candidate] = []
            for candidate in self._candidates(stage):
                if candidate.height > _CLEAR:
                    if not any(_same_place(candidate, other) for other in tried):
                        tried.append(candidate)
                        yield self._polished(candidate.stretches, self._refined(candidate))
                else:
                    ranked = heapq.nlargest(_CANDIDATES, [*ranked, candidate], key=_height)
            refined = [(self._refined(c), c.stretches) for c in ranked]
            for found, stretches in heapq.nlargest(_KEPT, refined, key=lambda r: r[0].height):
                yield self._polished(stretches, found)

    def _polished(self, stretches: Stretches, found: Found) -> Placement:
        return polish(stretches, found.placement, self._plan, self._window.size)

    def _refined(self, candidate: Candidate) -> Found:
        return refine(
            self._correlator,
            candidate.stretches,
            candidate.placement,
            candidate.orientation,
            self._window.size,
        )

    def _candidates(self, stage: Stage) -> Iterator[Candidate]:
        """Yield the candidates of a stage in order; hypotheses are tried two at a time."""
        for band, cells in self._bands(stage):
            stretches = self._averaged(band)
            shapes = itertools.product(cells, stage.rotations, stage.stretch)
            tried = functools.partial(self._tried, stretches, stage)
            with ThreadPoolExecutor(_THREADS) as pool:
                while batch := list(itertools.islice(shapes, _BATCH)):
                    for found in pool.map(tried, batch):
                        yield from found

    def _tried(
        self, stretches: Stretches, stage: Stage, form: tuple[float, float, float]
    ) -> list[Candidate]:
        cell, rotation, stretch = form
        shape = Hypothesis(cell=cell, rotation=rotation, stretch=stretch)
        grid = coarse.layout(shape.linear, self._window.size)
        if max(grid.shape) < BLOCK_STEPS // 2:
            return []
        peak = _peak_of_all if stage.whole else _peak
        found = []
        for number, energy in self._correlator.energies(stretches, grid, stage.orientations):
            row, column, height = peak(energy)
            orientation: Orientation = self._correlator.orientations[number]
            found.append(
                Candidate(
                    height=height,
                    placement=grid.block(row, column, orientation),
                    orientation=number,
                    stretches=stretches,
                )
            )
        return found

    def _bands(self, stage: Stage) -> list[tuple[float, list[float]]]:
        """Return bands of cell sizes that share one whitening, from the whole copy's outwards."""
        usual = min(self._window.size) / CELLS_ACROSS_SHORT_SIDE
        low, high = (math.log(max(usual * s, _SMALLEST_CELL_PX) / usual) for s in stage.scales)
        numbers = range(math.floor(low / stage.step), math.floor(high / stage.step) + 1)
        cells = [max(usual * math.exp(n * stage.step), _SMALLEST_CELL_PX) for n in numbers]
        width = math.log(_BAND)
        bands: dict[int, list[float]] = {}
        for cell in cells:
            bands.setdefault(round(math.log(cell / usual) / width), []).append(cell)
        order = sorted(bands, key=abs)
        return [(usual * math.exp(n * width), bands[n]) for n in order]

    def _averaged(self, cell: float) -> Stretches:
        if cell not in self._stretches:
            planes, x, y = self._window.planes(cell, _STRETCH_SECONDS, _STRETCHES)
            self._stretches[cell] = Stretches(planes, (x, y), cell)
        return self._stretches[cell]


def _peak(energy: Energy) -> tuple[float, float, float]:
    """Return row, column and height of the best 2 x 2 neighbouring blocks.

    Each block may lie a step beside its place: hence the highest of nine entries. The root keeps
    one outstanding block, as a logo can make, from speaking for four.
    """
    total = np.sqrt(cv2.dilate(energy, np.ones((3, 3), np.uint8)))
    rows, columns = total.shape
    if rows > 2 * BLOCK_STEPS:
        total = total + np.roll(total, -BLOCK_STEPS, axis=0)
    if columns > 2 * BLOCK_STEPS:
        total = total + np.roll(total, -BLOCK_STEPS, axis=1)
    place = int(np.argmax(total))
    row, column = divmod(place, columns)
    spread = float(total.std()) or 1.0
    return (
        float(row if row < rows - BLOCK_STEPS else row - rows),
        float(column if column < columns - BLOCK_STEPS else column - columns),
        (float(total.flat[place]) - float(total.mean())) / spread,
    )


def _peak_of_all(energy: Energy) -> tuple[float, float, float]:
    """Return row, column and height of the best place for all blocks together."""
    rows, columns = (-(-n // BLOCK_STEPS) * BLOCK_STEPS for n in energy.shape)
    padded = np.zeros((rows, columns), np.float32)
    padded[: energy.shape[0], : energy.shape[1]] = np.sqrt(energy)
    squares = padded.reshape(rows // BLOCK_STEPS, BLOCK_STEPS, columns // BLOCK_STEPS, BLOCK_STEPS)
    total = squares.sum(axis=(0, 2))
    place = int(np.argmax(total))
    row, column = divmod(place, BLOCK_STEPS)
    spread = float(total.std()) or 1.0
    middle = [n // BLOCK_STEPS // 2 * BLOCK_STEPS for n in energy.shape]
    height = (float(total.flat[place]) - float(total.mean())) / spread
    return float(row + middle[0]), float(column + middle[1]), height


def _same_place(one: Candidate, other: Candidate) -> bool:
    """Say whether two candidates differ by so little that refining them ends at one place."""
    alike = abs(math.log(one.placement.cell / other.placement.cell)) < _ALIKE
    return alike and one.orientation == other.orientation and one.height < 1.15 * other.height


def _height(candidate: Candidate) -> float:
    return candidate.height
