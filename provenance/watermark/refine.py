"""From a rough placement to an exact one.

A wrong scale, rotation, stretch or shear makes blocks drift from where they should be, in
proportion to their distance from the first one. All drifts of a set are tried at once on the energy
of the blocks; then the picture is laid out anew and what is left of the drift is fitted to the
peaks of the single blocks.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.coarse import (
    BLOCK_STEPS,
    STEPS_PER_CELL,
    Correlator,
    Energy,
    Layout,
    Stretches,
    layout,
)
from provenance.watermark.placement import Orientation, Placement

_REACH = 3
_BLUR_STEPS = 0.8
_OFFSETS = (-2.0, -1.0, 0.0, 1.0, 2.0)
_FITS = 3
_NEAR = 2
_RIDGE = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A placement and how well blocks are seen there.

    Attributes:
        placement: of a block at (0, 0).
        height: energy of the blocks above chance, in standard deviations.
    """

    placement: Placement
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A drift (2, 2), in steps a block, an offset (2,), in steps, and how high it stands."""

    drift: NDArray[np.float64]
    offset: NDArray[np.float64]
    height: float


def refine(
    correlator: Correlator,
    stretches: Stretches,
    start: Placement,
    orientation: int,
    size: tuple[int, int],
) -> Found:
    """Improve a rough placement.

    Args:
        correlator: of the key.
        stretches: what is examined.
        start: rough placement of one block.
        orientation: index into the correlator's orientations.
        size: (width, height) of the examined frames.
    """
    turned = correlator.orientations[orientation]
    placement, height = start, 0.0
    for fit in (_best_similarity, _best_linear, *(_fitted,) * _FITS):
        grid = layout(placement.linear @ np.linalg.inv(turned.matrix), size)
        _, energy = next(correlator.energies(stretches, grid, (orientation,)))
        corner = _corner(grid, placement)
        found = fit(energy, corner, _blocks_seen(grid, corner))
        placement = _moved(grid, corner + found.offset, found.drift, turned)
        height = found.height
    return Found(placement=placement, height=height)


def _moved(
    grid: Layout,
    corner: NDArray[np.float64],
    drift: NDArray[np.float64],
    orientation: Orientation,
) -> Placement:
    """Return the placement of the block at a corner, after a drift a block."""
    linear = grid.linear @ (np.eye(2) + drift / BLOCK_STEPS)
    half = np.full(2, BLOCK_STEPS / 2)
    # Blocks are compared by their middles, so a drift leaves the first one's middle where it was.
    origin = grid.linear @ (corner + half) + grid.origin - linear @ half
    return Layout(linear, origin, grid.shape).block(0.0, 0.0, orientation)


def _fitted(energy: Energy, corner: NDArray[np.float64], blocks: NDArray[np.float64]) -> _Fit:
    """Fit drift and offset to where the single blocks peak, the clear ones counting most."""
    spots = corner + BLOCK_STEPS * blocks
    reach = np.arange(-_NEAR, _NEAR + 1.0)
    near = np.stack(np.meshgrid(reach, reach), axis=-1).reshape(-1, 2)
    values = _read(energy, spots[:, None] + near)
    mean, spread = float(energy.mean()), float(energy.std()) or 1.0
    excess = np.maximum(values - (mean + spread), 0.0).astype(np.float64)
    total = excess.sum(axis=1)
    shift = np.einsum("bn,ni->bi", excess, near) / np.maximum(total, 1e-9)[:, None]
    weight = np.minimum(total / max(float(np.median(total)), 1e-9), 4.0)
    design = np.concatenate([np.ones((len(blocks), 1)), blocks], axis=1)
    normal = design.T @ (design * weight[:, None]) + np.diag([1e-6, _RIDGE, _RIDGE])
    solved = np.linalg.solve(normal, design.T @ (shift * weight[:, None]))
    read = _read(energy, spots + shift)
    height = (float(read.sum()) - len(blocks) * mean) / (spread * np.sqrt(len(blocks)))
    return _Fit(solved[1:].T, solved[0], height)


def _corner(grid: Layout, placement: Placement) -> NDArray[np.float64]:
    """Return the (x, y) step of the low corner of the placement's block (0, 0)."""
    side = BLOCK_STEPS / STEPS_PER_CELL
    middle = placement.pixels(np.full(2, side / 2))
    return grid.steps(middle) - BLOCK_STEPS / 2


def _best_similarity(
    energy: Energy, corner: NDArray[np.float64], blocks: NDArray[np.float64]
) -> _Fit:
    """Try drifts that scale and rotation cause."""
    values = np.arange(-2.6, 2.6 + 1e-9, 0.4)
    pairs = itertools.product(values, repeat=2)
    return _best(energy, corner, blocks, np.array([[[a, b], [-b, a]] for a, b in pairs]))


def _best_linear(energy: Energy, corner: NDArray[np.float64], blocks: NDArray[np.float64]) -> _Fit:
    """Try drifts that any linear map causes."""
    fours = itertools.product(np.arange(-1.8, 1.8 + 1e-9, 0.6), repeat=4)
    return _best(energy, corner, blocks, np.array([[[a, b], [c, d]] for a, b, c, d in fours]))


def _best(
    energy: Energy,
    corner: NDArray[np.float64],
    blocks: NDArray[np.float64],
    drifts: NDArray[np.float64],
) -> _Fit:
    """Return the best of some drifts (d, 2, 2), each with offsets of up to two steps."""
    smooth = cv2.GaussianBlur(energy, (0, 0), _BLUR_STEPS)
    spots = corner + BLOCK_STEPS * blocks  # (b, 2)
    moved = np.einsum("dij,bj->dbi", drifts, blocks)  # (d, b, 2)
    mean, spread = float(smooth.mean()), float(smooth.std()) or 1.0
    best = (-np.inf, np.zeros((2, 2)), np.zeros(2))
    for offset in itertools.product(_OFFSETS, repeat=2):
        total = _read(smooth, spots + moved + offset).sum(axis=1)
        place = int(np.argmax(total))
        if total[place] > best[0]:
            best = (float(total[place]), drifts[place], np.array(offset))
    height = (best[0] - len(blocks) * mean) / (spread * np.sqrt(len(blocks)))
    return _Fit(best[1], best[2], height)


def _blocks_seen(grid: Layout, corner: NDArray[np.float64]) -> NDArray[np.float64]:
    """List the (x, y) numbers of blocks at least half of which lies in the picture."""
    rows, columns = grid.shape
    found = []
    for x, y in itertools.product(range(-_REACH, _REACH + 1), repeat=2):
        at = corner + BLOCK_STEPS * np.array([x, y])
        if (
            -BLOCK_STEPS / 2 <= at[0] <= columns - BLOCK_STEPS / 2
            and -BLOCK_STEPS / 2 <= at[1] <= rows - BLOCK_STEPS / 2
        ):
            found.append((x, y))
    return np.array(found or [(0, 0)], float)


def _read(energy: Energy, at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Read the energy at (x, y) steps, (..., 2), linearly between entries, wrapping around."""
    rows, columns = energy.shape
    x, y = at[..., 0], at[..., 1]
    x0, y0 = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    fx, fy = (x - x0).astype(np.float32), (y - y0).astype(np.float32)
    x0, y0 = x0 % columns, y0 % rows
    x1, y1 = (x0 + 1) % columns, (y0 + 1) % rows
    upper = energy[y0, x0] * (1 - fx) + energy[y0, x1] * fx
    lower = energy[y1, x0] * (1 - fx) + energy[y1, x1] * fx
    mixed: NDArray[np.float32] = upper * (1 - fy) + lower * fy
    return mixed
