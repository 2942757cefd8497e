"""The visible label that every frame of a released clip carries; the release flow draws it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from generator.textures import F32, U8

TEXT = "AI generated"
SHARE = 0.030  # of the shorter side: the height of the letters
PLATE = 0.52  # opacity of the plate


@lru_cache(maxsize=16)
def _plate(shorter: int, text: str) -> tuple[F32, F32]:
    """Return the plate's colour (h, w, 1) and opacity (h, w, 1), both once per size."""
    over = 4  # drawn large and shrunk, so that small letters stay smooth
    font, unit = cv2.FONT_HERSHEY_DUPLEX, max(shorter * SHARE, 11.0)
    size = unit * over / 22.0
    thick = max(1, round(unit * over / 15))
    (w, h), base = cv2.getTextSize(text, font, size, thick)
    pad = round(0.62 * unit * over)
    tall, wide = h + base // 2 + 2 * pad, w + 2 * pad
    shape = np.zeros((tall, wide), np.uint8)
    r = tall // 3
    cv2.rectangle(shape, (r, 0), (wide - r - 1, tall - 1), 255, -1)
    cv2.rectangle(shape, (0, r), (wide - 1, tall - r - 1), 255, -1)
    for x in (r, wide - r - 1):
        for y in (r, tall - r - 1):
            cv2.circle(shape, (x, y), r, 255, -1, cv2.LINE_AA)
    letters = np.zeros((tall, wide), np.uint8)
    cv2.putText(letters, text, (pad, pad + h), font, size, 255, thick, cv2.LINE_AA)
    target = (round(wide / over), round(tall / over))
    ink = (
        cv2.resize(letters, target, interpolation=cv2.INTER_AREA).astype(np.float32)[..., None]
        / 255
    )
    back = (
        cv2.resize(shape, target, interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    )
    opacity = np.maximum(back * PLATE, ink * 0.94)
    colour = (14.0 + 232.0 * ink) * np.ones(3, np.float32)
    return colour.astype(np.float32), opacity.astype(np.float32)


def burn_label(frame: U8, text: str = TEXT) -> U8:
    """Return the frame with a readable label in its lower right corner.

    Args:
        frame: uint8 (H, W, 3) RGB; it is not changed.
        text: what the label says.

    Returns:
        uint8 (H, W, 3).
    """
    h, w = frame.shape[:2]
    colour, opacity = _plate(min(h, w), text)
    ph, pw = opacity.shape[:2]
    margin = round(0.028 * min(h, w))
    out = frame.copy()
    y, x = h - margin - ph, max(w - margin - pw, 0)
    part = out[y : y + ph, x : x + pw].astype(np.float32)
    k, c = opacity[:, : part.shape[1]], colour[:, : part.shape[1]]
    out[y : y + ph, x : x + pw] = np.clip(part + (c - part) * k + 0.5, 0, 255).astype(np.uint8)
    return out
