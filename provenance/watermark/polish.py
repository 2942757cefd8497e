"""The last step to an exact placement: moving it until the synchronisation cells speak clearest."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.chips import BLOCK_CELLS, Plan
from provenance.watermark.coarse import Stretches
from provenance.watermark.placement import Matrix, Placement
from provenance.watermark.sampling import blocks_in

_STEPS_CELLS = (0.5, 0.25, 0.12, 0.06)
_SWEEPS = 3
_EDGE_PX = 0.5


def polish(
    stretches: Stretches, placement: Placement, plan: Plan, size: tuple[int, int]
) -> Placement:
    """Improve a placement that is right within about a cell everywhere.

    Three corners of the picture are moved one after the other, each in both directions, as long as
    the squares of the blocks' synchronisation grow; then by smaller steps.

    Args:
        stretches: what is examined.
        placement: of the marked picture.
        plan: the key's plan.
        size: (width, height) of the examined frames.
    """
    score = _Score(stretches, placement, plan, size)
    width, height = size
    corners = np.array([[0, 0], [width, 0], [0, height]], float)
    cells = placement.cells(corners)
    best = score.of(cells)
    for step in _STEPS_CELLS:
        for _ in range(_SWEEPS):
            before = best
            for corner, axis, sign in np.ndindex(3, 2, 2):
                moved = cells.copy()
                moved[corner, axis] += step if sign else -step
                value = score.of(moved)
                if value > best:
                    cells, best = moved, value
            if best == before:
                break
    return _through(cells, corners)


class _Score:
    """How clearly the blocks speak when three corners of the picture show these cells."""

    def __init__(
        self, stretches: Stretches, placement: Placement, plan: Plan, size: tuple[int, int]
    ) -> None:
        low, high = blocks_in(size, placement)
        columns, rows = high[0] - low[0], high[1] - low[1]
        y, x = np.divmod(plan.sync, BLOCK_CELLS)
        within = np.stack([x, y], axis=-1) + 0.5
        corner = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1) + low
        self._cells = (corner[:, :, None] * BLOCK_CELLS + within).astype(np.float64)
        self._chips = plan.sync_chips
        self._planes = stretches.planes
        self._shrink = stretches.shrink
        self._corners = np.array([[0, 0], [size[0], 0], [0, size[1]]], float)

    def of(self, corner_cells: Matrix) -> float:
        placement = _through(corner_cells, self._corners).scaled(*self._shrink)
        spots = (placement.pixels(self._cells) - _EDGE_PX).astype(np.float32)
        shape = spots.shape[:3]
        flat = spots.reshape(shape[0], -1, 2)
        total = 0.0
        for plane in self._planes:
            read: NDArray[np.float32] = cv2.remap(
                plane, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
            )
            votes = read.reshape(shape) @ self._chips
            power = float(np.sum(np.square(read))) or 1.0
            total += float(np.sum(np.square(votes))) / power
        return total


def _through(cells: Matrix, pixels: Matrix) -> Placement:
    """Return the placement that shows these three cells at these three pixels."""
    known = np.concatenate([cells, np.ones((3, 1))], axis=1)
    solved = np.linalg.solve(known, pixels)
    return Placement(solved[:2].T, solved[2])
