"""Anime: flat colours, few tones, ink where one thing ends and the next begins."""

from __future__ import annotations

import cv2
import numpy as np

from generator.looks.look import bloom, saturation, tables
from generator.textures import F32, U8

TONES = 9  # steps of brightness in the assets


class Anime:
    """Drawn rather than filmed."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:  # noqa: ARG002  (no grain)
        """Prepare what is the same for all frames."""
        x = np.linspace(0, 1, 256, dtype=np.float32)
        steps = 9
        stair = (np.floor(x * steps) + _sharp(x * steps % 1.0)) / steps
        lifted = np.clip(0.04 + 0.98 * (0.45 * x + 0.55 * stair) ** 0.92, 0, 1).astype(np.float32)
        self._table = tables(lifted, lifted, np.clip(lifted * 1.01 + 0.01, 0, 1))
        self._matrix = saturation(1.28)
        self._unit = size[1] / 720

    def asset(self, rgb: F32, *, line: float) -> F32:
        """Flatten a picture to few tones and ink its features."""
        u8 = np.clip(rgb, 0, 255).astype(np.uint8)
        flat = u8
        for _ in range(3):
            flat = cv2.bilateralFilter(flat, 7, 34, 5)
        hsv = cv2.cvtColor(flat, cv2.COLOR_RGB2HSV).astype(np.float32)
        v = hsv[..., 2] / 255 * TONES
        hsv[..., 2] = (np.floor(v) + _sharp(v % 1.0)) / TONES * 255
        hsv[..., 1] = np.clip(hsv[..., 1] * 1.12, 0, 255)
        out = cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2RGB)
        drawn = out.astype(np.float32)
        if line > 0:
            drawn *= self._ink(cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), max(line, 0.7), 0.40)
        return np.asarray(drawn, np.float32)

    def grade(self, rgb: U8, frame: int) -> U8:  # noqa: ARG002  (no grain)
        """Flatten, ink, brighten."""
        flat = cv2.medianBlur(rgb, 5 if self._unit > 0.75 else 3)
        ink = self._ink(cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), 1.15 * self._unit, 0.52)
        out = cv2.LUT(cv2.transform(flat, self._matrix), self._table)
        out = cv2.multiply(
            out, (ink[..., 0] * 255).astype(np.uint8)[..., None].repeat(3, 2), scale=1 / 255
        )
        return bloom(np.asarray(out, np.uint8), above=205, amount=0.5)

    @staticmethod
    def _ink(grey: U8, width: float, depth: float) -> F32:
        """Return a factor (h, w, 1): 1, and less where a dark line belongs."""
        g = grey.astype(np.float32)
        fine = cv2.GaussianBlur(g, (0, 0), max(width, 0.5))
        wide = cv2.GaussianBlur(g, (0, 0), max(1.9 * width, 0.9))
        dark = np.clip((wide - fine - 1.6) / 6.5, 0, 1)
        return np.asarray(1 - depth * dark[..., None], np.float32)


def _sharp(u: F32) -> F32:
    """A steep but smooth step from 0 to 1 in the middle of 0..1."""
    k = np.clip((u - 0.5) * 5 + 0.5, 0, 1)
    return np.asarray(k * k * (3 - 2 * k), np.float32)
