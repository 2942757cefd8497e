"""Finding the tile: fold the picture for one cell size, then correlate with the keyed template.

Folding lays all repetitions of the tile on top of each other. It is written as two sparse
matrices, the exact adjoint of drawing the tile over the picture by linear interpolation: so any
cell size, whole or not, is folded without resampling the picture first.

The folded picture is flattened in the frequency domain: what is left of the content keeps to a part
of the spectrum (edges and motion have directions), the mark is spread over all of it. On moving
texture this doubles the detector's statistic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.sparse import csr_matrix

from provenance.watermark import tile
from provenance.watermark.arrays import Plane
from provenance.watermark.layout import TILE_CELLS, Layout
from provenance.watermark.whiten import Residual

Spectrum: TypeAlias = NDArray[np.complex64]
"""Half the frequencies of a folded picture, (64 * steps, 32 * steps + 1)."""

_NEIGHBOUR_FREQUENCIES = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Orientation:
    """A flip and a quarter turn.

    Attributes:
        flip: whether left and right are exchanged (first).
        turns: quarter turns counter-clockwise (then), 0 to 3.
    """

    flip: bool
    turns: int

    def apply(self, cells: Plane) -> Plane:
        """Return the tile as it looks in a picture that was turned so."""
        return np.ascontiguousarray(np.rot90(cells[:, ::-1] if self.flip else cells, self.turns))

    def undo(self, cells: Plane) -> Plane:
        """Return the tile as it was before."""
        back = np.rot90(cells, -self.turns)
        return np.ascontiguousarray(back[:, ::-1] if self.flip else back)


UPRIGHT = (Orientation(flip=False, turns=0),)
ALL_ORIENTATIONS = tuple(Orientation(flip=f, turns=t) for f in (False, True) for t in range(4))


@dataclass(frozen=True, kw_only=True, slots=True)
class Peak:
    """The best place for one cell size.

    Attributes:
        height: the correlation, in standard deviations of all offsets.
        orientation: index into the orientations that were tried.
        row: offset of the tile downwards, in steps of the fold.
        column: offset of the tile to the right, in steps of the fold.
    """

    height: float
    orientation: int
    row: int
    column: int


def fold(residual: Residual, cell: float, steps: int) -> Plane:
    """Lay all repetitions of the tile on top of each other.

    Args:
        residual: the accumulated picture.
        cell: side of a cell in pixels of the frames.
        steps: resolution of the result, in steps a cell.

    Returns:
        (64 * steps, 64 * steps).
    """
    height, width = residual.plane.shape
    down = _folding(height, steps / (cell * residual.shrink_y), TILE_CELLS * steps)
    across = _folding(width, steps / (cell * residual.shrink_x), TILE_CELLS * steps)
    folded: Plane = (across @ (down @ residual.plane).T).T
    return folded


def _folding(count: int, steps_per_px: float, side: int) -> csr_matrix:
    """Return the (side, count) matrix that adds each pixel to the two steps beside it."""
    at = (np.arange(count) + 0.5) * steps_per_px - 0.5
    below = np.floor(at)
    share = (at - below).astype(np.float32)
    first = below.astype(np.int64) % side
    rows = np.concatenate([first, (first + 1) % side])
    columns = np.tile(np.arange(count), 2)
    return csr_matrix((np.concatenate([1 - share, share]), (rows, columns)), shape=(side, count))


def flattened(folded: Plane) -> Spectrum:
    """Return the spectrum with each frequency divided by the strength of those around it."""
    spectrum = fft.rfft2(folded)
    power = np.square(np.abs(spectrum)).astype(np.float32)
    around = cv2.GaussianBlur(np.fft.fftshift(power, 0), (0, 0), _NEIGHBOUR_FREQUENCIES)
    strength = np.sqrt(np.fft.ifftshift(around, 0))
    flat: Spectrum = spectrum / np.maximum(strength, np.finfo(np.float32).tiny)
    return flat


class Templates:
    """The synchronisation cells of one key in the frequency domain, at one resolution."""

    def __init__(self, layout: Layout, orientations: Sequence[Orientation], steps: int) -> None:
        self.steps = steps
        drawn = [tile.draw(o.apply(layout.sync_cells()), steps) for o in orientations]
        self._spectra = np.stack([np.conj(fft.rfft2(d)) for d in drawn])
        one = np.zeros((TILE_CELLS, TILE_CELLS), np.float32)
        one[0, 0] = 1.0
        self._cell = np.conj(fft.rfft2(tile.draw(one, steps)))

    def peak(self, spectrum: Spectrum) -> Peak:
        """Correlate a flattened picture with every orientation and return the highest place."""
        scores = self._back(spectrum * self._spectra)
        best = int(np.argmax(scores))
        orientation, row, column = np.unravel_index(best, scores.shape)
        spread = float(np.sqrt(np.mean(np.square(scores[orientation])))) or 1.0
        return Peak(
            height=float(scores.flat[best]) / spread,
            orientation=int(orientation),
            row=int(row),
            column=int(column),
        )

    def cells(self, spectrum: Spectrum, peak: Peak) -> Plane:
        """Return what the picture says about each cell, (64, 64), as oriented in the picture."""
        filtered = self._back((spectrum * self._cell)[None])[0]
        placed = np.roll(filtered, (-peak.row, -peak.column), (0, 1))
        return np.ascontiguousarray(placed[:: self.steps, :: self.steps])

    def _back(self, spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
        side = TILE_CELLS * self.steps
        real: NDArray[np.float32] = fft.irfft2(spectra, s=(side, side))
        return real
