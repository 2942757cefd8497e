"""Which second of the keyed sequence each moment shows, and which block is which.

The synchronisation pattern of each block carries a keyed sign that changes every second. Once the
blocks are found, what is read of these signs is matched with the key's table: over all starting
seconds, phases within a second, speeds, and numbers of the first block. A clip that was put
together from several marked ones gives several runs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.chips import BLOCKS_WRAP, SECONDS_WRAP, SEGMENT_SECONDS, Plan
from provenance.watermark.sampling import Cells

SPEEDS = (1.0, 0.8, 0.9, 1.1, 1.25, 0.95, 1.05)
"""How many marked seconds pass in one examined second."""
_BIN_SECONDS = 0.25
_PHASES = (0.0, 0.25, 0.5, 0.75)
_CONVINCING = 5.5
"""Deviations from which a run is worth decoding; decides the order and amount of work only."""
_SHORTEST_BINS = 2
_MOST_RUNS = 8
_MOST_EXPLANATIONS = 24
_NEARLY = 0.8

Totals = NDArray[np.float32]
"""(origins, 1024): how well the bins match, for each second at time 0."""
Signs = NDArray[np.float32]
"""(bins, 8, 8): what the bins say about the sign of each block, block numbers taken modulo 8."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A stretch of time in which one clip's seconds follow each other.

    Attributes:
        start: when it begins, in seconds of the examined clip.
        end: when it ends.
        first_second: place in the keyed sequence at time 0 of the examined clip, with fraction.
        speed: marked seconds in an examined second.
        block: (row, column) number, modulo 8, of the placement's block (0, 0).
        height: how well the signs match, in standard deviations.
    """

    start: float
    end: float
    first_second: float
    speed: float
    block: tuple[int, int]
    height: float

    def seconds(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the place in the keyed sequence at each time; modulo 1024 it is a second of it."""
        at = np.floor(self.first_second + times * self.speed / SEGMENT_SECONDS + 1e-6)
        return at.astype(np.int64)


def runs(
    cells: Cells, plan: Plan, *, blocks: tuple[tuple[int, int], ...] | None
) -> Iterator[tuple[Run, ...]]:
    """Yield the runs, the clearest first; each next one uses the time that the others left.

    A second shows few signs, so in a short run several explanations can be about equally good: they
    come together, the best one first.

    Args:
        cells: what was read.
        plan: the key's plan.
        blocks: the numbers that block (0, 0) of the placement can have; None for all 64.
    """
    signs, times = _signs(cells, plan)
    free = np.ones(len(times), np.bool_)
    origins = blocks or tuple(itertools.product(range(BLOCKS_WRAP), range(BLOCKS_WRAP)))
    match = _Match(_matched(signs, plan, origins), times, origins)
    for _ in range(_MOST_RUNS):
        explained = match.best(free)
        if not explained:
            return
        yield explained
        free &= ~((times >= explained[0].start - 1e-9) & (times < explained[0].end - 1e-9))


def _signs(cells: Cells, plan: Plan) -> tuple[Signs, NDArray[np.float64]]:
    """Return the signs, with variance 1 over all blocks of a bin, and the times of the bins."""
    sync = cells.values[..., plan.sync]
    power = np.mean(np.square(sync), axis=(1, 2, 3)) + np.float32(1e-12)
    seen = max(1, int(cells.seen[..., plan.sync].sum()))
    filled = seen / cells.seen[..., plan.sync].size
    # Zeros stand for cells outside the picture, so the power of those inside is higher.
    votes = (sync @ plan.sync_chips) / np.sqrt(power / filled * seen)[:, None, None]
    row, column = cells.first
    folded = np.zeros((len(votes), BLOCKS_WRAP, BLOCKS_WRAP), np.float32)
    for i, j in np.ndindex(*votes.shape[1:]):
        folded[:, (row + i) % BLOCKS_WRAP, (column + j) % BLOCKS_WRAP] += votes[:, i, j]
    number = np.floor((cells.times - cells.times[0]) / _BIN_SECONDS + 1e-6).astype(np.int64)
    bins = np.unique(number)
    summed = np.stack([folded[number == b].sum(axis=0) for b in bins])
    counts = np.array([np.count_nonzero(number == b) for b in bins], np.float32)
    # Frames of a quarter of a second show nearly the same: they count as one observation.
    signs: Signs = (summed / counts[:, None, None]).astype(np.float32)
    return signs, cells.times[0] + bins * _BIN_SECONDS


