"""The cell sizes that a search tries.

A wrong cell size moves the pattern by a distance that grows across the picture. Steps of equal
size in cells a pixel (not in pixels a cell) keep that distance the same for every size: so the
lattice is even in 1 / cell, and coarse steps are wide enough that the nearest one is off by at most
0.3 cells at the edge of the long side.
"""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST_CELL_PX = 2.0
LARGEST_CELL_PX = 15.0
FINE_PER_COARSE = 4
_BAND_RATIO = 1.5
_SLACK_CELLS = 1.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """Neighbouring cell sizes that share one whitening.

    Attributes:
        centre: the cell size to whiten for, in pixels.
        points: the coarse points of the band, as numbers on the fine lattice.
    """

    centre: float
    points: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lattice:
    """All cell sizes that a search over a picture can end at.

    Attributes:
        long_side: the long side of the picture in pixels.
    """

    long_side: int

    @property
    def count(self) -> int:
        """How many fine points there are."""
        span = 1 / SMALLEST_CELL_PX - 1 / LARGEST_CELL_PX
        return int(span * self.long_side / _SLACK_CELLS * FINE_PER_COARSE) + 1

    def cell(self, point: int) -> float:
        """Return the cell size at a fine point, in pixels."""
        step = _SLACK_CELLS / self.long_side / FINE_PER_COARSE
        return 1 / (1 / LARGEST_CELL_PX + point * step)

    def near(self, point: int) -> range:
        """Return the fine points within a coarse step of a point."""
        return range(max(0, point - FINE_PER_COARSE), min(self.count, point + FINE_PER_COARSE + 1))

    def bands(self) -> list[Band]:
        """Split the coarse points into bands, from the largest cells to the smallest."""
        bands: list[Band] = []
        points = range(0, self.count, FINE_PER_COARSE)
        upper = LARGEST_CELL_PX
        while upper > SMALLEST_CELL_PX:
            lower = max(SMALLEST_CELL_PX, upper / _BAND_RATIO)
            if lower / SMALLEST_CELL_PX < 1.1:
                lower = SMALLEST_CELL_PX
            chosen = tuple(p for p in points if self._within(p, lower, upper))
            bands.append(Band(centre=(lower * upper) ** 0.5, points=chosen))
            upper = lower
        return bands

    def _within(self, point: int, lower: float, upper: float) -> bool:
        """Say whether a point is in (lower, upper], with the ends of the lattice closed."""
        cell = self.cell(point)
        return lower < cell <= upper or (lower == SMALLEST_CELL_PX and cell <= lower)
