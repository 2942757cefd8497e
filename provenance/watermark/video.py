"""Writing the mark into the luma of a clip, frame by frame."""

from __future__ import annotations

import math
import threading

from provenance.watermark import draw, pattern, polar
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.chips import SEGMENT_SECONDS, Plan
from provenance.watermark.errors import BadFrame
from provenance.watermark.grid import cell_px, shape_in_cells
from provenance.watermark.payload import to_word

DEFAULT_PSNR_DB = 43.0
_KEPT_PATTERNS = 3
_JUST_BEFORE = 1e-6


class VideoMark:
    """Writes one payload into frames of one size; safe to share between threads.

    The same frame at the same time gives the same result in any order, thread or process. Each
    second has a pattern of its own, and each frame carries the whole payload, so dropped frames and
    trims cost nothing. Memory does not grow with the length of the clip.
    """

    def __init__(
        self,
        key: bytes,
        payload: int,
        size: tuple[int, int],
        psnr_db: float = DEFAULT_PSNR_DB,
    ) -> None:
        """Prepare the plan.

        Args:
            key: the epoch key, 32 bytes.
            payload: 64-bit number to carry.
            size: (width, height) of the frames in pixels.
            psnr_db: luma PSNR that each frame is brought to at least, 34 to 54 dB.

        Raises:
            BadKey: if the key does not have 32 bytes.
            BadPayload: if the payload does not fit 64 bits.
            CannotCarry: if the size or the PSNR leaves no room for a mark.
        """
        self._error = pattern.mean_square(psnr_db)
        self.size = size
        self.cell = cell_px(size)
        self._plan = Plan.of(key)
        self._coded = polar.encode(to_word(key, payload))
        self._first = self._plan.first_second(payload)
        self._patterns: dict[int, Plane] = {}
        self._lock = threading.Lock()

    def embed(self, luma: Luma, seconds: float = 0.0) -> Luma:
        """Return the frame with the mark in it; see `provenance.watermark.pattern.add`.

        Args:
            luma: one luma plane, (height, width), uint8, or uint16 with values of 10 bits.
            seconds: when the frame is shown, counted from the start of the clip.

        Raises:
            BadFrame: if it has another size or type, or the time is negative or no number.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise BadFrame(f"a frame is shown at 0 s or later, not at {seconds}")
        return pattern.add(luma, self.pattern(seconds), self._error)

    def pattern(self, seconds: float) -> Plane:
        """Return the pattern of one moment, (height, width), mean square 1."""
        segment = int(seconds / SEGMENT_SECONDS + _JUST_BEFORE)
        with self._lock:
            if segment not in self._patterns:
                if len(self._patterns) >= _KEPT_PATTERNS:
                    self._patterns.pop(next(iter(self._patterns)))
                self._patterns[segment] = self._draw(segment)
            return self._patterns[segment]

    def _draw(self, segment: int) -> Plane:
        shape = shape_in_cells(self.size, self.cell)
        cells = self._plan.cells(self._coded, self._first + segment, shape)
        return draw.cover(cells, self.cell, self.size)