def _matched(signs: Signs, plan: Plan, origins: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """Return how each bin matches each second, for each number of block (0, 0): (o, bins, 1024)."""
    table = np.ascontiguousarray(plan.block_signs.reshape(SECONDS_WRAP, -1).T)
    rolled = np.stack([np.roll(signs, o, axis=(1, 2)) for o in origins]).astype(np.float32)
    matched: NDArray[np.float32] = rolled.reshape(-1, len(table)) @ table
    return matched.reshape(len(origins), len(signs), SECONDS_WRAP)


class _Match:
    """How each bin of time matches each second of the sequence."""

    def __init__(
        self,
        matched: NDArray[np.float32],
        times: NDArray[np.float64],
        origins: tuple[tuple[int, int], ...],
    ) -> None:
        self._matched = matched
        self._times = times
        self._origins = origins

    def best(self, free: NDArray[np.bool_]) -> tuple[Run, ...]:
        """Return the explanations of the clearest run in the bins that are free."""
        weights = free.astype(np.float32)
        tried = {
            (speed, phase): self._total(weights, speed, phase)
            for speed, phase in itertools.product(SPEEDS, _PHASES)
        }
        # Other speeds than 1 must be clearly better, or a short clip would find one by chance.
        top = max(tried, key=lambda key: float(tried[key].max()) * (1.0 if key[0] == 1.0 else 0.95))
        total = tried[top]
        places = np.argsort(total, axis=None)[::-1][:_MOST_EXPLANATIONS]
        good = [int(p) for p in places if total.flat[p] >= _NEARLY * total.flat[places[0]]]
        steps = _steps(self._times, *top)
        low, high = _support(self._votes(good[0], steps) * weights)
        runs = [self._run(place, top, steps, (low, high)) for place in good]
        enough = high - low >= min(_SHORTEST_BINS, len(self._times))
        return tuple(r for r in runs if r.height >= _CONVINCING) if enough else ()

    def _total(self, weights: NDArray[np.float32], speed: float, phase: float) -> Totals:
        total = np.zeros((len(self._matched), SECONDS_WRAP), np.float32)
        for index, step in enumerate(_steps(self._times, speed, phase)):
            if weights[index]:
                total += np.roll(self._matched[:, index], -step, axis=1)
        return total

    def _votes(self, place: int, steps: NDArray[np.int64]) -> NDArray[np.float32]:
        origin, second = divmod(place, SECONDS_WRAP)
        votes: NDArray[np.float32] = self._matched[
            origin, np.arange(len(steps)), (second + steps) % SECONDS_WRAP
        ]
        return votes

    def _run(
        self,
        place: int,
        timing: tuple[float, float],
        steps: NDArray[np.int64],
        span: tuple[int, int],
    ) -> Run:
        origin, second = divmod(place, SECONDS_WRAP)
        low, high = span
        votes = self._votes(place, steps)[low:high]
        return Run(
            start=float(self._times[low]),
            end=float(self._times[high - 1] + _BIN_SECONDS),
            first_second=second + timing[1],
            speed=timing[0],
            block=self._origins[origin],
            height=float(votes.sum() / np.sqrt(max(1, high - low))),
        )


def _steps(times: NDArray[np.float64], speed: float, phase: float) -> NDArray[np.int64]:
    return np.floor(phase + times * speed / SEGMENT_SECONDS + 1e-6).astype(np.int64)


def _support(votes: NDArray[np.float32]) -> tuple[int, int]:
    """Return the stretch (low, high) in which the votes are high throughout."""
    strong = np.sort(votes)[-max(1, len(votes) // 4) :].mean()
    gains = votes - np.float32(0.35) * strong
    best, total, start, span = -np.inf, 0.0, 0, (0, len(votes))
    for index, gain in enumerate(gains):
        if total <= 0.0:
            total, start = 0.0, index
        total += float(gain)
        if total > best:
            best, span = total, (start, index + 1)
    return span
