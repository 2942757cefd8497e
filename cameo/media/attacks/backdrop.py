"""Content that carries no mark, to lie behind a clip or to be joined to it."""

from __future__ import annotations

import cv2
import numpy as np

from cameo.media.attacks.clip import U8, empty_planes

_BLOBS = (9, 16)  # coarse noise that is blown up to a picture
_TRAVEL = 96  # pixels of margin in which a moving ground wanders


def backdrop(
    size: tuple[int, int], count: int, *, seed: int, moving: bool = False
) -> tuple[U8, U8, U8]:
    """Y, U and V planes of soft shapes with windows and texture, the same for the same seed."""
    width, height = size
    rng = np.random.default_rng(seed)
    wide, high = width + 2 * _TRAVEL, height + 2 * _TRAVEL
    coarse = rng.integers(40, 200, _BLOBS).astype(np.float32)
    luma = np.asarray(cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC))
    luma += cv2.GaussianBlur(rng.normal(0, 9, (high, wide)).astype(np.float32), (0, 0), 1.2)
    for _ in range(14):
        x, y = int(rng.integers(0, wide)), int(rng.integers(0, high))
        corner = (x + int(rng.integers(20, wide // 4)), y + int(rng.integers(16, high // 5)))
        cv2.rectangle(luma, (x, y), corner, float(rng.integers(30, 220)), -1)
    tint = [
        cv2.resize(
            rng.integers(104, 152, _BLOBS).astype(np.float32),
            (wide // 2, high // 2),
            interpolation=cv2.INTER_CUBIC,
        )
        for _ in range(2)
    ]
    whole = [np.clip(plane, 16, 235).astype(np.uint8) for plane in (luma, *tint)]
    planes = empty_planes(count, size)
    for index in range(count):
        x, y = _wander(index) if moving else (_TRAVEL, _TRAVEL)
        for plane, source, share in zip(planes, whole, (1, 2, 2), strict=True):
            rows = slice(y // share, (y + height) // share)
            plane[index] = source[rows, x // share : (x + width) // share]
    return planes


def _wander(index: int) -> tuple[int, int]:
    x = _TRAVEL + int(0.8 * _TRAVEL * np.sin(index / 23))
    y = _TRAVEL + int(0.8 * _TRAVEL * np.cos(index / 31))
    return x // 2 * 2, y // 2 * 2
