"""Hands: one that hangs and one that waves."""

from __future__ import annotations

import numpy as np
import skia

from generator.light import Light
from generator.people.wardrobe import lit
from generator.textures import F32, RGB

W, H = 0.20, 0.22  # metres of the picture; the wrist is at the middle of its lower or upper edge


def _draw(ppm: float, strokes: list[tuple[float, float, float, float, float]]) -> F32:
    surface = skia.Surface(max(round(W * ppm), 8), max(round(H * ppm), 8))
    canvas = surface.getCanvas()
    for x0, y0, x1, y1, width in strokes:
        paint = skia.Paint(
            AntiAlias=True,
            StrokeWidth=width * ppm,
            Style=skia.Paint.kStroke_Style,
            StrokeCap=skia.Paint.kRound_Cap,
        )
        a, b = (W / 2 + x0) * ppm, (W / 2 + x1) * ppm
        canvas.drawLine(a, y0 * ppm, b, y1 * ppm, paint)
    return np.asarray(surface.makeImageSnapshot().toarray()[..., 3] / 255.0, np.float32)


def hanging(skin: RGB, light: Light, ppm: float) -> tuple[F32, F32]:
    """A relaxed hand seen from the side, wrist at the top."""
    alpha = _draw(
        ppm,
        [
            (0.0, 0.0, 0.0, 0.055, 0.062),
            (-0.012, 0.06, -0.012, 0.115, 0.024),
            (0.008, 0.06, 0.008, 0.122, 0.026),
            (0.022, 0.03, 0.034, 0.085, 0.022),
        ],
    )
    return _skin(skin, alpha, light, ppm), alpha


def waving(skin: RGB, light: Light, ppm: float) -> tuple[F32, F32]:
    """An open hand, fingers up, wrist at the bottom of the picture."""
    strokes = [(0.0, 0.205, 0.0, 0.135, 0.058), (-0.014, 0.14, -0.012, 0.115, 0.052)]
    strokes += [(0.014, 0.14, 0.012, 0.115, 0.052)]
    for base, tip, top in ((-0.030, -0.046, 0.062), (-0.010, -0.014, 0.034), (0.011, 0.016, 0.038)):
        strokes.append((base, 0.115, tip, top, 0.0185))
    strokes.append((0.029, 0.12, 0.043, 0.062, 0.0165))
    strokes.append((-0.026, 0.16, -0.064, 0.112, 0.021))
    alpha = _draw(ppm, strokes)
    return _skin(skin, alpha, light, ppm), alpha


def _skin(skin: RGB, alpha: F32, light: Light, ppm: float) -> F32:
    albedo = np.ones((*alpha.shape, 3), np.float32) * np.array(skin, np.float32)
    return lit(albedo, alpha, light, 0.012 * ppm)
