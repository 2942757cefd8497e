"""A shore: the open sea with the sun on it, sand, dune grass, gulls and a sail."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.light import Light
from generator.paint import Easel
from generator.particles import RAIN, SNOW, Particles, flake, streak
from generator.scene import Action, SceneSpec, Weather
from generator.scenes import horizon
from generator.scenes.place import People
from generator.scenes.sky import sky_of
from generator.scenes.water import Water
from generator.textures import RGB, cut, fbm, image, inflate, ink, mix, pixels, scale, smoothstep

PITCH = 1.5  # metres from tuft to tuft
REACH = 34.0


class Shore:
    """A beach that is endless along the view, so that people may walk as far as they like."""

    def __init__(self, spec: SceneSpec, light: Light) -> None:
        """Bake sky, headland, grass; the sea lies to the left of walkers, else ahead."""
        seed = spec.seed
        walks = any(actor.action is Action.WALK for actor in spec.actors)
        sea, edge = ((-1.0, 0.0), 1.7) if walks else ((-0.42, 0.9075), 3.4)
        self._light = light
        self._walks = walks
        self._sky = sky_of(light, seed)
        self._water = Water(light, seed, sea=sea, edge=edge)
        green = scale((84.0, 98.0, 70.0), light.ambient)
        self._land = horizon.ridges(light, seed + 3, colour=green, span=(0.10, 1.1))
        self._grass = [_tuft(light, seed + k) for k in range(3)]
        self._rock = _rock(light, seed)
        self._air: list[Particles] = []
        if spec.weather is Weather.RAIN:
            self._air.append(Particles(RAIN, streak(), 700, (10.0, 7.0, 12.0), seed + 12))
        elif spec.weather is Weather.SNOW:
            self._air.append(Particles(SNOW, flake(), 600, (12.0, 6.0, 14.0), seed + 12))

    def behind(self, easel: Easel, t: float, depth: float, people: People) -> None:  # noqa: ARG002
        """Draw sky, sea, beach and what grows on it."""
        self._sky.draw(easel, t)
        horizon.draw(easel, self._land)
        self._water.draw(easel, t)
        self._sail(easel, t)
        self._gulls(easel, t)
        self._dunes(easel, t, depth, 1e9)
        for particles in self._air:
            particles.draw(easel.canvas, easel.view, t, depth, 99.0)

    def before(self, easel: Easel, t: float, depth: float) -> None:
        """Draw the grass in front."""
        self._dunes(easel, t, 0.8, depth)
        for particles in self._air:
            particles.draw(easel.canvas, easel.view, t, 0.4, depth)

    def _dunes(self, easel: Easel, t: float, near: float, far: float) -> None:
        z0 = easel.view.z
        for k in range(math.floor((z0 + REACH) / PITCH), math.floor(z0 / PITCH), -1):
            for row in range(3):
                n = math.sin(k * 12.9 + row * 78.2) * 43758.5453
                n -= math.floor(n)
                z = k * PITCH + (n - 0.5) * 1.7
                x = 3.4 + row * 1.35 + 1.2 * n + (0.0 if self._walks else max(0.0, 7.5 - z) * 0.12)
                if not self._walks and -0.42 * x + 0.9075 * z > 1.6:
                    continue
                if near <= z - z0 < far:
                    size = 0.55 + 0.5 * n
                    sway = 0.10 * math.sin(1.3 * t + k + row) + 0.04 * math.sin(3.7 * t + 2 * k)
                    easel.pool((x, z), (0.5 * size, 0.3 * size), (40, 26, 24), 0.35)
                    picture = self._grass[(k + row) % 3]
                    easel.card(picture, (x, -0.02, z), (1.9 * size, size), sway=sway)
        if near <= 7.0 - z0 < far and not self._walks:
            easel.pool((-2.9, 6.1), (1.0, 0.35), (20, 16, 26), 0.5)
            easel.card(self._rock, (-2.9, -0.06, 6.2), (1.9, 0.72))

    def _sail(self, easel: Easel, t: float) -> None:
        """A small boat far out."""
        view = easel.view
        place = (view.x - 46.0 + 0.35 * t, 0.0, view.z + 150.0)
        x, y, k = view.project(place)
        canvas, s = easel.canvas, 5.2 * k
        white = mix(scale((250.0, 244.0, 236.0), self._light.ambient), self._light.fog, 0.25)
        dark = mix(scale((60.0, 52.0, 60.0), self._light.ambient), self._light.fog, 0.25)
        canvas.save()
        canvas.translate(x, y + 0.4 * k)
        canvas.rotate(2.0 * math.sin(0.9 * t))
        for points, colour in (
            ([(0.02, -1.0), (0.02, -0.12), (0.46, -0.14)], white),
            ([(-0.04, -0.86), (-0.04, -0.12), (-0.34, -0.14)], scale(white, 0.9)),
            ([(-0.42, -0.09), (0.48, -0.09), (0.34, 0.05), (-0.30, 0.05)], dark),
        ):
            path = skia.Path()
            path.addPoly([skia.Point(a * s, b * s) for a, b in points], True)
            canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=ink(colour)))
        canvas.restore()

    def _gulls(self, easel: Easel, t: float) -> None:
        view, canvas = easel.view, easel.canvas
        colour = mix(scale((70.0, 66.0, 76.0), self._light.ambient), self._light.middle, 0.25)
        for j in range(5):
            u = j * 1.7
            place = (
                view.x - 16 + 5.2 * j + 1.5 * t * (1 if j % 2 else 0.7) + 2 * math.sin(0.4 * t + u),
                8.5 + 2.0 * math.sin(u * 2.1) + 0.7 * math.sin(0.7 * t + u),
                view.z + 34 + 4 * math.sin(u),
            )
            x, y, k = view.project(place)
            span, lift = (
                0.75 * k,
                0.30 * k * math.sin(6.5 * t + u * 3) * (0.5 + 0.5 * math.sin(t + u)),
            )
            path = skia.Path()
            path.moveTo(x - span, y - lift - 0.06 * k)
            path.quadTo(x - 0.4 * span, y - 0.30 * k - 0.4 * lift, x, y)
            path.quadTo(x + 0.4 * span, y - 0.30 * k - 0.4 * lift, x + span, y - lift - 0.06 * k)
            paint = skia.Paint(
                AntiAlias=True,
                Color=ink(colour),
                StrokeWidth=max(0.10 * k, 0.8),
                Style=skia.Paint.kStroke_Style,
                StrokeCap=skia.Paint.kRound_Cap,
            )
            canvas.drawPath(path, paint)


@lru_cache(maxsize=4)
def _tuft(light: Light, seed: int) -> skia.Image:
    """Dune grass: many blades from one root."""
    rng = np.random.default_rng(seed + 60)
    surface = skia.Surface(480, 256)
    canvas = surface.getCanvas()
    for k in range(210):
        tone: RGB = mix((92.0, 108.0, 62.0), (196.0, 178.0, 112.0), float(rng.random()))
        shade = 0.55 + 0.5 * k / 210
        lean = float(rng.normal()) * 58
        x = 240 + float(np.clip(rng.normal() * 62, -150, 150))
        tall = float(rng.uniform(90, 230)) * (1 - 0.3 * abs(x - 240) / 150)
        lit = mix(scale(tone, light.ambient), light.sun, 0.16 * light.rim * (lean * light.side > 0))
        path = skia.Path()
        foot = 254 - 26 * ((x - 240) / 150) ** 2
        path.moveTo(x, foot)
        path.quadTo(x + 0.2 * lean, foot - 0.7 * tall, x + lean, foot - tall)
        path.quadTo(x + 0.2 * lean + 5, foot - 0.66 * tall, x + 6, foot)
        canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=ink(scale(lit, shade))))
    return image(pixels(surface))


@lru_cache(maxsize=4)
def _rock(light: Light, seed: int) -> skia.Image:
    """Worn rocks in the shallow water."""
    h, w = 200, 512
    y, x = np.mgrid[:h, :w].astype(np.float32)
    rough = fbm(h, w, octaves=6, cells=6, seed=seed + 70, gain=0.6)
    alpha = np.zeros((h, w), np.float32)
    for cx, cy, rx, ry in ((180, 190, 150, 140), (350, 200, 110, 86), (70, 205, 60, 46)):
        away = np.hypot((x - cx) / rx, (y - cy) / ry) + 0.55 * (rough - 0.5)
        alpha = np.maximum(alpha, np.clip((1 - away) * 40, 0, 1))
    nx, ny = inflate(alpha, 70)
    steep = cv2.Sobel(rough, cv2.CV_32F, 1, 0) * 2.2
    key = np.clip(0.55 * light.side * (nx - steep) - 0.5 * ny + 0.1, 0, 1)[..., None]
    base = np.array(scale((104.0, 96.0, 96.0), light.ambient), np.float32)
    rgb = base * (0.42 + 0.4 * rough[..., None]) + key * np.array(light.sun, np.float32) * 0.42
    return cut(rgb * (1 - 0.45 * smoothstep(150, 200, y))[..., None], alpha)
