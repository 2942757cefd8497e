"""From frames to signs: a strip of small pictures, and a grid laid over each.

The strip keeps a small mean picture for each quarter of a second. A copy that was cropped, turned
or scaled is laid onto the reference first (see `provenance.fingerprint.register`), so it is
compared in the places that it shows and leaves the others open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.errors import NothingToFingerprint
from provenance.fingerprint.values import COLUMNS, ROWS, Signs

BINS_PER_SECOND = 4
STRIP = (128, 72)
"""(width, height) of the small pictures."""
_FAINT = 0.6
"""Levels of luma below which a difference says nothing: above what re-encoding changes."""
_FAINT_SHARE = 0.2
_COVERED = 0.95
_NEIGHBOURS = 5.0
_DOUBT = 1.0
_AROUND = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.float32)

Pictures = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """A clip as small mean pictures.

    Attributes:
        pictures: (n, 72, 128) in levels of luma, four a second.
        size: (width, height) of the frames in pixels.
    """

    pictures: Pictures
    size: tuple[int, int]


def strip(frames: Iterable[NDArray[np.uint8]], fps: float) -> Strip:
    """Reduce a clip to a strip; frames are read once and not kept.

    Args:
        frames: luma planes, (H, W), uint8.
        fps: frames a second.

    Raises:
        NothingToFingerprint: if there are no frames or the rate is not positive.
    """
    if not (math.isfinite(fps) and fps > 0):
        raise NothingToFingerprint(f"a frame rate of {fps}")
    sums: list[Pictures] = []
    counts: list[int] = []
    size = (0, 0)
    for number, frame in enumerate(frames):
        small = cv2.resize(frame, STRIP, interpolation=cv2.INTER_AREA).astype(np.float32)
        place = int(number * BINS_PER_SECOND / fps + 1e-6)
        while len(sums) < place:  # slower than four frames a second: the last picture stands
            sums.append((sums[-1] / counts[-1]).astype(np.float32))
            counts.append(1)
        if len(sums) == place:
            sums.append(small)
            counts.append(1)
        else:
            sums[place] += small
            counts[place] += 1
        size = (frame.shape[1], frame.shape[0])
    if not sums:
        raise NothingToFingerprint("no frames")
    means = np.stack(sums) / np.asarray(counts, np.float32)[:, None, None]
    return Strip(pictures=means.astype(np.float32), size=size)


def seconds(pictures: Pictures, start: int, step: int) -> Pictures:
    """Average the strip over seconds.

    Args:
        pictures: four a second.
        start: the first quarter to use.
        step: how many quarters later the next second starts.

    Returns:
        (n, 72, 128); a last second of which less than half is there is left out, unless it is
        the only one.
    """
    starts = [
        s
        for s in range(start, len(pictures), step)
        if s == start or len(pictures) - s >= BINS_PER_SECOND // 2
    ]
    return np.stack([pictures[s : s + BINS_PER_SECOND].mean(axis=0) for s in starts])


def signs(pictures: Pictures, shown: Pictures | None = None) -> Signs:
    """Return the signs of consecutive seconds.

    Args:
        pictures: (n, 72, 128), one a second, laid onto the reference.
        shown: (72, 128), which share of each pixel the examined picture shows; None for all.
    """
    share = np.ones(pictures.shape[1:], np.float32) if shown is None else shown
    weight = _places(share)
    seen = (weight >= _COVERED).astype(np.float32)
    level: Pictures = np.maximum(weight, 1e-6).astype(np.float32)
    grids = [(_places(p * share) / level).astype(np.float32) for p in pictures]
    relief = np.stack([_relief(grid, seen) for grid in grids])
    change = np.concatenate([np.zeros_like(relief[:1]), np.diff(relief, axis=0)])
    return np.stack([_signs(relief), _signs(change)], axis=1)


def _places(picture: Pictures) -> Pictures:
    """Average the pixels of each place, (9, 16)."""
    height, width = picture.shape
    squares = picture.reshape(ROWS, height // ROWS, COLUMNS, width // COLUMNS)
    means: Pictures = squares.mean(axis=(1, 3), dtype=np.float32)
    return means


def _relief(grid: Pictures, seen: Pictures) -> Pictures:
    """Return how each place differs from the places around it; 0 where that is not known.

    At the border of a crop some neighbours are not seen. The difference from the others comes close
    to the true one, so it is taken where it is large and left out where its sign is in doubt.
    """
    known = cv2.filter2D(seen, -1, _AROUND, borderType=cv2.BORDER_CONSTANT)
    total = cv2.filter2D(grid * seen, -1, _AROUND, borderType=cv2.BORDER_CONSTANT)
    everywhere = np.ones_like(seen)
    full = cv2.filter2D(everywhere, -1, _AROUND, borderType=cv2.BORDER_CONSTANT)
    difference = grid - total / np.maximum(known, 1.0)
    doubtful = (known < full) & (np.abs(difference) < _DOUBT * np.median(np.abs(difference)))
    usable = (seen > 0) & (known >= np.minimum(_NEIGHBOURS, full)) & ~doubtful
    relief: Pictures = np.where(usable, difference, 0.0).astype(np.float32)
    return relief


def _signs(values: Pictures) -> NDArray[np.int8]:
    """Return the sign of what is strong enough, second by second, and 0 for the rest."""
    size = np.abs(values)
    typical = np.median(size, axis=(1, 2), keepdims=True)
    strong = size > np.maximum(_FAINT, _FAINT_SHARE * typical)
    return (np.sign(values) * strong).astype(np.int8)
