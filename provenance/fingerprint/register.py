"""Where on the reference picture a copy can lie, given where its mark was found.

The mark tells the scale exactly and the position up to whole tiles. A tile is about half as high as
a whole picture, so few positions remain, and each is tried.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from provenance.fingerprint.picture import WHOLE, Pictures, Strip, Window
from provenance.watermark.detect import Geometry
from provenance.watermark.layout import TILE_CELLS, cell_px

_LEAST_SHARE = 0.3
_SAME = 0.01


def upright(strip: Strip, geometry: Geometry) -> Strip:
    """Undo the flip and the quarter turns of the examined copy."""
    turned = np.rot90(strip.pictures, -geometry.rotation_quarter, axes=(1, 2))
    pictures: Pictures = np.ascontiguousarray(turned[:, :, ::-1] if geometry.flip else turned)
    size = strip.size[::-1] if geometry.rotation_quarter % 2 else strip.size
    return Strip(pictures=pictures, size=size)


def windows(
    reference: tuple[int, int], examined: tuple[int, int], geometry: Geometry
) -> list[Window]:
    """List the parts of the reference that the examined picture can show.

    Args:
        reference: (width, height) of the frames when they were marked.
        examined: (width, height) of the examined frames, before any turning back.
        geometry: where the mark was found in them.

    Returns:
        Windows for the picture turned upright, the whole picture first where it is possible;
        empty if the reference cannot have carried a mark.
    """
    whole = cell_px(reference)
    full = (reference[0] / whole, reference[1] / whole)
    part, corner = _upright_corner(examined, geometry)
    choices = [_starts(corner[i], part[i], full[i]) for i in (0, 1)]
    found = [
        Window(
            left=x / full[0],
            top=y / full[1],
            right=(x + part[0]) / full[0],
            bottom=(y + part[1]) / full[1],
        )
        for x, y in itertools.product(*choices)
    ]
    return sorted(found, key=lambda window: not _is_whole(window))


def _upright_corner(
    examined: tuple[int, int], geometry: Geometry
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return size and corner on the tile, in cells, of the examined picture turned upright."""
    width, height = examined[0] / geometry.cell_px, examined[1] / geometry.cell_px
    x, y = geometry.offset
    for _ in range(geometry.rotation_quarter):
        x, y = -(height + y), x
        width, height = height, width
    if geometry.flip:
        x = -(width + x)
    return (width, height), (x % TILE_CELLS, y % TILE_CELLS)


def _starts(corner: float, part: float, full: float) -> list[float]:
    """Return the starts, corner plus whole tiles, at which enough of the two overlaps."""
    least = _LEAST_SHARE * min(part, full)
    first = math.floor((least - part - corner) / TILE_CELLS)
    last = math.ceil((full - least - corner) / TILE_CELLS)
    starts = [corner + TILE_CELLS * n for n in range(first, last + 1)]
    return [s for s in starts if min(s + part, full) - max(s, 0.0) >= least]


def _is_whole(window: Window) -> bool:
    return all(
        abs(getattr(window, side) - getattr(WHOLE, side)) < _SAME
        for side in ("left", "top", "right", "bottom")
    )
