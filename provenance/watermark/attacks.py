"""What an attacker can do without the key, so that tests and benchmarks can show it.

The design is public, so the attacker knows cells, blocks and seconds, but no chips. Data cells
repeat nowhere: what can be learnt of them is what one second of frames shows after the content is
filtered away. The synchronisation pattern does repeat, up to signs, in every block of every second,
and can be estimated from one clip by those who look for a common pattern (`common_block`).

An estimate can be pasted onto another clip or subtracted. This is why a mark alone proves nothing:
the verdict asks the content fingerprint too, and answers `mark_mismatch` where the two disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark import mask, pattern, whiten
from provenance.watermark.arrays import Luma, Plane
from provenance.watermark.chips import BLOCK_CELLS, SEGMENT_SECONDS
from provenance.watermark.grid import cell_px

_STILL_FROM = 3


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What was learnt of a mark: a pattern for each second, (height, width), mean square 1."""

    seconds: tuple[Plane, ...]

    def at(self, time: float) -> Plane:
        """Return the pattern of a moment; the last one stands from then on."""
        second = int(time / SEGMENT_SECONDS + 1e-6)
        return self.seconds[min(second, len(self.seconds) - 1)]


def estimate(frames: Sequence[Luma], fps: float, *, still: bool = False) -> Estimate:
    """Estimate the pattern of each second of a marked clip without any key.

    The content is filtered away in each frame, as the detector does, and the frames of a second are
    averaged; then what all seconds have in common is taken off, as it is content that stands still.

    Args:
        frames: luma planes of one size, uint8.
        fps: frames a second.
        still: whether to average over the whole clip instead: right for a mark that never changes.
    """
    cell = cell_px(frames[0].shape[::-1])
    groups: dict[int, list[Plane]] = {}
    for number, frame in enumerate(frames):
        second = 0 if still else int(number / fps / SEGMENT_SECONDS + 1e-6)
        groups.setdefault(second, []).append(whiten.whiten(frame, cell))
    means = [np.mean(group, axis=0) for group in groups.values()]
    if len(means) >= _STILL_FROM:
        common = np.mean(means, axis=0)
        means = [mean - common for mean in means]
    return Estimate(tuple(_unit(mean) for mean in means))


def folded(frames: Sequence[Luma], period: int) -> Plane:
    """Average over frames and over a period of pixels, along both sides: (period, period).

    This is what betrays a pattern that repeats: the first version of this mark was such a one.
    """
    cell = cell_px(frames[0].shape[::-1])
    total = np.mean([whiten.whiten(frame, cell) for frame in frames], axis=0)
    height, width = (n // period * period for n in total.shape)
    squares = total[:height, :width].reshape(height // period, period, width // period, period)
    return _unit(squares.mean(axis=(0, 2)))


def common_block(frames: Sequence[Luma], fps: float) -> Plane:
    """Estimate the pattern that all blocks share up to a sign, as their first principal component.

    Returns:
        (block, block) in pixels, mean square 1; its sign is unknown.
    """
    side = round(cell_px(frames[0].shape[::-1]) * BLOCK_CELLS)
    blocks: list[NDArray[np.float32]] = []
    for second in estimate(frames, fps).seconds:
        height, width = (n // side for n in second.shape)
        cut = second[: height * side, : width * side].reshape(height, side, width, side)
        blocks += list(cut.transpose(0, 2, 1, 3).reshape(-1, side * side))
    stacked = np.stack(blocks)
    _, vectors = np.linalg.eigh(stacked @ stacked.T)
    return _unit((vectors[:, -1] @ stacked).reshape(side, side))


class Paste:
    """Adds an estimated mark to frames of another clip, at a quality that the attacker accepts."""

    def __init__(self, estimated: Estimate, psnr_db: float = 43.0) -> None:
        """Keep the estimate; the quality is 34 to 54 dB."""
        self._estimate = estimated
        self._error = pattern.mean_square(psnr_db)

    def apply(self, luma: Luma, time: float) -> Luma:
        """Return the frame with the estimated pattern in it."""
        return pattern.add(luma, _fitted(self._estimate.at(time), luma), self._error)


class Removal:
    """Subtracts an estimated mark from frames of the clip that it was estimated from."""

    def __init__(self, estimated: Estimate, gain: float) -> None:
        """Keep the estimate; a gain of 1 subtracts about as much as a mark of 43 dB adds."""
        self._estimate = estimated
        self._gain = gain

    def apply(self, luma: Luma, time: float) -> Luma:
        """Return the frame without the estimated pattern."""
        change = mask.strength(luma) * _fitted(self._estimate.at(time), luma)
        moved = luma - np.float32(self._gain) * change
        return np.clip(np.rint(moved), 0, 255).astype(np.uint8)


def correlation(one: Plane, other: Plane) -> float:
    """Return the correlation coefficient of two pictures, -1 to 1."""
    a, b = one - one.mean(), other - other.mean()
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.sum(a * b)) / lengths if lengths else 0.0


def _fitted(picture: Plane, luma: Luma) -> Plane:
    if picture.shape == luma.shape:
        return picture
    fitted: Plane = cv2.resize(picture, luma.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return fitted


def _unit(picture: Plane) -> Plane:
    power = float(np.mean(np.square(picture, dtype=np.float64)))
    unit: Plane = (picture / np.sqrt(max(power, 1e-12))).astype(np.float32)
    return unit
