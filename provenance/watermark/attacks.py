"""What an attacker can do without the key, so that tests and benchmarks can show it.

A pattern that is the same in every frame and in every tile can be estimated from one marked clip:
the content averages out over frames and tiles and the pattern stays. Pasted onto another clip it
decodes to the first clip's payload. This is why a mark alone proves nothing: the verdict asks the
content fingerprint too, and answers `mark_mismatch` where the two disagree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.watermark import pattern, tile
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.layout import cell_px
from provenance.watermark.sync import fold
from provenance.watermark.whiten import Residual, accumulate

_STEPS = 6


def estimate_tile(frames: Sequence[Luma], cell: float | None = None) -> Plane:
    """Estimate the tile of a marked clip from its frames alone, without any key.

    Args:
        frames: luma planes of one size; the more the content moves, the better.
        cell: side of a cell in pixels, which the attacker reads off the published design;
            by default that of a whole copy.

    Returns:
        (384, 384): the tile at 6 steps a cell, starting at the picture's top left corner.

    Raises:
        CannotCarry: if the picture is too small to hold a tile.
    """
    height, width = frames[0].shape
    side = cell_px((width, height)) if cell is None else cell
    residual = accumulate(frames, side)
    everywhere = Residual(
        plane=np.ones_like(residual.plane), shrink_x=residual.shrink_x, shrink_y=residual.shrink_y
    )
    covered = np.maximum(fold(everywhere, side, _STEPS), 1.0)
    return (fold(residual, side, _STEPS) / covered).astype(np.float32)


def paste(luma: Luma, estimated: Plane, psnr_db: float = 43.0) -> Luma:
    """Add an estimated tile to a frame of another clip.

    Args:
        luma: one luma plane, (H, W), uint8.
        estimated: what `estimate_tile` returned.
        psnr_db: the quality that the attacker accepts, 34 to 54 dB.

    Raises:
        CannotCarry: if the picture is too small to hold a tile.
    """
    return Paste(estimated, luma.shape[::-1], psnr_db).apply(luma)


class Paste:
    """Adds one estimated tile to many frames of one size."""

    def __init__(self, estimated: Plane, size: tuple[int, int], psnr_db: float = 43.0) -> None:
        """Lay the tile out for frames of this (width, height)."""
        self._error = pattern.mean_square(psnr_db)
        self._pattern = tile.lay(estimated, cell_px(size), size)

    def apply(self, luma: Luma) -> Luma:
        """Return the frame with the estimated pattern in it."""
        return pattern.add(luma, self._pattern, self._error)
