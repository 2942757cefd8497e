"""Looking for the mark of one key in a clip.

The search does not know the size that the clip had when it was marked. It first tries the cell
size that a whole copy of any size has, then all sizes from 2 to 15 pixels, in all orientations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from provenance.watermark import bounds, codes
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.frames import spread
from provenance.watermark.lattice import Lattice
from provenance.watermark.layout import (
    CELLS_ACROSS_SHORT_SIDE,
    MIN_CELL_PX,
    TILE_CELLS,
    Layout,
)
from provenance.watermark.payload import WORD_BITS, Payload, from_word
from provenance.watermark.sync import ALL_ORIENTATIONS, UPRIGHT, Templates, flattened, fold
from provenance.watermark.whiten import Residual, accumulate

MAX_FRAMES = 48
_COARSE_STEPS = 3
_LAST_STEPS = 6
_CANDIDATES = 8
_CLEAR = 8.0
"""Deviations: chance reaches about 6 in a whole search. It decides the order of work only."""
_CELL_CLIP = 2.5
_WHOLE_COPY_SIZES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Geometry:
    """How the marked picture lies in the examined one.

    Attributes:
        scale_x: cell width over that in a whole copy of this size: 1 for a copy at any size,
            1 / 0.7 for a crop to 70%, under 1 where a border was added.
        scale_y: the same for heights.
        flip: whether left and right were exchanged (first).
        rotation_quarter: quarter turns counter-clockwise (then), 0 to 3.
        offset: (x, y) of the examined picture's top left corner on the tile, in cells, 0 to 64.
        cell_px: side of a cell in pixels of the examined picture.
    """

    scale_x: float
    scale_y: float
    flip: bool
    rotation_quarter: int
    offset: tuple[float, float]
    cell_px: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """The outcome of one search.

    Attributes:
        found: whether the statistic reached the threshold and the tag is right.
        payload: the payload, if found.
        confidence: the statistic T of the best place; see `provenance.watermark.bounds`.
        threshold: what T must reach for a false-positive rate of at most 1e-9.
        geometry: where the mark lies, if found.
        frames_used: how many frames were examined.
    """

    found: bool
    payload: Payload | None
    confidence: float
    threshold: float
    geometry: Geometry | None
    frames_used: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Examined:
    """The chosen frames and how much smaller they were made."""

    frames: Sequence[Luma]
    reduction: float
    lattice: Lattice

    @property
    def short_side(self) -> int:
        return int(min(self.frames[0].shape))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    height: float
    point: int
    residual: Residual


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    statistic: float
    payload: Payload | None
    geometry: Geometry


class Detector:
    """Looks for the marks of one epoch key."""

    def __init__(self, key: bytes, *, turned: bool = True, keys_tried: int = 1) -> None:
        """Prepare the templates.

        Args:
            key: the epoch key, 32 bytes.
            turned: whether to look for flipped and turned copies too.
            keys_tried: how many keys the caller tries on one clip; the threshold accounts for it.

        Raises:
            BadKey: if the key does not have 32 bytes.
        """
        self._layout = Layout.of(key)
        self._keys = keys_tried
        self._orientations = ALL_ORIENTATIONS if turned else UPRIGHT
        self._coarse = Templates(self._layout, self._orientations, _COARSE_STEPS)
        self._last = Templates(self._layout, self._orientations, _LAST_STEPS)

    def detect(
        self, frames: Iterable[Luma], max_frames: int = MAX_FRAMES, *, full: bool = True
    ) -> Detection:
        """Search a clip.

        Args:
            frames: luma planes of one size, uint8; read once.
            max_frames: how many to examine, spread evenly.
            full: whether to go on to the full search where no whole copy is found.

        Raises:
            BadFrame: if a frame is not a uint8 plane, is very small, or differs in size.
        """
        source = _Remembering(frames)
        chosen = spread(source, max_frames)
        if not chosen:
            return Detection(
                found=False,
                payload=None,
                confidence=0.0,
                threshold=self._threshold(Lattice(long_side=1)),
                geometry=None,
                frames_used=0,
            )
        examined = _Examined(
            frames=chosen,
            reduction=min(chosen[0].shape) / source.short_side,
            lattice=Lattice(long_side=max(chosen[0].shape)),
        )
        return self._best(examined, full=full)

    def _best(self, examined: _Examined, *, full: bool) -> Detection:
        threshold = self._threshold(examined.lattice)
        best: _Reading | None = None
        for reading in self._readings(examined, full=full):
            if best is None or reading.statistic > best.statistic:
                best = reading
            if reading.statistic >= threshold and reading.payload is not None:
                return Detection(
                    found=True,
                    payload=reading.payload,
                    confidence=reading.statistic,
                    threshold=threshold,
                    geometry=reading.geometry,
                    frames_used=len(examined.frames),
                )
        return Detection(
            found=False,
            payload=None,
            confidence=best.statistic if best else 0.0,
            threshold=threshold,
            geometry=None,
            frames_used=len(examined.frames),
        )

    def _readings(self, examined: _Examined, *, full: bool) -> Iterator[_Reading]:
        for cell in _whole_copy_cells(examined):
            yield self._read(accumulate(examined.frames, cell), cell, examined)
        if full:
            yield from self._searched(examined)

    def _searched(self, examined: _Examined) -> Iterator[_Reading]:
        """Try the whole lattice coarsely and read the most promising places finely.

        A place that stands out far above chance is read at once, before smaller cells are tried.
        """
        lattice = examined.lattice
        ranked: list[_Place] = []
        for band in lattice.bands():
            residual = accumulate(examined.frames, band.centre)
            heights = [(self._height(residual, lattice.cell(p)), p) for p in band.points]
            places = [_Place(height=h, point=p, residual=residual) for h, p in heights]
            ranked = sorted([*ranked, *places], key=lambda place: -place.height)[:_CANDIDATES]
            if ranked and ranked[0].height > _CLEAR:
                yield self._read_finely(ranked.pop(0), examined)
        for place in ranked:
            yield self._read_finely(place, examined)

    def _read_finely(self, place: _Place, examined: _Examined) -> _Reading:
        cells = [examined.lattice.cell(p) for p in examined.lattice.near(place.point)]
        finest = max(cells, key=lambda cell: self._height(place.residual, cell))
        return self._read(place.residual, finest, examined)

    def _height(self, residual: Residual, cell: float) -> float:
        return self._coarse.peak(flattened(fold(residual, cell, _COARSE_STEPS))).height

    def _read(self, residual: Residual, cell: float, examined: _Examined) -> _Reading:
        """Place the tile for one cell size, decode it and compute the statistic."""
        spectrum = flattened(fold(residual, cell, _LAST_STEPS))
        peak = self._last.peak(spectrum)
        orientation = self._orientations[peak.orientation]
        raw = orientation.undo(self._last.cells(spectrum, peak))
        level = np.float32(_CELL_CLIP) * np.sqrt(np.mean(np.square(raw)))
        cells = np.clip(raw, -level, level)
        word = codes.decode(self._layout.soft_bits(cells), WORD_BITS)
        whole_copy = examined.short_side / CELLS_ACROSS_SHORT_SIDE
        return _Reading(
            statistic=_statistic(cells, self._layout.cells(word)),
            payload=from_word(self._layout.key, word),
            geometry=Geometry(
                scale_x=cell / whole_copy,
                scale_y=cell / whole_copy,
                flip=orientation.flip,
                rotation_quarter=orientation.turns,
                offset=(_corner(peak.column), _corner(peak.row)),
                cell_px=cell / examined.reduction,
            ),
        )

    def _threshold(self, lattice: Lattice) -> float:
        places = bounds.hypotheses(
            cell_sizes=lattice.count + _WHOLE_COPY_SIZES,
            orientations=len(self._orientations),
            cell_steps=_LAST_STEPS,
            keys=self._keys,
        )
        return bounds.threshold(places)


class _Remembering:
    """Passes frames on and remembers the short side that they came with."""

    def __init__(self, frames: Iterable[Luma]) -> None:
        self._frames = frames
        self.short_side = 1

    def __iter__(self) -> Iterator[Luma]:
        for frame in self._frames:
            self.short_side = min(frame.shape)
            yield frame


def _whole_copy_cells(examined: _Examined) -> list[float]:
    """Return the cell sizes of a whole copy: of a large clip, and of a small one."""
    usual = examined.short_side / CELLS_ACROSS_SHORT_SIDE
    return [usual] if usual >= MIN_CELL_PX else [usual, MIN_CELL_PX]


def _statistic(cells: Plane, expected: Plane) -> float:
    """Return T: the correlation of what was read with the decoded word, 0 to 64."""
    length = float(np.sqrt(np.sum(np.square(cells, dtype=np.float64))))
    return float(np.sum(cells * expected, dtype=np.float64)) / length if length else 0.0


def _corner(step: int) -> float:
    return (-step / _LAST_STEPS) % TILE_CELLS
