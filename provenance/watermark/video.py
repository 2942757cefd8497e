"""Writing the mark into the luma of a clip, frame by frame."""

from __future__ import annotations

from provenance.watermark import pattern, tile
from provenance.watermark.arrays import Luma
from provenance.watermark.layout import Layout, cell_px
from provenance.watermark.payload import to_word

DEFAULT_PSNR_DB = 43.0


class VideoMark:
    """Writes one payload into frames of one size.

    The same frame gives the same result in any order, thread or process: nothing is remembered
    between frames. Every frame carries the whole payload, so dropped frames and trims cost nothing.
    """

    def __init__(
        self,
        key: bytes,
        payload: int,
        size: tuple[int, int],
        psnr_db: float = DEFAULT_PSNR_DB,
    ) -> None:
        """Prepare the pattern.

        Args:
            key: the epoch key, 32 bytes.
            payload: 64-bit number to carry.
            size: (width, height) of the frames in pixels.
            psnr_db: luma PSNR that each frame is brought to, 34 to 54 dB.

        Raises:
            BadKey: if the key does not have 32 bytes.
            BadPayload: if the payload does not fit 64 bits.
            CannotCarry: if the size or the PSNR leaves no room for a mark.
        """
        self._error = pattern.mean_square(psnr_db)
        self.size = size
        self.cell = cell_px(size)
        self._pattern = tile.cover(Layout.of(key).cells(to_word(key, payload)), self.cell, size)

    def embed(self, luma: Luma) -> Luma:
        """Return the frame with the mark in it; see `provenance.watermark.pattern.add`.

        Args:
            luma: one luma plane, (height, width), uint8.

        Raises:
            BadFrame: if it has another size or type.
        """
        return pattern.add(luma, self._pattern, self._error)
