"""Cinematic: teal shadows and orange lights, a wide frame inside the frame, flare and grain."""

from __future__ import annotations

import cv2
import numpy as np

from generator.looks.look import Grain, bloom, saturation, soft_curve, tables, vignette
from generator.textures import F32, U8

WIDE = 2.39  # the inner frame's aspect in a 16:9 picture
BAR = 0.075  # share of the height a bar takes in upright and square pictures


class Cinematic:
    """A film grade."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        """Prepare what is the same for all frames."""
        w, h = size
        x = np.linspace(0, 1, 256, dtype=np.float32)
        s = soft_curve(0.55)
        dark, light = (1 - x) ** 2.2 * x * 2.2, x**1.6 * (1 - x) * 1.6
        self._table = tables(
            s - 0.055 * dark * 2 + 0.060 * light * 2,
            s + 0.010 * dark + 0.008 * light,
            s + 0.075 * dark * 2 - 0.075 * light * 2,
        )
        self._matrix = saturation(0.90)
        self._vignette = vignette(size, 0.42)
        self._grain = Grain(size, 3.2, seed)
        self.bar = round((h - w / WIDE) / 2) if w / h > 1.5 else round(BAR * h)

    def asset(self, rgb: F32, *, line: float) -> F32:  # noqa: ARG002  (the protocol's argument)
        """Leave the assets as they are."""
        return rgb

    def grade(self, rgb: U8, frame: int) -> U8:
        """Bloom, streaks, colour, vignette, grain, bars."""
        out = cv2.add(bloom(rgb, above=182, amount=0.7), self._streaks(rgb))
        out = cv2.LUT(cv2.transform(out, self._matrix), self._table)
        out = cv2.multiply(out, self._vignette, scale=1 / 255)
        graded = self._grain.add(np.asarray(out, np.uint8), frame)
        graded[: self.bar] = 0
        graded[graded.shape[0] - self.bar :] = 0
        return graded

    @staticmethod
    def _streaks(rgb: U8) -> U8:
        """Blue streaks beside the brightest lights, as an anamorphic lens draws them."""
        h, w = rgb.shape[:2]
        small = cv2.resize(rgb, (max(w // 8, 8), max(h // 8, 8)), interpolation=cv2.INTER_AREA)
        bright = cv2.subtract(small, (222, 222, 222, 0))
        long = cv2.GaussianBlur(bright, (0, 0), sigmaX=w / 90, sigmaY=0.6)
        tinted = cv2.transform(long, np.diag([1.2, 1.9, 3.2]).astype(np.float32))
        return np.asarray(cv2.resize(tinted, (w, h)), np.uint8)
