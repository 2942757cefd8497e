"""Reading the words at one place, and what the statistic is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from provenance.watermark.arrays import Bits, Vector
from provenance.watermark.payload import Payload
from provenance.watermark.sound import codes, features
from provenance.watermark.sound.arrays import Cells, Samples
from provenance.watermark.sound.grid import CELL
from provenance.watermark.sound.layout import CODED, PERIOD, Layout
from provenance.watermark.sound.payload import WORD_BITS, read_full, read_short
from provenance.watermark.sound.spectrum import SYNTHESIS_HOP, power


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one place says.

    Attributes:
        short_id: 32 bits, or None where the tag is wrong.
        payload: 64 bits, or None where a tag is wrong.
        short_statistic: T over the coded bits of the short word, 0 to 15.7.
        full_statistic: T over the coded bits of both words, 0 to 22.3.
        words: the decoded short and further word.
    """

    short_id: int | None
    payload: Payload | None
    short_statistic: float
    full_statistic: float
    words: tuple[Bits, Bits]


def read(layout: Layout, votes: Vector) -> Reading:
    """Decode both words from the votes of all coded bits, (2 * CODED,)."""
    soft = votes * layout.cover
    words = codes.decode(soft[:CODED], WORD_BITS), codes.decode(soft[CODED:], WORD_BITS)
    agreeing = votes * layout.signs(*words)
    short = read_short(layout.key, words[0])
    return Reading(
        short_id=short,
        payload=None if short is None else read_full(layout.key, short, words[1]),
        short_statistic=statistic(agreeing[:CODED]),
        full_statistic=statistic(agreeing),
        words=words,
    )


def statistic(agreeing: Vector) -> float:
    """Return T from the votes times the signs that the word expects."""
    length = float(np.sqrt(np.sum(np.square(agreeing, dtype=np.float64))))
    return float(np.sum(agreeing, dtype=np.float64)) / length if length else 0.0


def best_short(layout: Layout, signs: Vector, marked: Samples) -> float:
    """Return T of the short word in the best stretch of one period, the place being known.

    Args:
        layout: the plan of the key.
        signs: the covered signs of the words that were written.
        marked: (N, channels) at the analysis rate, starting with a cell.
    """
    cells = own_cells(marked)
    starts = range(0, max(1, len(cells) - PERIOD // 2), PERIOD // 2)
    stretches = [layout.votes(cells[s : s + PERIOD], s) * signs for s in starts]
    return max(statistic(votes[:CODED]) for votes in stretches)


def own_cells(marked: Samples) -> Cells:
    """Return the cells of sound that starts with a cell and was not changed in speed."""
    found = features.bands(power(marked, SYNTHESIS_HOP))
    steps = CELL // SYNTHESIS_HOP
    return features.received(found, SYNTHESIS_HOP, steps=steps)[::steps]
