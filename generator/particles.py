"""Petals, rain, snow and dust: positions in closed form, so any frame can be drawn alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skia
from numpy.typing import NDArray

from generator.camera import View
from generator.textures import LINEAR, U8, image, pixels

F64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Motion:
    """How a kind of particle moves.

    Attributes:
        wind: metres a second along x, y, z.
        flutter: metres of side to side movement.
        spin: radians a second.
        size: metres across.
        stretch: length over width in the direction of fall; 1 is a sprite that turns freely.
        alpha: 0..1.
    """

    wind: tuple[float, float, float]
    flutter: float
    spin: float
    size: float
    stretch: float
    alpha: float


PETALS = Motion(
    wind=(0.45, -0.5, -0.35), flutter=0.22, spin=2.2, size=0.034, stretch=1.0, alpha=0.95
)
RAIN = Motion(wind=(0.5, -7.5, 0.0), flutter=0.0, spin=0.0, size=0.005, stretch=60.0, alpha=0.30)
SNOW = Motion(wind=(0.25, -0.8, -0.15), flutter=0.18, spin=0.6, size=0.03, stretch=1.0, alpha=0.9)
DUST = Motion(wind=(0.03, 0.012, 0.01), flutter=0.08, spin=0.0, size=0.007, stretch=1.0, alpha=0.35)


class Particles:
    """A box of particles that repeats around the camera."""

    def __init__(
        self,
        motion: Motion,
        sprite: skia.Image,
        count: int,
        box: tuple[float, float, float],
        seed: int,
    ) -> None:
        """Scatter `count` particles through a box of the given metres, from the seed."""
        rng = np.random.default_rng(seed)
        self._box = np.array(box)
        self._place = rng.uniform(0, 1, (count, 3)) * self._box
        self._phase = rng.uniform(0, 2 * np.pi, count)
        self._scale = rng.uniform(0.7, 1.25, count)
        self._pace = rng.uniform(0.8, 1.2, (count, 1))
        self._motion = motion
        self._sprite = sprite

    def draw(self, canvas: skia.Canvas, view: View, t: float, near: float, far: float) -> None:
        """Draw what lies between `near` and `far` metres of depth, farthest first."""
        m = self._motion
        move = np.array(m.wind) * t * self._pace
        sway = m.flutter * np.sin(np.array([1.3, 0.9, 1.1]) * t * 1.7 + self._phase[:, None])
        corner = np.array([view.x - self._box[0] / 2, 0.0, view.z])
        p = (self._place + move + sway - corner) % self._box + corner
        d = p[:, 2] - view.z
        pick = np.flatnonzero((d > max(near, 0.4)) & (d <= far))
        pick = pick[np.argsort(-d[pick])]
        if pick.size:
            self._blit(canvas, view, p[pick], t, pick)

    def _blit(
        self, canvas: skia.Canvas, view: View, p: F64, t: float, pick: NDArray[np.intp]
    ) -> None:
        m = self._motion
        s, c = np.sin(view.yaw), np.cos(view.yaw)
        rx, rz = p[:, 0] - view.x, p[:, 2] - view.z
        d = np.maximum(s * rx + c * rz, 0.3)
        x = view.cx + view.focal * (c * rx - s * rz) / d
        y = view.cy - view.focal * (p[:, 1] - view.y) / d
        side = float(self._sprite.height())
        k = np.minimum(view.focal * m.size * m.stretch / d * self._scale[pick], 90.0) / side
        turn = self._phase[pick] + m.spin * t if m.stretch == 1.0 else np.full(len(pick), 0.066)
        co, si = k * np.cos(turn), k * np.sin(turn)
        ax, ay = self._sprite.width() / 2, side / 2
        forms = [
            skia.RSXform(float(a), float(b), float(u - a * ax + b * ay), float(v - b * ax - a * ay))
            for a, b, u, v in zip(co, si, x, y, strict=True)
        ]
        box = skia.Rect.MakeWH(self._sprite.width(), self._sprite.height())
        paint = skia.Paint(Alphaf=m.alpha)
        white = [0xFFFFFFFF] * len(forms)
        canvas.drawAtlas(
            self._sprite,
            forms,
            [box] * len(forms),
            white,
            skia.BlendMode.kModulate,
            LINEAR,
            None,
            paint,
        )


def petal() -> skia.Image:
    """Return one cherry petal, 24 pixels."""
    surface = skia.Surface(24, 24)
    path = skia.Path()
    path.moveTo(12, 1)
    path.cubicTo(22, 6, 20, 18, 12, 23)
    path.cubicTo(4, 18, 2, 6, 12, 1)
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(12, 0), skia.Point(12, 24)],
        [skia.Color(255, 222, 228), skia.Color(240, 156, 178)],
    )
    surface.getCanvas().drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))
    return image(pixels(surface))


def flake() -> skia.Image:
    """Return a soft white dot, 24 pixels."""
    y, x = np.mgrid[-1:1:24j, -1:1:24j]
    a = np.clip(1.15 - np.hypot(x, y) * 1.2, 0, 1) ** 1.5 * 255
    return image(np.dstack([a, a, a, a]))


def streak() -> skia.Image:
    """Return a drop in flight: a soft upright line, 3 by 64 pixels."""
    a: U8 = np.zeros((64, 3), np.uint8)
    a[:, 1] = (np.sin(np.linspace(0, np.pi, 64)) ** 0.7 * 255).astype(np.uint8)
    a[:, 0] = a[:, 2] = a[:, 1] // 4
    return image(np.dstack([a, a, a, a]))
