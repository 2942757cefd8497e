"""How a marked picture lies in the examined one, as an affine map from cells to pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.arrays import Plane

Matrix: TypeAlias = NDArray[np.float64]
"""(2, 2) or (2,) in the order x, y."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Orientation:
    """A flip and a quarter turn.

    Attributes:
        flip: whether left and right are exchanged (first).
        turns: quarter turns counter-clockwise (then), 0 to 3.
    """

    flip: bool
    turns: int

    def apply(self, picture: Plane) -> Plane:
        """Return a picture that was flipped and turned so."""
        flipped = picture[:, ::-1] if self.flip else picture
        return np.ascontiguousarray(np.rot90(flipped, self.turns))

    @property
    def matrix(self) -> Matrix:
        """The linear map of (x, y) with y downwards, (2, 2)."""
        turn = np.array([[0.0, 1.0], [-1.0, 0.0]])  # counter-clockwise where y points down
        flip = np.diag([-1.0 if self.flip else 1.0, 1.0])
        return np.linalg.matrix_power(turn, self.turns) @ flip


UPRIGHT = Orientation(flip=False, turns=0)
ORIENTATIONS = tuple(Orientation(flip=f, turns=t) for f in (False, True) for t in range(4))


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """An affine map: pixel = linear @ cell + origin.

    Cell coordinates are continuous: cell (0, 0) of the marked picture covers 0 to 1 in both. Pixel
    coordinates are continuous too: the first pixel covers 0 to 1.

    Attributes:
        linear: (2, 2), pixels a cell.
        origin: (2,), where the corner of cell (0, 0) lies, in pixels.
    """

    linear: Matrix
    origin: Matrix

    @property
    def cell(self) -> float:
        """Side of a square of the same area as a cell, in pixels."""
        return math.sqrt(abs(float(np.linalg.det(self.linear))))

    def pixels(self, cells: Matrix) -> Matrix:
        """Map points, (..., 2)."""
        mapped: Matrix = cells @ self.linear.T + self.origin
        return mapped

    def cells(self, pixels: Matrix) -> Matrix:
        """Map points back, (..., 2)."""
        mapped: Matrix = (pixels - self.origin) @ np.linalg.inv(self.linear).T
        return mapped

    def scaled(self, x: float, y: float) -> Placement:
        """Return the placement in a picture that was stretched by these factors."""
        stretch = np.diag([x, y])
        return Placement(stretch @ self.linear, stretch @ self.origin)

    def moved(self, cells: Matrix) -> Placement:
        """Return the placement whose cell (0, 0) is this cell of the present one."""
        return Placement(self.linear, self.pixels(cells))


def whole_copy(size: tuple[float, float], orientation: Orientation, cell: float) -> Placement:
    """Return the placement of a whole copy.

    Args:
        size: (width, height) of the examined picture in pixels.
        orientation: how it was flipped and turned.
        cell: side of a cell in pixels.
    """
    linear = orientation.matrix * cell
    width, height = size if orientation.turns % 2 == 0 else (size[1], size[0])
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]]) @ orientation.matrix.T
    return Placement(linear, -corners.min(axis=0))
