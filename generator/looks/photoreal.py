"""Photoreal: a natural grade with soft highlights and a trace of grain; not a photograph."""

from __future__ import annotations

import cv2
import numpy as np

from generator.looks.look import Grain, bloom, saturation, soft_curve, tables, vignette
from generator.textures import F32, U8


class Photoreal:
    """A natural grade."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        """Prepare what is the same for all frames."""
        s = soft_curve(0.34)
        self._table = tables(s**0.985, s, s**1.01 * 0.985 + 0.012)
        self._matrix = saturation(0.94)
        self._vignette = vignette(size, 0.30)
        self._grain = Grain(size, 1.7, seed)

    def asset(self, rgb: F32, *, line: float) -> F32:  # noqa: ARG002  (the protocol's argument)
        """Leave the assets as they are."""
        return rgb

    def grade(self, rgb: U8, frame: int) -> U8:
        """Bloom, tone curve, vignette, grain."""
        out = bloom(rgb, above=188, amount=0.58)
        out = cv2.LUT(cv2.transform(out, self._matrix), self._table)
        out = cv2.multiply(out, self._vignette, scale=1 / 255)
        return self._grain.add(np.asarray(out, np.uint8), frame)
