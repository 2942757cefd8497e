"""An avenue of cherry trees: blossom overhead, lanterns between the trunks, petals in the air."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.ground import Ground
from generator.light import Light
from generator.paint import Easel
from generator.particles import DUST, PETALS, RAIN, SNOW, Particles, flake, petal, streak
from generator.scene import SceneSpec, Weather
from generator.scenes.facades import facade
from generator.scenes.place import People
from generator.scenes.sky import sky_of
from generator.scenes.trees import tree
from generator.textures import F32, RGB, fbm, ink, scale

PITCH = 4.6  # metres from tree to tree
REACH = 52.0  # metres of avenue that are drawn
HALF = 2.7  # half the width of the path
HOUSE = 7.0  # metres a house front is long
BLOSSOM: RGB = (250.0, 176.0, 194.0)


class Avenue:
    """The cherry avenue; endless in both directions."""

    def __init__(self, spec: SceneSpec, light: Light) -> None:
        """Bake sky, trees, houses and ground."""
        seed = spec.seed
        self._sky = sky_of(light, seed)
        self._trees = [tree(light, seed * 7 + k, BLOSSOM) for k in range(3)]
        self._fronts = [facade(light, seed * 5 + k, floors=3) for k in range(3)]
        self._path = Ground(_path(light, seed), 4.0)
        self._verge = Ground(_verge(light, seed), 4.0)
        self._light = light
        box = (14.0, 6.0, 22.0)
        self._air = [Particles(PETALS, petal(), 520, box, seed + 11)]
        if spec.weather is Weather.RAIN:
            self._air.append(Particles(RAIN, streak(), 700, (10.0, 7.0, 12.0), seed + 12))
        elif spec.weather is Weather.SNOW:
            self._air.append(Particles(SNOW, flake(), 600, (12.0, 6.0, 14.0), seed + 12))
        elif light.rim > 0.5:
            self._air.append(Particles(DUST, flake(), 160, (8.0, 4.0, 12.0), seed + 13))

    def behind(self, easel: Easel, t: float, depth: float, people: People) -> None:  # noqa: ARG002
        """Draw the avenue from its far end up to `depth`."""
        self._sky.draw(easel, t)
        self._floor(easel)
        z = easel.view.z
        self._houses(easel)
        self._shadows(easel)
        first, last = math.ceil((z + depth) / PITCH - 0.6), math.floor((z + REACH) / PITCH)
        for k in range(last, first - 1, -1):
            self._row(easel, t, k, depth, 1e9)
            if k == first + 2:
                self._drift(easel, t, depth, 99.0)
        self._beam(easel)

    def before(self, easel: Easel, t: float, depth: float) -> None:
        """Draw the trees and petals between the camera and `depth`."""
        z = easel.view.z
        for k in range(math.ceil((z + depth) / PITCH), math.floor(z / PITCH) - 1, -1):
            self._row(easel, t, k, 0.9, depth)
        self._drift(easel, t, 0.4, depth)

    def _drift(self, easel: Easel, t: float, near: float, far: float) -> None:
        for particles in self._air:
            particles.draw(easel.canvas, easel.view, t, near, far)

    def _floor(self, easel: Easel) -> None:
        z = easel.view.z
        along = (z + 0.2, z + 90.0)
        self._verge.draw(easel, (-26.0, 26.0), along, y=-0.02)
        self._path.draw(easel, (-HALF, HALF), along)
        light = self._light
        if light.rim > 0.5:
            sun = scale(light.sun, (1.0, 0.78, 0.55))
            x = math.tan(light.azimuth) * 16
            easel.pool((x, z + 17), (2.2, 14.0), sun, 0.55, add=True, lean=math.tan(light.azimuth))
        easel.haze()

    def _houses(self, easel: Easel) -> None:
        z = easel.view.z
        for k in range(math.floor((z + REACH) / HOUSE), math.floor(z / HOUSE) - 1, -1):
            for side in (-1, 1):
                height = 7.0 + (k * 37 + side * 5) % 4
                x, near, far = side * 8.2, k * HOUSE, (k + 1) * HOUSE
                left, right = (near, far) if side > 0 else (far, near)
                if side < 0:
                    left, right = near, far
                corners = ((x, height, left), (x, height, right), (x, -0.02, left))
                easel.board(self._fronts[(k + (side > 0) * 2) % 3], corners)
                easel.veil(corners)

    def _shadows(self, easel: Easel) -> None:
        light, z = self._light, easel.view.z
        lean = math.tan(light.azimuth)
        long = 3.4 if light.elevation < 0.15 else 1.4
        for k in range(math.floor((z + 26) / PITCH), math.floor(z / PITCH) - 1, -1):
            for side in (-1, 1):
                x, base = self._trunk(k, side)
                easel.pool(
                    (x - lean * long, base - long), (0.34, long), (26, 14, 30), 0.5, lean=lean
                )
                easel.pool((x * 0.6, base - long * 0.5), (1.9, 2.6), (40, 20, 44), 0.26)

    @staticmethod
    def _trunk(k: int, side: int) -> tuple[float, float]:
        return side * (3.55 + 0.25 * math.sin(k * 2.3 + side)), k * PITCH + 0.55 * side

    def _row(self, easel: Easel, t: float, k: int, near: float, far: float) -> None:
        for side in (-1, 1):
            x, z = self._trunk(k, side)
            if near <= z - easel.view.z < far:
                size = 6.9 + 0.5 * math.sin(k * 1.7 + side * 2)
                sway = 0.010 * math.sin(t * 1.1 + k + side) + 0.004 * math.sin(t * 2.7 + 2 * k)
                picture = self._trees[(k + (side > 0)) % 3]
                easel.card(picture, (x, -0.02, z), (size, size), sway=sway, appear=(1.7, 3.4))
        z = (k + 0.5) * PITCH
        if k % 2 == 0 and near <= z - easel.view.z < far:
            self._lanterns(easel, t, z)

    def _lanterns(self, easel: Easel, t: float, z: float) -> None:
        """Hang a string of paper lanterns across the path."""
        ends = ((-3.4, 3.25), (3.4, 3.25))
        sag = 0.55
        places = []
        for j in range(7):
            u = (j + 0.5) / 7
            x = ends[0][0] + (ends[1][0] - ends[0][0]) * u
            y = ends[0][1] - sag * 4 * u * (1 - u) - 0.2
            places.append((x + 0.03 * math.sin(t * 1.3 + j + z), y, z))
        view = easel.view
        cord = skia.Path()
        for j in range(13):
            u = j / 12
            x, y, _ = view.project((-3.4 + 6.8 * u, 3.25 - sag * 4 * u * (1 - u), z))
            cord.lineTo(x, y) if j else cord.moveTo(x, y)
        k = view.focal / max(view.depth((0.0, 0.0, z)), 0.4)
        stroke = skia.Paint(
            AntiAlias=True,
            Color=ink((40, 26, 30)),
            StrokeWidth=0.015 * k,
            Style=skia.Paint.kStroke_Style,
        )
        easel.canvas.drawPath(cord, stroke)
        for place in places:
            self._lantern(easel, place)

    def _lantern(self, easel: Easel, place: tuple[float, float, float]) -> None:
        x, y, k = easel.view.project(place)
        w, h = 0.13 * k, 0.17 * k
        lit = self._light.lamps
        inner: RGB = (255.0, 232.0, 176.0)
        outer: RGB = (246.0, 112.0, 66.0)
        if not lit:
            inner = scale((250.0, 226.0, 206.0), self._light.ambient)
            outer = scale((206.0, 90.0, 72.0), self._light.ambient)
        shader = skia.GradientShader.MakeRadial(
            skia.Point(x, y + h * 0.1), h * 1.1, [ink(inner), ink(outer)]
        )
        box = skia.Rect.MakeXYWH(x - w, y - h, 2 * w, 2 * h)
        easel.canvas.drawOval(box, skia.Paint(AntiAlias=True, Shader=shader))
        cap = skia.Paint(AntiAlias=True, Color=ink((50, 30, 28)))
        for top in (y - h * 1.02, y + h * 0.86):
            easel.canvas.drawRect(skia.Rect.MakeXYWH(x - w * 0.5, top, w, h * 0.16), cap)
        if lit:
            easel.glow(place, 0.75, (255, 150, 70), 0.5)

    def _beam(self, easel: Easel) -> None:
        """Let the low sun spill over the end of the avenue."""
        light = self._light
        if light.rim > 0.5 and light.lamps and light.elevation < 0.2:
            place = (easel.view.x + 30 * math.tan(light.azimuth), 3.4, easel.view.z + 30)
            easel.glow(place, 11.0, (255, 140, 80), 0.22)
            easel.glow(place, 4.5, (255, 190, 130), 0.18)


def _petals(texture: F32, rng: np.random.Generator, count: int, light: Light) -> None:
    n = texture.shape[0]
    for x, y in rng.integers(0, n, (count, 2)):
        tone = np.array(BLOSSOM) * rng.uniform(0.85, 1.03) * np.array(light.ambient)
        axes = (int(rng.integers(3, 6)), 2)
        turn = float(rng.uniform(0, 180))
        for dx in (0, -n, n):
            centre = (int(x) + dx, int(y))
            cv2.ellipse(texture, centre, axes, turn, 0, 360, tone.tolist(), -1, cv2.LINE_AA)


@lru_cache(maxsize=2)
def _path(light: Light, seed: int) -> F32:
    n = 1024
    rng = np.random.default_rng(seed + 21)
    grain = fbm(n, n, octaves=8, cells=8, seed=seed + 3)[..., None]
    patches = fbm(n, n, octaves=4, cells=3, seed=seed + 9)
    base = np.array([112, 100, 100], np.float32) * np.array(light.ambient, np.float32)
    out = base * (0.72 + 0.55 * grain)
    for row in range(0, n, 64):
        joint = (base * 0.62).tolist()
        cv2.line(out, (0, row), (n, row), joint, 2)
        for column in range((row // 64 % 2) * 64, n, 128):
            cv2.line(out, (column, row), (column, row + 64), joint, 2)
            shade = rng.uniform(0.9, 1.1)
            out[row + 2 : row + 63, column + 2 : column + 126] *= shade
    damp = np.clip((patches - 0.5) * 4, 0, 1)[..., None] * (0.55 if light.wet else 0.30)
    out = out * (1 - 0.4 * damp) + np.array(light.fog, np.float32) * damp * 0.8
    out = np.ascontiguousarray(out, np.float32)
    _petals(out, rng, 900, light)
    return out


@lru_cache(maxsize=2)
def _verge(light: Light, seed: int) -> F32:
    n = 1024
    rng = np.random.default_rng(seed + 22)
    grass = fbm(n, n, octaves=8, cells=16, seed=seed + 4, gain=0.7)[..., None]
    soil = fbm(n, n, octaves=5, cells=4, seed=seed + 6)[..., None]
    green = np.array([88, 100, 56], np.float32) * (0.5 + 0.9 * grass)
    brown = np.array([120, 98, 82], np.float32) * (0.6 + 0.6 * grass)
    out = (green + (brown - green) * np.clip((soil - 0.45) * 4, 0, 1)) * np.array(light.ambient)
    out = np.ascontiguousarray(out, np.float32)
    _petals(out, rng, 2600, light)
    return out
