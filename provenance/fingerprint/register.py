"""Laying a copy onto the reference picture, given where its mark was found.

The mark tells exactly which part of the marked picture a copy shows, whatever its scale, rotation
or flip. Only for pictures of more than 256 cells along a side several positions are possible.
"""

from __future__ import annotations

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.picture import STRIP, Pictures, Strip
from provenance.watermark.chips import BLOCK_CELLS, BLOCKS_WRAP
from provenance.watermark.geometry import Geometry
from provenance.watermark.grid import cell_px

_LEAST_SHOWN = 0.05
_AROUND = (-1, 0, 1)

Affine = NDArray[np.float64]
"""(2, 3): from pixels of a reference strip to pixels of an examined one."""


def laid_out(
    strip: Strip, reference: tuple[int, int], geometry: Geometry
) -> list[tuple[Pictures, Pictures]]:
    """Lay a strip onto the reference.

    Args:
        strip: of the examined copy.
        reference: (width, height) of the frames when they were marked.
        geometry: where the mark was found.

    Returns:
        For each possible position: the pictures, (n, 72, 128), and which share of each pixel they
        show, (72, 128). Empty if the copy shows nothing of the reference.
    """
    found = []
    for placed in _maps(strip.size, reference, geometry):
        shown = _warped(np.ones(STRIP[::-1], np.float32), placed)
        if float(shown.mean()) >= _LEAST_SHOWN:
            found.append((np.stack([_warped(p, placed) for p in strip.pictures]), shown))
    return found


def _maps(
    examined: tuple[int, int], reference: tuple[int, int], geometry: Geometry
) -> list[Affine]:
    """Return the maps from a reference strip to the examined one, the likeliest first."""
    a, b, c, d, e, f = geometry.matrix
    cell = cell_px(reference)
    linear = np.array([[a, b], [d, e]])
    per_strip = np.array(reference) / np.array(STRIP) / cell  # cells a pixel of the strip
    back = np.array(STRIP) / np.array(examined)
    wrap = BLOCK_CELLS * BLOCKS_WRAP
    wide = [_AROUND if side / cell > wrap else (0,) for side in reference]
    maps = []
    for shift in sorted(itertools.product(*wide), key=lambda s: abs(s[0]) + abs(s[1])):
        origin = np.array([c, f]) - linear @ (np.array(shift, float) * wrap)
        turned = back[:, None] * linear * per_strip
        start = back * origin + turned @ np.full(2, 0.5) - 0.5
        maps.append(np.concatenate([turned, start[:, None]], axis=1))
    return maps


def _warped(picture: Pictures, placed: Affine) -> Pictures:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid: Pictures = cv2.warpAffine(
        picture, placed, STRIP, flags=flags, borderMode=cv2.BORDER_CONSTANT
    )
    return laid
