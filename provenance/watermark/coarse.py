"""Finding where blocks lie: correlation with the keyed block pattern over scales and rotations.

For each hypothesis the examined picture is laid out anew with 5 steps for 4 cells and correlated,
by FFT, with the pattern that every block shows. As the sign of a block is not known, squares are
summed: over stretches of time, and over 2 x 2 neighbouring blocks. Neighbours stay aligned although
scale and rotation are off by half a step, which a sum over the whole picture would not: so few
hypotheses are enough, and `provenance.watermark.refine` finds the exact placement from the
promising ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from provenance.watermark import draw
from provenance.watermark.arrays import Plane
from provenance.watermark.chips import BLOCK_CELLS, Plan
from provenance.watermark.placement import ORIENTATIONS, Orientation, Placement
from provenance.watermark.still import without_still

STEPS_PER_CELL = 1.25
BLOCK_STEPS = round(BLOCK_CELLS * STEPS_PER_CELL)
_FINE_PX = 6

Energy = NDArray[np.float32]
"""(rows, columns): summed squares of the correlation at each step, each square 1 by chance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hypothesis:
    """A shape that cells may have in the examined picture.

    Attributes:
        cell: root of a cell's area, in pixels of the examined frames.
        rotation: counter-clockwise, in radians.
        stretch: log of a cell's width over its height.
    """

    cell: float
    rotation: float = 0.0
    stretch: float = 0.0

    @property
    def linear(self) -> NDArray[np.float64]:
        """Pixels a cell, (2, 2), for an upright picture."""
        cosine, sine = math.cos(self.rotation), math.sin(self.rotation)
        turn = np.array([[cosine, sine], [-sine, cosine]])
        wide = math.exp(self.stretch / 2)
        return turn @ np.diag([self.cell * wide, self.cell / wide])


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """How the step grid of a hypothesis lies over the frames: pixel = linear @ step + origin."""

    linear: NDArray[np.float64]
    origin: NDArray[np.float64]
    shape: tuple[int, int]

    def block(self, row: float, column: float, orientation: Orientation) -> Placement:
        """Return the placement of a block whose corner is at this step, turned so."""
        per_cell = self.linear * STEPS_PER_CELL
        middle = np.full(2, BLOCK_CELLS / 2)
        corner = self.linear @ np.array([column, row]) + self.origin
        turned = orientation.matrix
        return Placement(per_cell @ turned, corner + per_cell @ (middle - turned @ middle))

    def steps(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the (x, y) steps of points in pixels, (..., 2)."""
        mapped: NDArray[np.float64] = (pixels - self.origin) @ np.linalg.inv(self.linear).T
        return mapped


def layout(linear: NDArray[np.float64], size: tuple[int, int]) -> Layout:
    """Lay a step grid over a picture of (width, height) pixels so that it covers all of it."""
    per_step = linear / STEPS_PER_CELL
    width, height = size
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], float)
    steps = corners @ np.linalg.inv(per_step).T
    low, high = steps.min(axis=0), steps.max(axis=0)
    columns, rows = (math.ceil(v) for v in high - low)
    return Layout(per_step, per_step @ low, (rows, columns))


class Correlator:
    """Correlates stretches of a clip with the block pattern of one key."""

    def __init__(self, plan: Plan, orientations: Sequence[Orientation] = ORIENTATIONS) -> None:
        self.orientations = tuple(orientations)
        self._blocks = np.stack([_drawn(o.apply(plan.sync_block())) for o in orientations])
        self._spectra: dict[tuple[int, int], NDArray[np.complex64]] = {}

    def energies(
        self, stretches: Stretches, grid: Layout, chosen: Sequence[int]
    ) -> Iterator[tuple[int, Energy]]:
        """Yield the summed squares for each chosen orientation.

        Entry (y, x) speaks of a block whose corner lies at step (y, x); blocks may begin up to a
        block before the picture, and these entries stand at the end, as negative indices.
        """
        rows, columns = (fft.next_fast_len(n + BLOCK_STEPS, real=True) for n in grid.shape)
        spectra = stretches.spectra(grid, (rows, columns))
        templates = self._templates((rows, columns))
        for number in chosen:
            product = spectra * templates[number]
            found = fft.irfft2(product, s=(rows, columns), overwrite_x=True)
            energy = np.einsum("nij,nij->ij", found, found, optimize=False)
            yield number, energy * np.float32(len(found) / max(float(energy.mean()), 1e-20))

    def _templates(self, shape: tuple[int, int]) -> NDArray[np.complex64]:
        if shape not in self._spectra:
            if len(self._spectra) > 256:
                self._spectra.clear()
            self._spectra[shape] = np.conj(fft.rfft2(self._blocks, s=shape))
        return self._spectra[shape]


class Stretches:
    """Averaged, whitened pictures of some stretches of a clip, smoothed for one range of cells."""

    def __init__(self, planes: Sequence[Plane], shrink: tuple[float, float], cell: float) -> None:
        """Keep the planes.

        Args:
            planes: (h, w) each.
            shrink: their width and height over those of the examined frames.
            cell: the side of the cells looked for, in pixels of the examined frames.
        """
        side = draw.SMOOTH_CELLS * cell * min(shrink)
        self.planes = [cv2.GaussianBlur(p, (0, 0), side) for p in without_still(np.stack(planes))]
        self.shrink = shrink

    def spectra(self, grid: Layout, shape: tuple[int, int]) -> NDArray[np.complex64]:
        """Return the flattened spectra of the stretches on a grid, padded to `shape`."""
        shrink = np.diag(self.shrink)
        linear, origin = shrink @ grid.linear, shrink @ grid.origin
        # Step and pixel centres lie at halves.
        origin = origin + linear @ np.full(2, 0.5) - 0.5
        placed = np.concatenate([linear, origin[:, None]], axis=1)
        laid = np.zeros((len(self.planes), *shape), np.float32)
        rows, columns = grid.shape
        for index, plane in enumerate(self.planes):
            laid[index, :rows, :columns] = cv2.warpAffine(
                plane,
                placed,
                (columns, rows),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
            )
        return _flattened(fft.rfft2(laid))


def _flattened(spectra: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Divide each frequency by the strength of those around it.

    What is left of the content keeps to a part of the spectrum (edges and motion have directions),
    the mark is spread over all of it.
    """
    power = np.square(spectra.real) + np.square(spectra.imag)
    mean = power.mean(axis=0)
    side = (mean.shape[0] / 96, mean.shape[1] / 48)
    around = cv2.GaussianBlur(
        np.fft.fftshift(mean, 0), (0, 0), sigmaX=max(0.8, side[1]), sigmaY=max(0.8, side[0])
    )
    strength = np.sqrt(np.fft.ifftshift(around, 0))
    flat: NDArray[np.complex64] = spectra / np.maximum(strength, np.finfo(np.float32).tiny)
    return flat


def _drawn(block: Plane) -> Plane:
    """Draw a block at 5 steps for 4 cells, (40, 40)."""
    fine = draw.draw(block, _FINE_PX, margin=cv2.BORDER_CONSTANT)
    drawn: Plane = cv2.resize(fine, (BLOCK_STEPS, BLOCK_STEPS), interpolation=cv2.INTER_AREA)
    return drawn
