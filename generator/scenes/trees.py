"""Trees: a branching skeleton with foliage or blossom scattered around its tips."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import skia

from generator.light import Light
from generator.textures import LINEAR, RGB, image, ink, pixels, scale

SIDE = 960


@dataclass(slots=True)
class _Skeleton:
    canvas: skia.Canvas
    rng: np.random.Generator
    bark: RGB
    lit: RGB
    side: int
    tips: list[tuple[float, float]] = field(default_factory=list)

    def branch(self, start: tuple[float, float], angle: float, length: float, width: float) -> None:
        """Draw one branch and grow the next ones from its end."""
        x, y = start
        x2, y2 = x + math.cos(angle) * length, y + math.sin(angle) * length
        path = skia.Path()
        path.moveTo(x, y)
        bend = float(self.rng.normal()) * length * 0.12
        path.quadTo((x + x2) / 2 + bend, (y + y2) / 2, x2, y2)
        paint = skia.Paint(
            AntiAlias=True,
            Color=ink(self.bark),
            StrokeWidth=width,
            Style=skia.Paint.kStroke_Style,
            StrokeCap=skia.Paint.kRound_Cap,
        )
        self.canvas.drawPath(path, paint)
        paint.setColor(ink(self.lit, 120))
        paint.setStrokeWidth(width * 0.26)
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, width * 0.08))
        self.canvas.save()
        self.canvas.translate(width * 0.24 * self.side, 0)
        self.canvas.drawPath(path, paint)
        self.canvas.restore()
        if width < 14:
            self.tips.append((x2, y2))
        if width > 4.2:
            for _ in range(int(self.rng.integers(2, 4))):
                turn = angle + float(self.rng.normal()) * 0.55
                turn = -math.pi / 2 + (turn + math.pi / 2) * 0.94
                ratio = float(self.rng.uniform(0.62, 0.82))
                self.branch((x2, y2), turn, length * ratio, width * 0.62)


def _tuft() -> skia.Image:
    surface = skia.Surface(32, 32)
    canvas = surface.getCanvas()
    rng = np.random.default_rng(3)
    for _ in range(7):
        x, y = rng.uniform(7, 25, 2)
        r = rng.uniform(3.5, 6.5)
        tone = int(rng.uniform(205, 255))
        paint = skia.Paint(AntiAlias=True, Color=skia.Color(tone, tone, tone, 235))
        canvas.drawOval(skia.Rect.MakeXYWH(x - r, y - r * 0.8, 2 * r, 1.6 * r), paint)
    return image(pixels(surface))


@lru_cache(maxsize=8)
def tree(light: Light, seed: int, leaf: RGB, count: int = 5200) -> skia.Image:
    """Draw a tree with `leaf`-coloured foliage, a square picture with its foot at the bottom."""
    rng = np.random.default_rng(seed)
    surface = skia.Surface(SIDE, SIDE)
    bark = scale((70.0, 50.0, 46.0), light.ambient)
    lit = scale((205.0, 130.0, 98.0), scale(light.key, sum(light.ambient) / 3))
    skeleton = _Skeleton(surface.getCanvas(), rng, bark, lit, light.side)
    skeleton.branch((SIDE / 2, SIDE - 2), -math.pi / 2, 205, 44)
    tips = np.array(skeleton.tips)
    tips = tips[np.hypot((tips[:, 0] - SIDE / 2) / 400, (tips[:, 1] - 400) / 340) < 1]
    spots = tips[rng.integers(0, len(tips), count)] + rng.normal(size=(count, 2)) * [44, 33]
    depth = np.sort(rng.random(count))
    rise = np.clip((SIDE * 0.45 - spots[:, 1]) / SIDE + 0.30, 0, 0.5)
    toward = np.clip((spots[:, 0] / SIDE - 0.5) * light.side, 0, 0.5)
    bright = 0.46 + 0.46 * depth + 0.45 * rise * depth + 0.35 * toward * depth
    base = np.array(scale(leaf, light.ambient))
    warm = np.array(scale((255.0, 240.0, 226.0), scale(light.key, light.ambient)))
    k = np.clip((rise + toward - 0.30) * depth * 1.3, 0, 0.6)[:, None]
    tint = np.clip(base * bright[:, None] * (1 - k) + warm * k, 0, 255)
    _scatter(surface.getCanvas(), spots, tint, rng)
    return image(pixels(surface))


def _scatter(
    canvas: skia.Canvas, spots: np.ndarray, tint: np.ndarray, rng: np.random.Generator
) -> None:
    tuft = _tuft()
    size = rng.uniform(0.45, 1.0, len(spots))
    turn = rng.uniform(0, 2 * math.pi, len(spots))
    co, si = size * np.cos(turn), size * np.sin(turn)
    forms = [
        skia.RSXform(float(a), float(b), float(x - 16 * (a - b)), float(y - 16 * (a + b)))
        for a, b, (x, y) in zip(co, si, spots, strict=True)
    ]
    inks = [ink((float(r), float(g), float(b)), 242) for r, g, b in tint]
    boxes = [skia.Rect.MakeWH(32, 32)] * len(forms)
    canvas.drawAtlas(tuft, forms, boxes, inks, skia.BlendMode.kModulate, LINEAR)
