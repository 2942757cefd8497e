"""Which parts of the examined sound carry a mark that was found."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from scipy.ndimage import uniform_filter1d

from provenance.watermark.arrays import Vector
from provenance.watermark.sound.arrays import Cells
from provenance.watermark.sound.grid import CELL, RATE
from provenance.watermark.sound.layout import PERIOD, Layout
from provenance.watermark.sound.search import Place

Span: TypeAlias = tuple[float, float]
"""Start and end in seconds of the examined sound."""

_STRETCH = round(1.5 * RATE / CELL)
_CLEAR = 4.5
"""Deviations over a stretch of 1.5 s; chance passes it about once in 300,000 stretches."""


def spans(layout: Layout, signs: Vector, cells: Cells, place: Place) -> tuple[Span, ...]:
    """Return where the cells agree with the words that were read, in order of time.

    Ends are certain to about half a second; what is shorter is left out. A pause of up to 1.5 s
    within marked sound is counted with it.

    Args:
        layout: the plan of the key.
        signs: the covered signs of the words, (2 * CODED,).
        cells: the values of the cells at the place, (n, BANDS).
        place: where the first of them lies.
    """
    times = (place.first + np.arange(len(cells))) % PERIOD
    expected = (
        layout.pattern[times] * np.concatenate([[np.float32(1.0)], signs])[layout.group[times] + 1]
    )
    agreeing = _smooth((cells * expected).sum(axis=1))
    deviation = np.sqrt(_smooth(np.square(cells).sum(axis=1)) / _STRETCH) + 1e-9
    inside = agreeing / deviation > _CLEAR
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    cell_s = CELL / RATE / place.speed.tempo
    start_s = place.skip / place.steps * cell_s
    return tuple(
        (round(start_s + int(first) * cell_s, 3), round(start_s + int(last) * cell_s, 3))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if last - first >= _STRETCH // 2
    )


def _smooth(values: Vector) -> Vector:
    done: Vector = uniform_filter1d(values, min(_STRETCH, len(values)), mode="nearest")
    return done
