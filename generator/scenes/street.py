"""A shopping street after rain: lit windows, neon, and all of it again in the wet ground."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.ground import Ground
from generator.light import Light
from generator.paint import Easel
from generator.particles import RAIN, SNOW, Particles, flake, streak
from generator.scene import SceneSpec, TimeOfDay, Weather
from generator.scenes import horizon, signs
from generator.scenes.facades import facade
from generator.scenes.place import People
from generator.scenes.sky import sky_of
from generator.textures import F32, LINEAR, canvas_on, fbm, image, ink, scale, smoothstep

HOUSE = 9.0  # metres a front is long
REACH = 64.0
ROAD, WALL = 3.4, 5.9  # metres from the middle to the kerb and to the fronts
MIRROR = 0.3  # resolution of the reflection


class Street:
    """The street; endless in both directions."""

    def __init__(self, spec: SceneSpec, light: Light) -> None:
        """Bake fronts, signs, ground."""
        seed = spec.seed
        self._light = light
        self._seed = seed
        self._sky = sky_of(light, seed)
        self._city = horizon.skyline(light, seed + 2)
        share = 0.55 if spec.time_of_day is TimeOfDay.NIGHT else 0.45
        self._fronts = [facade(light, seed * 5 + k, floors=4, lit_share=share) for k in range(4)]
        self._neon = [signs.neon(light, seed + k, signs.NEON[k]) for k in range(5)]
        self._lamp = signs.lamp_post(light)
        self._machine = [signs.machine(light, k) for k in range(2)]
        shades = ((190.0, 60.0, 70.0), (70.0, 96.0, 150.0), (200.0, 190.0, 170.0))
        self._far = [signs.passer_by(light, shade) for shade in shades]
        self._face = image(np.ones((4, 4, 3)) * 92 * np.array(light.ambient))
        self._road = Ground(_asphalt(light, seed, wet=light.wet), 5.0)
        self._kerb = Ground(_paving(light, seed), 3.0)
        self._air: list[Particles] = []
        self._rain = spec.weather is Weather.RAIN
        if self._rain:
            self._air.append(Particles(RAIN, streak(), 900, (10.0, 7.0, 12.0), seed + 12))
        elif spec.weather is Weather.SNOW:
            self._air.append(Particles(SNOW, flake(), 600, (12.0, 6.0, 14.0), seed + 12))

    def behind(self, easel: Easel, t: float, depth: float, people: People) -> None:
        """Draw the reflection, the ground over it, then the street itself."""
        self._upright(easel, t, depth, sky=True)
        self._reflect(easel, t, depth, people)
        z = easel.view.z
        self._road.draw(easel, (-ROAD, ROAD), (z + 0.2, z + 90.0))
        for side in (-1, 1):
            span = (ROAD, WALL) if side > 0 else (-WALL, -ROAD)
            self._kerb.draw(easel, span, (z + 0.2, z + 90.0), y=0.10)
            corners = (
                (side * ROAD, 0.10, z + 90),
                (side * ROAD, 0.10, z),
                (side * ROAD, 0.0, z + 90),
            )
            easel.board(self._face, corners)
        easel.haze(7.0)
        self._lit_ground(easel)
        self._upright(easel, t, depth, sky=False)
        for particles in self._air:
            particles.draw(easel.canvas, easel.view, t, depth, 99.0)
        if self._rain:
            self._rings(easel, t)

    def before(self, easel: Easel, t: float, depth: float) -> None:
        """Draw the rain in front."""
        for particles in self._air:
            particles.draw(easel.canvas, easel.view, t, 0.4, depth)

    def _reflect(self, easel: Easel, t: float, depth: float, people: People) -> None:
        """Draw the street upside down below the horizon, small and blurred downwards."""
        view = easel.view
        w, h = round(view.width * MIRROR), round(view.height * MIRROR)
        buffer = np.zeros((h, w, 4), np.uint8)
        # Seen from below the ground and turned over, a picture is its own reflection.
        cy = view.height - view.cy
        under = replace(view.scaled(MIRROR, w, h), y=-view.y, cy=cy * MIRROR)
        mirror = Easel(canvas=canvas_on(buffer).getCanvas(), view=under, light=easel.light)
        self._upright(mirror, t, depth, sky=True)
        self._upright(mirror, t, depth, sky=False)
        people(mirror)
        soft = cv2.GaussianBlur(buffer, (0, 0), sigmaX=h * 0.004 + 0.3, sigmaY=h * 0.022)
        box = skia.Rect.MakeLTRB(0, view.cy, view.width, view.height)
        easel.canvas.save()
        easel.canvas.clipRect(box)
        easel.canvas.translate(0, view.height)
        easel.canvas.scale(1, -1)
        flipped = skia.Rect.MakeWH(view.width, view.height)
        easel.canvas.drawImageRect(image(soft), flipped, LINEAR)
        easel.canvas.restore()

    def _upright(self, easel: Easel, t: float, depth: float, *, sky: bool) -> None:
        if sky:
            self._sky.draw(easel, t)
            horizon.draw(easel, self._city)
            self._end(easel)
            return
        z = easel.view.z
        for k in range(math.floor((z + REACH) / HOUSE), math.floor(z / HOUSE) - 1, -1):
            for side in (-1, 1):
                self._front(easel, k, side)
            self._furniture(easel, t, k, depth)
        self._cables(easel)

    def _end(self, easel: Easel) -> None:
        light = self._light
        if light.lamps:
            glow = scale((255.0, 190.0, 140.0), 0.9)
            easel.glow((easel.view.x, 1.5, easel.view.z + 60), 22.0, glow, 0.38)

    def _front(self, easel: Easel, k: int, side: int) -> None:
        height = 11.0 + (k * 37 + side * 5) % 5
        x, near, far = side * WALL, k * HOUSE, (k + 1) * HOUSE
        corners = ((x, height, near), (x, height, far), (x, 0.0, near))
        easel.board(self._fronts[(k + (side > 0) * 2) % 4], corners)
        easel.veil(corners)

    def _furniture(self, easel: Easel, t: float, k: int, depth: float) -> None:
        z0 = easel.view.z
        for side in (-1, 1):
            z = (k + 0.30 + 0.08 * side) * HOUSE
            j = (k * 2 + (side > 0)) % 5
            if z - z0 > max(depth, 1.6):
                self._sign(easel, t, (side * (WALL - 0.55), 2.7 + 0.5 * (j % 3), z), j)
            z = (k + 0.74) * HOUSE
            if (k + side) % 2 and z - z0 > max(depth, 1.6):
                place = (side * (WALL - 0.5), 0.1, z)
                easel.card(self._machine[j % 2], place, (0.95, 1.9))
                if self._light.lamps:
                    easel.glow((place[0], 1.2, z - 0.1), 1.5, (200, 226, 255), 0.30)
            z = (k + 0.05) * HOUSE
            if z - z0 > max(depth, 1.6):
                self._post(easel, (side * (ROAD + 0.25), 0.1, z))
        self._walkers(easel, t, k)

    def _sign(self, easel: Easel, t: float, place: tuple[float, float, float], j: int) -> None:
        easel.card(self._neon[j], place, (0.78, 2.3))
        if self._light.lamps:
            flicker = 1.0 if j else 0.82 + 0.18 * (math.sin(31 * t) * math.sin(7.3 * t) > -0.2)
            middle = (place[0], place[1] + 1.1, place[2])
            easel.glow(middle, 2.3, signs.NEON[j], 0.42 * flicker)

    def _post(self, easel: Easel, place: tuple[float, float, float]) -> None:
        easel.card(self._lamp, place, (0.8, 4.0))
        if self._light.lamps:
            top = (place[0], place[1] + 3.5, place[2])
            dim = 1 / (1 + easel.view.depth(place) / 22)
            easel.glow(top, 1.9, (255, 206, 140), 0.60 * dim)
            easel.glow(top, 0.5, (255, 240, 210), 0.9 * dim)

    def _walkers(self, easel: Easel, t: float, k: int) -> None:
        """People under umbrellas far down the street; they walk away from the camera."""
        if k % 2 or not self._light.wet:
            return
        for j in range(2):
            x = -2.3 + 3.1 * j + 0.9 * math.sin(k * 1.9 + j)
            z = (k + 0.2 + 0.5 * j) * HOUSE + 0.9 * t
            if z - easel.view.z > 13.0:
                seen = min(1.0, (z - easel.view.z - 13.0) / 4.0)
                easel.pool((x, z), (0.4, 0.25), (8, 8, 14), 0.5 * seen)
                place = (x, signs.stride(t, j + k), z)
                easel.card(self._far[(k // 2 + j) % 3], place, (0.95, 1.9), appear=(13.0, 17.0))

    def _cables(self, easel: Easel) -> None:
        view = easel.view
        paint = skia.Paint(
            AntiAlias=True,
            Color=ink(scale((22.0, 22.0, 30.0), self._light.ambient), 210),
            StrokeWidth=max(view.height / 560, 0.5),
            Style=skia.Paint.kStroke_Style,
        )
        for x, y in ((-4.6, 6.3), (-4.3, 6.9), (4.9, 6.6)):
            for k in range(5):
                a, b = math.floor(view.z / HOUSE) + k + 0.6, math.floor(view.z / HOUSE) + k + 1.6
                ends = [view.project((x, y, z * HOUSE)) for z in (a, b)]
                if a * HOUSE - view.z < 0.6:
                    continue
                sag = view.project((x, y - 0.5, (a + b) / 2 * HOUSE))
                path = skia.Path()
                path.moveTo(ends[0][0], ends[0][1])
                path.quadTo(sag[0], sag[1], ends[1][0], ends[1][1])
                easel.canvas.drawPath(path, paint)

    def _lit_ground(self, easel: Easel) -> None:
        if not self._light.lamps:
            return
        z0 = easel.view.z
        for k in range(math.floor((z0 + 40) / HOUSE), math.floor(z0 / HOUSE) - 1, -1):
            for side in (-1, 1):
                z, j = (k + 0.05) * HOUSE, (k * 2 + (side > 0)) % 5
                easel.pool((side * 3.0, z), (2.4, 2.2), (255, 196, 128), 0.20, add=True)
                easel.pool((side * 4.4, z + 2.4), (1.8, 2.0), signs.NEON[j], 0.20, add=True)

    def _rings(self, easel: Easel, t: float) -> None:
        """Drops hitting the road: rings that grow and fade."""
        view = easel.view
        paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style)
        for j in range(70):
            age = t * (1.5 + 0.4 * math.sin(j)) + j * 0.377
            cycle, u = math.floor(age), age % 1.0
            n = math.sin(cycle * 12.9898 + j * 78.233) * 43758.5453
            m = math.sin(cycle * 39.346 + j * 11.135) * 24634.6345
            x = (n - math.floor(n) - 0.5) * 6.4
            z = view.z + 1.2 + (m - math.floor(m)) ** 1.5 * 10
            cx, cy, k = view.project((x, 0.0, z))
            r = (0.02 + 0.10 * u) * k
            flat = r * view.y / max(z - view.z, 0.5)
            paint.setColor(ink((220, 226, 240), 150 * (1 - u)))
            paint.setStrokeWidth(max(0.006 * k, 0.5))
            easel.canvas.drawOval(skia.Rect.MakeXYWH(cx - r, cy - flat, 2 * r, 2 * flat), paint)


@lru_cache(maxsize=2)
def _asphalt(light: Light, seed: int, *, wet: bool) -> F32:
    """Premultiplied RGBA: clear where puddles let the reflection through."""
    n = 1024
    grain = fbm(n, n, octaves=9, cells=24, seed=seed + 5, gain=0.75)[..., None]
    puddles = fbm(n, n, octaves=5, cells=3, seed=seed + 6)
    base = np.array([62, 64, 72], np.float32) * (0.55 + 0.8 * grain)
    rgb = base * np.clip(np.array(light.ambient, np.float32) * 1.05, 0, 1)
    depth = smoothstep(0.44, 0.60, puddles)
    alpha = 0.80 - 0.50 * depth - 0.10 * (grain[..., 0] > 0.55) if wet else np.full((n, n), 0.97)
    rgb = rgb * (1 - 0.35 * depth[..., None] * wet)
    alpha = np.asarray(alpha, np.float32)[..., None]
    return np.dstack([rgb * alpha, alpha * 255]).astype(np.float32)


@lru_cache(maxsize=2)
def _paving(light: Light, seed: int) -> F32:
    n = 768
    grain = fbm(n, n, octaves=8, cells=12, seed=seed + 8, gain=0.7)[..., None]
    out = np.array([126, 118, 116], np.float32) * (0.6 + 0.6 * grain)
    out = np.ascontiguousarray(out * np.array(light.ambient, np.float32) * 0.9, np.float32)
    joint = (np.array([60, 56, 58]) * np.array(light.ambient)).tolist()
    for k in range(0, n, 96):
        cv2.line(out, (k, 0), (k, n), joint, 3)
        cv2.line(out, (0, k), (n, k), joint, 3)
    alpha = np.full((n, n, 1), 0.86 if light.wet else 1.0, np.float32)
    return np.dstack([out * alpha, alpha * 255]).astype(np.float32)
