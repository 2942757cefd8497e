"""From cells to a payload, and the statistic that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.watermark import polar
from provenance.watermark.arrays import Bits
from provenance.watermark.chips import BLOCKS_WRAP, SECONDS_WRAP, Plan
from provenance.watermark.payload import WORD_BITS, Payload, from_word
from provenance.watermark.sampling import Cells
from provenance.watermark.still import without_still
from provenance.watermark.timeline import Run

_CLIP = 2.5

Values = NDArray[np.float32]
"""(seconds, rows, columns, 768): sums over the frames of a second, for the data cells."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a run says.

    Attributes:
        statistic: T of the best word; see `provenance.watermark.bounds`.
        payload: the payload, if a word with a right tag was found.
    """

    statistic: float
    payload: Payload | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Signal:
    """The data cells of a run with the chips taken off.

    Attributes:
        votes: (n,), in the unit of `length`: positive speaks for a coded 0.
        bits: (n,): which coded bit each vote is about.
        length: root of the sum of squares of all votes.
    """

    votes: NDArray[np.float32]
    bits: NDArray[np.int64]
    length: float

    def soft(self) -> NDArray[np.float32]:
        """Return the sums of votes for each coded bit, (1024,)."""
        return np.bincount(self.bits, self.votes, polar.CODED_BITS).astype(np.float32)

    def accord(self) -> float:
        """Return how much of the votes' power is left in the sums; about 1 where it is noise."""
        return float(np.sum(np.square(self.soft()))) / max(self.length**2, 1e-12)

    def statistic(self, coded: Bits) -> float:
        """Return T for one coded word."""
        if self.length == 0.0:
            return 0.0
        signs = 1.0 - 2.0 * coded[self.bits].astype(np.float32)
        return float(np.dot(self.votes, signs)) / self.length


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """The data cells of a stretch of time, summed over the frames of each second.

    Attributes:
        values: (seconds, rows, columns, 768), with what stands still taken off, clipped.
        seen: (rows, columns, 768).
        first: (row, column) number of the first block.
        places: (seconds,), in the keyed sequence under the explanation that they were folded by.
        origin: the whole part of that explanation's first second.
    """

    values: Values
    seen: NDArray[np.bool_]
    first: tuple[int, int]
    places: NDArray[np.int64]
    origin: int


def fold(cells: Cells, run: Run, plan: Plan) -> Folded:
    """Sum the frames of each second of a run, and level out what stands still."""
    within = (cells.times >= run.start - 1e-6) & (cells.times < run.end - 1e-6)
    places = run.seconds(cells.times)
    seconds = np.unique(places[within])
    data = cells.values[..., plan.data]
    sums = np.stack([data[within & (places == s)].sum(axis=0) for s in seconds])
    return Folded(
        _clipped(without_still(sums)),
        cells.seen[..., plan.data],
        cells.first,
        seconds,
        int(run.first_second),
    )


def read(cells: Cells, explanations: Sequence[Run], plan: Plan) -> tuple[Run, Reading]:
    """Decode the explanation under which the votes for each coded bit agree best.

    All explanations of a run have the same timing. Each counts as decoded in the false-positive
    bound, as choosing looks at the data chips.
    """
    folded = fold(cells, explanations[0], plan)
    signals = [despread(folded, run, plan) for run in explanations]
    best = max(range(len(signals)), key=lambda n: signals[n].accord())
    return explanations[best], decode(signals[best], plan)


def decode(signal: Signal, plan: Plan) -> Reading:
    """Decode one signal."""
    words = polar.decode(signal.soft(), WORD_BITS)
    best: Reading | None = None
    for word in words:
        payload = from_word(plan.key, word)
        if payload is not None or best is None:
            best = Reading(statistic=signal.statistic(polar.encode(word)), payload=payload)
        if payload is not None:
            break
    return best or Reading(statistic=0.0, payload=None)


def despread(folded: Folded, run: Run, plan: Plan) -> Signal:
    """Take the chips of an explanation off."""
    rows, columns = folded.values.shape[1:3]
    seconds = (folded.places - folded.origin + int(run.first_second)) % SECONDS_WRAP
    row = (np.arange(rows) + folded.first[0] + run.block[0]) % BLOCKS_WRAP
    column = (np.arange(columns) + folded.first[1] + run.block[1]) % BLOCKS_WRAP
    chips = np.stack([plan.data_chips(int(s))[row][:, column] for s in seconds])
    bits = np.stack([plan.coded_bits(int(s))[row][:, column] for s in seconds])
    seen = np.broadcast_to(folded.seen, folded.values.shape)
    votes = (folded.values * chips)[seen]
    return Signal(
        votes=votes,
        bits=bits[seen],
        length=float(np.sqrt(np.sum(np.square(votes, dtype=np.float64)))),
    )


def _clipped(values: Values) -> Values:
    level = np.float32(_CLIP) * np.sqrt(np.mean(np.square(values)))
    return np.clip(values, -level, level)
