"""What a style is: one change to the assets when they are baked, one to every frame."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from generator.textures import F32, U8, smoothstep


class Look(Protocol):
    """A style. Both methods are pure functions of their arguments."""

    def asset(self, rgb: F32, *, line: float) -> F32:
        """Restyle a picture (h, w, 3), 0..255, before it is used.

        `line` is the width of drawn outlines in pixels; 0 draws none.
        """

    def grade(self, rgb: U8, frame: int) -> U8:
        """Grade a finished frame (H, W, 3); grain depends on the frame's number alone."""


def vignette(size: tuple[int, int], strength: float) -> U8:
    """Return a factor for every pixel, 255 for none, darker towards the corners."""
    w, h = size
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    fall = 1 - strength * smoothstep(0.55, 1.55, np.hypot(x, y))
    return np.repeat((fall * 255).astype(np.uint8)[..., None], 3, axis=2)


def bloom(rgb: U8, *, above: int, amount: float) -> U8:
    """Let bright parts spill over; two widths, computed small."""
    h, w = rgb.shape[:2]
    small = cv2.resize(rgb, (max(w // 4, 8), max(h // 4, 8)), interpolation=cv2.INTER_AREA)
    bright = cv2.subtract(small, (above, above, above, 0))
    tiny = cv2.resize(bright, (max(w // 16, 4), max(h // 16, 4)), interpolation=cv2.INTER_AREA)
    wide = cv2.resize(cv2.GaussianBlur(tiny, (0, 0), h / 220), (bright.shape[1], bright.shape[0]))
    near = cv2.GaussianBlur(bright, (0, 0), h / 260)
    light = cv2.addWeighted(near, amount, wide, 1.2 * amount, 0)
    return np.asarray(cv2.add(rgb, cv2.resize(light, (w, h))), np.uint8)


class Grain:
    """Film grain: a tile of noise laid down at another place for every frame."""

    def __init__(self, size: tuple[int, int], sigma: float, seed: int) -> None:
        """Bake a tile a little larger than the picture."""
        rng = np.random.default_rng(seed + 77)
        w, h = size
        fine = rng.normal(0, 1, (h + 64, w + 64)).astype(np.float32)
        soft = cv2.GaussianBlur(fine, (0, 0), max(h / 1400, 0.45))
        tile = np.clip(128 + soft / soft.std() * sigma, 0, 255).astype(np.uint8)
        self._tile = np.repeat(tile[..., None], 3, axis=2)

    def add(self, rgb: U8, frame: int) -> U8:
        """Return the frame with its grain."""
        dx, dy = (frame * 37 + 11) % 64, (frame * 53 + 29) % 64
        h, w = rgb.shape[:2]
        noise = self._tile[dy : dy + h, dx : dx + w]
        return np.asarray(cv2.addWeighted(rgb, 1.0, noise, 1.0, -128), np.uint8)


def soft_curve(contrast: float, lift: float = 0.0) -> F32:
    """Return a smooth S-curve of the given contrast as 256 values of 0..1."""
    x = np.linspace(0, 1, 256, dtype=np.float32)
    s = x * x * (3 - 2 * x)
    return np.asarray(lift + (1 - lift) * (x + (s - x) * contrast), np.float32)


def tables(red: F32, green: F32, blue: F32) -> U8:
    """Stack three curves of 0..1 into the table `cv2.LUT` takes for RGB."""
    stacked = np.dstack([red, green, blue]).reshape(1, 256, 3)
    return np.asarray(np.clip(stacked * 255 + 0.5, 0, 255), np.uint8)


def saturation(amount: float) -> F32:
    """Return the 3x3 matrix that scales colourfulness around BT.709 luma."""
    luma = np.array([0.2126, 0.7152, 0.0722], np.float32)
    return (
        np.eye(3, dtype=np.float32) * amount + np.outer(np.ones(3), luma) * (1 - amount)
    ).astype(np.float32)
