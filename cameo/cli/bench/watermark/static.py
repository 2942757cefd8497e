"""A mark that does not change, to measure ours beside: one tile over the picture and the frames.

The first version of the mark was such a one. It is built here, for this benchmark alone, with the
mask and strength of the present mark.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cameo.cli.bench.watermark.marking import KEY
from provenance.watermark import attacks, pattern, prf, whiten
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.draw import cover

_CELLS = 64
_CELLS_ACROSS_SHORT_SIDE = 120
_PSNR = 43.0


class StaticMark:
    """One keyed tile of 64 x 64 cells, repeated; a cell is 1/120 of the shorter side."""

    def __init__(self, size: tuple[int, int]) -> None:
        """Draw the pattern for frames of a size (width, height)."""
        self._cell = min(size) / _CELLS_ACROSS_SHORT_SIDE
        self.period = round(_CELLS * self._cell)
        self._signs = prf.signs(KEY, "static tile", _CELLS * _CELLS).reshape(_CELLS, _CELLS)
        across = [-(-side // self.period) for side in size]
        self.pattern = cover(np.tile(self._signs, across[::-1]), self._cell, size)
        self._error = pattern.mean_square(_PSNR)

    def embed(self, luma: Luma) -> Luma:
        """The frame with the pattern in it."""
        return pattern.add(luma, self.pattern, self._error)

    def tile(self) -> Plane:
        """One period of the pattern, (period, period)."""
        return self.pattern[: self.period, : self.period]

    def statistic(self, frames: Sequence[Luma]) -> float:
        """The statistic of one tile at the right place: the sum of all repetitions and frames."""
        total = np.sum([whiten.whiten(frame, self._cell) for frame in frames], axis=0)
        height, width = (side // self.period * self.period for side in total.shape)
        squares = total[:height, :width].reshape(
            height // self.period, self.period, width // self.period, self.period
        )
        tile = squares.sum(axis=(0, 2))
        at = ((np.arange(_CELLS) + 0.5) * self._cell).astype(int)
        found = tile[np.ix_(at, at)]
        length = float(np.linalg.norm(found)) or 1.0
        return float(np.sum(found * self._signs)) / length

    def estimated(self, frames: Sequence[Luma]) -> Plane:
        """What an attacker without the key learns of the tile, (period, period)."""
        return attacks.folded(frames, self.period)

    def spread(self, tile: Plane) -> attacks.Estimate:
        """A tile laid over the whole picture, as an estimate to paste or to subtract."""
        height, width = self.pattern.shape
        across = (-(-height // self.period), -(-width // self.period))
        return attacks.Estimate((np.tile(tile, across)[:height, :width],))
