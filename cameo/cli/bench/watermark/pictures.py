"""Charts and frames for the documentation, drawn with OpenCV: no fonts, no further package."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from cameo.cli.bench.watermark.lines import Lines
from cameo.media.processing import ATTACKS, to_rgb

U8 = npt.NDArray[np.uint8]

_INK: Final = (60, 50, 40)  # OpenCV's order is blue, green, red
_GRID: Final = (225, 225, 225)
_COLOURS: Final = ((180, 110, 30), (50, 90, 200), (60, 140, 60), (150, 60, 140), (40, 150, 190))
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_ROW, _COLUMN, _LEFT, _TOP = 15, 92, 150, 42
_SHOWN_WIDTH: Final = 400
_AMPLIFIED: Final = 20


def heat(lines: Lines) -> U8 | None:
    """T over its threshold for every attack (rows) and clip (columns); None without figures."""
    found = lines.named("watermark.video.statistic")
    read = lines.named("watermark.video.read")
    clips = list(dict.fromkeys(on.rpartition(", ")[2] for on in found))
    names = [a.name for a in ATTACKS if any(on.rpartition(", ")[0] == a.name for on in found)]
    if not names:
        return None
    canvas = _blank(_LEFT + _COLUMN * len(clips) + 10, _TOP + _ROW * len(names) + 30)
    for column, clip in enumerate(clips):
        _text(canvas, clip[:17], (_LEFT + column * _COLUMN + 2, _TOP - 8), 0.3)
    for row, name in enumerate(names):
        y = _TOP + row * _ROW
        _text(canvas, name, (8, y + 11), 0.34)
        for column, clip in enumerate(clips):
            on = f"{name}, {clip}"
            if on not in found:
                continue
            ratio, x = float(found[on]["ratio"]), _LEFT + column * _COLUMN
            corner = (x + _COLUMN - 2, y + _ROW - 2)
            right = bool(read[on]["value"]) if on in read else ratio >= 1
            cv2.rectangle(canvas, (x, y), corner, _heat(ratio, right=right), -1)
            _text(canvas, f"{ratio:.1f}", (x + 34, y + 11), 0.34)
    foot = "T over the threshold of 1e-9; red: not read"
    _text(canvas, foot, (8, canvas.shape[0] - 10), 0.38)
    return canvas


def curve(lines: Lines) -> U8 | None:
    """Growth at CRF 23 against PSNR for each clip, with the CRF it is read to; None without."""
    costs = lines.named("watermark.video.curve.cost")
    reads = lines.named("watermark.video.curve.read_to")
    points = {
        tuple(on.split(", ")): (float(line["value"]) - 1, _read_to(reads, on))
        for on, line in costs.items()
    }
    if not points:
        return None
    width, height, left, top = 760, 430, 70, 40
    canvas = _blank(width, height)
    psnrs = [float(key[1].removesuffix(" dB")) for key in points]
    low, high = min(psnrs) - 0.5, max(psnrs) + 0.5
    most = max(0.05, *(cost for cost, _ in points.values())) * 1.1

    def at(psnr: float, cost: float) -> tuple[int, int]:
        x = left + (psnr - low) / (high - low) * (width - left - 30)
        y = height - 50 - max(0.0, cost) / most * (height - top - 50)
        return round(x), round(y)

    for share in np.linspace(0, most, 6):
        cv2.line(canvas, at(low, share), at(high, share), _GRID, 1)
        _text(canvas, f"+{100 * share:.0f}%", (18, at(low, share)[1] + 4), 0.4)
    for psnr in sorted(set(psnrs)):
        _text(canvas, f"{psnr:g}", (at(psnr, 0)[0] - 12, height - 32), 0.4)
    _text(canvas, "PSNR of the luma, dB", (left, height - 10), 0.42)
    title = "bytes at H.264 CRF 23; beside each point: highest CRF at which it is read"
    _text(canvas, title, (left, 20), 0.45)
    for index, clip in enumerate(dict.fromkeys(key[0] for key in points)):
        colour = _COLOURS[index % len(_COLOURS)]
        own = sorted(
            (float(k[1].removesuffix(" dB")), *v) for k, v in points.items() if k[0] == clip
        )
        places = [at(psnr, cost) for psnr, cost, _ in own]
        for one, other in pairwise(places):
            cv2.line(canvas, one, other, colour, 2, cv2.LINE_AA)
        for (_, _, crf), place in zip(own, places, strict=True):
            cv2.circle(canvas, place, 4, colour, -1, cv2.LINE_AA)
            _text(canvas, str(crf), (place[0] + 6, place[1] - 6), 0.38, colour)
        _text(canvas, clip, (width - 200, top + 18 * (index + 1)), 0.42, colour)
    return canvas


def side_by_side(original: U8, marked: U8) -> U8:
    """A planar frame, the marked one, and 20 times their difference around grey."""
    height = original.shape[0] * 2 // 3
    change = marked[:height].astype(np.float32) - original[:height]
    shown = np.clip(128 + _AMPLIFIED * change, 0, 255).astype(np.uint8)
    parts = [to_rgb(original)[..., ::-1], to_rgb(marked)[..., ::-1], np.stack([shown] * 3, axis=-1)]
    small = [_shrunk(part) for part in parts]
    for picture, title in zip(small, ("original", "marked", "difference x 20"), strict=True):
        _label(picture, title)
    return np.concatenate(small, axis=1)


def _shrunk(picture: U8) -> U8:
    height = round(picture.shape[0] * _SHOWN_WIDTH / picture.shape[1])
    size = (_SHOWN_WIDTH, height)
    small = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _label(picture: U8, title: str) -> None:
    cv2.rectangle(picture, (0, 0), (14 + 8 * len(title), 20), (255, 255, 255), -1)
    _text(picture, title, (6, 14), 0.42)


def _read_to(reads: Mapping[str, Mapping[str, Any]], on: str) -> int:
    return int(reads[on]["value"]) if on in reads else 0


def _heat(ratio: float, *, right: bool) -> tuple[int, int, int]:
    if not right:
        return (150, 150, 240)
    share = min(1.0, max(0.0, np.log2(max(ratio, 1.0)) / 3.5))
    return (round(190 - 60 * share), 225, round(235 - 120 * share))


def _blank(width: int, height: int) -> U8:
    return np.full((height, width, 3), 255, np.uint8)


def _text(
    canvas: U8,
    text: str,
    at: tuple[int, int],
    size: float,
    colour: tuple[int, int, int] = _INK,
) -> None:
    cv2.putText(canvas, text, at, _FONT, size, colour, 1, cv2.LINE_AA)
