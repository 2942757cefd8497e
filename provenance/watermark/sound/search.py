"""Finding where the mark lies, by the pattern alone.

For each speed the sync cells are correlated with the sound at all offsets at once. The best few
offsets are then judged by the votes of all coded bits: where the pattern fits, the cells of a coded
bit agree with each other, whichever way, so the votes are larger than chance would make them. The
cover is not used, which the bound in `provenance.watermark.sound.bounds` needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import fft

from provenance.watermark.sound import features
from provenance.watermark.sound.arrays import Cells, Power
from provenance.watermark.sound.grid import CELL
from provenance.watermark.sound.layout import CODED, PERIOD, Layout

HOP = 64
"""Samples between the frames of the examined sound: 4 ms."""

STEPS = CELL // HOP
"""The finest steps in which offsets are told apart, in a cell."""

COARSE = STEPS // 2
_OFFSETS_A_SPEED = 4
_LEAST_CELLS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """How sound was changed since it was marked.

    Attributes:
        pitch: the factor of all frequencies.
        tempo: the factor by which it became faster.
    """

    pitch: float
    tempo: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A speed and an offset at which the mark may lie.

    Attributes:
        speed: the speed.
        skip: steps of the sound before the first whole cell, 0 to steps - 1.
        first: which time of the plan that cell is, 0 to PERIOD - 1.
        steps: steps a cell.
        score: how well the pattern fits, in about standard deviations.
    """

    speed: Speed
    skip: int
    first: int
    steps: int
    score: float


class Search:
    """Looks for the pattern of one key."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._sync = layout.sync()
        drawn = np.zeros((PERIOD * COARSE, self._sync.shape[1]), np.float32)
        drawn[::COARSE] = self._sync
        self._template = fft.rfft(drawn, axis=0)

    def places(self, power: Power, speeds: Iterable[Speed]) -> list[Place]:
        """Return the best places of each speed, best first.

        Args:
            power: energies of frames `HOP` apart.
            speeds: the speeds to try.
        """
        found: list[Place] = []
        banded = {}
        for speed in sorted(speeds, key=lambda speed: speed.pitch):
            if speed.pitch not in banded:
                banded = {speed.pitch: features.bands(power, speed.pitch)}
            values = features.received(banded[speed.pitch], HOP, steps=COARSE, tempo=speed.tempo)
            if len(values) < COARSE * _LEAST_CELLS:
                continue
            for shift in self._shifts(values):
                found.append(self._judged(values, speed, COARSE, int(shift)))
        return sorted(found, key=lambda place: -place.score)

    def refined(self, power: Power, place: Place, speeds: Iterable[Speed]) -> Place:
        """Return the best place at finer steps among these speeds, near the one given."""
        start = (place.first * place.steps - place.skip) * STEPS // place.steps
        best: Place | None = None
        for speed in speeds:
            values = dense(power, speed, STEPS)
            for nudge in range(-STEPS // 2, STEPS // 2 + 1):
                near = self._judged(values, speed, STEPS, start + nudge)
                if best is None or near.score > best.score:
                    best = near
        return best or place

    def cells(self, power: Power, place: Place) -> Cells:
        """Return the values of the cells at one place, (n, BANDS)."""
        return dense(power, place.speed, place.steps)[place.skip :: place.steps]

    def _shifts(self, values: Cells) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        """Return the offsets at which the sync cells fit best, in coarse steps of the plan."""
        side = PERIOD * COARSE
        folded = np.zeros((-(-len(values) // side) * side, values.shape[1]), np.float32)
        folded[: len(values)] = values
        folded = folded.reshape(-1, side, values.shape[1]).sum(axis=0)
        product = (self._template * np.conj(fft.rfft(folded, axis=0))).sum(axis=1)
        scores = fft.irfft(product, side)
        higher = scores >= np.maximum(np.roll(scores, 1), np.roll(scores, -1))
        peaks = np.flatnonzero(higher)
        return peaks[np.argsort(-scores[peaks])[:_OFFSETS_A_SPEED]]

    def _judged(self, values: Cells, speed: Speed, steps: int, start: int) -> Place:
        """Judge the offset at which the sound starts, in steps of the plan."""
        first, skip = -(-start // steps), -start % steps
        chosen = values[skip::steps]
        times = (first + np.arange(len(chosen))) % PERIOD
        signed = chosen * self._layout.pattern[times]
        sync = self._layout.group[times] < 0
        votes = self._layout.votes(chosen, first)
        data = float(np.sum(np.square(signed[~sync]))) or 1.0
        excess = (float(np.sum(np.square(votes))) / data - 1.0) * np.sqrt(CODED)
        height = float(signed[sync].sum()) / (float(np.sum(np.square(signed[sync]))) or 1.0) ** 0.5
        return Place(
            speed=speed, skip=skip, first=first % PERIOD, steps=steps, score=excess + height
        )


def dense(power: Power, speed: Speed, steps: int) -> Cells:
    """Return the cell values at every step; see `features.received`."""
    banded = features.bands(power, speed.pitch)
    return features.received(banded, HOP, steps=steps, tempo=speed.tempo)
