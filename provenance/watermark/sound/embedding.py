"""Choosing how much louder or softer each cell becomes, with the content in view.

The detector sums what many cells say about one coded bit. The content of those cells adds a sum of
its own, which for a blind mark is the noise that limits it. Here it is known: in a few rounds, each
marks the sound as it would be, reads it as the detector will, and changes the cells of those coded
bits that fall short, in every stretch of about five seconds; so that what is spent goes where
it is needed. Cox, Miller and McKellips, "Watermarking as communications with side information",
Proc. IEEE 87(7), 1999; Malvar and Florencio, "Improved spread spectrum", IEEE TSP 51(4), 2003.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from provenance.watermark.arrays import Vector
from provenance.watermark.sound import features, hearing
from provenance.watermark.sound.arrays import Cells, Power
from provenance.watermark.sound.grid import CELL, band_weights
from provenance.watermark.sound.layout import CODED, PERIOD, Layout
from provenance.watermark.sound.spectrum import (
    SYNTHESIS_HOP,
    Spectra,
    frame_count,
    samples,
    spectra,
)

_FRAMES_A_CELL = CELL // SYNTHESIS_HOP
_BLOCK = 16
_BLOCKS_A_STRETCH = 10
"""A stretch is 160 cells, 3.8 s: less than the shortest excerpt that is to be read."""
_ROUNDS = 6
_TARGET = 0.6
"""What the cells of a coded bit should say on average; a value of the content deviates by 1."""
_STEP = 1.2
_SYNC_PUSH = 0.6
_SHARE_OF_MASKED = 1.4
"""Few cells use all of their limit, so a limit may be over the threshold and the mean stay under
it: averaged over critical bands and frames, the change lies 0.6 to 7 dB under the threshold in
speech, 13 dB in the sound of waves, and 3 to 5 dB over it in tonal music with hard onsets."""
_MOST_DB = np.float32(6.0)
_LOUD = 0.5
"""Cells from this share of the mean energy on are changed less, by the root of their energy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What each cell of one sound is to say.

    Attributes:
        sign: the sign that each cell should have, (n, BANDS).
        group: what it carries, (n, BANDS), 0 for synchronisation, else 1 + its coded bit.
    """

    sign: Cells
    group: NDArray[np.int64]

    @classmethod
    def of(cls, layout: Layout, signs: Vector, count: int) -> Plan:
        """Lay the plan of a key over `count` cells, for the signs of two words."""
        times = np.arange(count) % PERIOD
        group = layout.group[times] + 1
        return cls(
            sign=layout.pattern[times] * np.concatenate([[np.float32(1.0)], signs])[group],
            group=group,
        )


def difference(channels: list[Spectra], plan: Plan, length: int, strength: float) -> list[Vector]:
    """Return what to add to each channel.

    Args:
        channels: spectra of the channels, `SYNTHESIS_HOP` apart.
        plan: what the cells are to say.
        length: samples of a channel at the analysis rate.
        strength: 1 for changes up to the limits; less is quieter.
    """
    limits = _cell_limits(total_power(channels), len(plan.sign), strength)
    gains = np.where(plan.group == 0, np.float32(_SYNC_PUSH) * limits * plan.sign, 0.0)
    for _ in range(_ROUNDS):
        marked = [spectra(s, SYNTHESIS_HOP) for s in _changed(channels, gains, length, whole=True)]
        values = cells(total_power(marked))
        gains = gains + _STEP * limits * plan.sign * _shortfall(values, plan)
        gains = np.clip(gains, -limits, limits).astype(np.float32)
    return _changed(channels, gains, length, whole=False)


def cell_count(length: int) -> int:
    """Return how many whole cells lie in so many samples at the analysis rate."""
    return max(0, (frame_count(length, SYNTHESIS_HOP) - _FRAMES_A_CELL) // _FRAMES_A_CELL + 1)


def total_power(channels: list[Spectra]) -> Power:
    """Return the energies, summed over the channels."""
    total = np.zeros(channels[0].shape, np.float32)
    for found in channels:
        total += np.square(found.real) + np.square(found.imag)
    return total


def cells(power: Power) -> Cells:
    """Return the values of the cells of sound that starts with a cell, (n, BANDS)."""
    return features.values(features.bands(power), SYNTHESIS_HOP, steps=1)


def _cell_limits(power: Power, count: int, strength: float) -> Cells:
    """Return by how many dB each cell may change.

    Two limits: what is heard, and what it costs. A change by so many dB costs energy in proportion
    to the cell's, and tells the detector the same in a soft cell as in a loud one.
    """
    limits = uniform_filter1d(hearing.limits_db(power), _FRAMES_A_CELL, axis=0, mode="nearest")
    limits = limits[_FRAMES_A_CELL // 2 :: _FRAMES_A_CELL][:count]
    energy = features.energies(features.bands(power), SYNTHESIS_HOP, steps=1)
    loudness = energy / np.float32(_LOUD * float(energy.mean()))
    spare = np.float32(strength) * _MOST_DB / np.sqrt(1 + loudness)
    lower: Cells = np.minimum(limits * np.float32(_SHARE_OF_MASKED), spare)
    return lower


def _shortfall(values: Cells, plan: Plan) -> Cells:
    """Return, for each cell, by how much its coded bit falls short around it, -1 to 1."""
    blocks = -(-len(values) // _BLOCK)
    groups = 2 * CODED + 1
    at = (np.arange(len(values))[:, None] // _BLOCK * groups + plan.group).ravel()
    said, cast = (
        np.bincount(at, weights.ravel(), blocks * groups).reshape(blocks, groups).astype(np.float64)
        for weights in (values * plan.sign, np.ones_like(values))
    )
    stretch = min(blocks, _BLOCKS_A_STRETCH)
    missing = _TARGET - _runs(said, stretch) / np.maximum(_runs(cast, stretch), 1)
    spread = _spread_back(np.maximum(missing, 0.0), blocks, stretch)
    spread[:, 0] = 0.0
    found: Cells = spread.ravel()[at].reshape(values.shape).astype(np.float32)
    return found


def _runs(blocks: NDArray[np.float64], stretch: int) -> NDArray[np.float64]:
    """Sum every run of `stretch` consecutive blocks."""
    summed = np.concatenate([np.zeros_like(blocks[:1]), np.cumsum(blocks, axis=0)])
    sums: NDArray[np.float64] = summed[stretch:] - summed[:-stretch]
    return sums


def _spread_back(runs: NDArray[np.float64], blocks: int, stretch: int) -> NDArray[np.float64]:
    """Return for each block the mean over the runs that it is part of."""
    padded = np.pad(runs, ((stretch - 1, stretch - 1), (0, 0)))
    inside = np.pad(np.ones((len(runs), 1)), ((stretch - 1, stretch - 1), (0, 0)))
    mean: NDArray[np.float64] = (_runs(padded, stretch) / _runs(inside, stretch))[:blocks]
    return mean


def _changed(channels: list[Spectra], gains: Cells, length: int, *, whole: bool) -> list[Vector]:
    """Apply gains in dB to each channel; return the results, or only what was added."""
    frames = np.repeat(gains, _FRAMES_A_CELL, axis=0)
    before = np.concatenate([gains[:1] * 0, gains[:-1]])
    frames[::_FRAMES_A_CELL] = (gains + before) / 2
    factor = (10 ** (frames / 20) - 1) @ band_weights(1.0).T
    field = np.zeros(channels[0].shape, np.float32)
    field[: len(factor)] = factor[: len(field)]
    if whole:
        field += 1
    return [samples(found * field, length) for found in channels]
