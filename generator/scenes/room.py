"""A living room: a window with its light on the floor, sofa, lamp, plants, pictures, books."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.ground import Ground
from generator.light import Light, people_light
from generator.paint import Corners, Easel, modulated
from generator.particles import DUST, RAIN, SNOW, Particles, flake, streak
from generator.scene import SceneSpec, TimeOfDay, Weather
from generator.scenes import furniture, horizon
from generator.scenes.place import People
from generator.scenes.sky import sky_of
from generator.scenes.trees import tree
from generator.textures import F32, RGB, cut, fbm, image, scale, smoothstep

HALF, TALL, BACK, FRONT = 3.1, 2.65, 3.3, -4.6  # metres
PPM = 190  # pixels a metre of wall
WINDOW = (-2.30, -0.45, 0.85, 2.30)  # left, right, sill, head: metres on the back wall
_WALLS: tuple[RGB, ...] = ((206, 198, 180), (178, 190, 180), (202, 184, 172), (184, 188, 198))


class Room:
    """The room; the camera stands in it."""

    def __init__(self, spec: SceneSpec, light: Light) -> None:
        """Bake walls, floor and furniture."""
        seed = spec.seed
        self._out = light
        self._in = inner = people_light(spec, light)
        self._empty = not spec.actors
        self._day = spec.time_of_day is not TimeOfDay.NIGHT and light.clouds < 1.0
        self._sky = sky_of(light, seed)
        self._hills = horizon.ridges(
            light, seed + 4, colour=scale((80.0, 104.0, 70.0), light.ambient), span=(0.9, -0.6)
        )
        self._tree = tree(light, seed + 2, (112.0, 150.0, 78.0), count=2600)
        tone = _WALLS[seed % len(_WALLS)]
        self._back = _back_wall(inner, tone, seed)
        self._side = [_side_wall(inner, tone, seed, side) for side in (-1, 1)]
        self._ceiling = image(_ceiling(inner))
        self._floor = Ground(_boards(inner, seed), 2.4)
        self._rug = image(furniture.rug(inner))
        accents: tuple[RGB, RGB] = ((208.0, 140.0, 84.0), (226.0, 214.0, 192.0))
        sofa: RGB = ((92.0, 116.0, 122.0), (150.0, 104.0, 84.0), (112.0, 122.0, 98.0))[seed % 3]
        self._sofa = furniture.sofa(inner, sofa, accents)
        self._lamp = furniture.lamp(inner)
        self._plant = furniture.plant(inner, seed)
        self._table = furniture.table(inner)
        self._curtain = [furniture.curtain(inner, k) for k in range(2)]
        self._patch = image(_patch())
        self._dust = Particles(DUST, flake(), 110, (4.0, 2.4, 5.0), seed + 13)
        self._fall: Particles | None = None
        if spec.weather is Weather.RAIN:
            self._fall = Particles(RAIN, streak(), 500, (10.0, 7.0, 8.0), seed + 12)
        elif spec.weather is Weather.SNOW:
            self._fall = Particles(SNOW, flake(), 500, (10.0, 6.0, 8.0), seed + 12)

    def behind(self, easel: Easel, t: float, depth: float, people: People) -> None:  # noqa: ARG002
        """Draw the view through the window, the room around it, and the furniture."""
        self._outside(easel, t)
        inside = replace(easel, light=self._in)
        self._shell(inside)
        self._window_light(inside, t)
        self._hang(inside, t)
        self._stand(inside, t)
        if self._day:
            self._dust.draw(easel.canvas, easel.view, t, depth, 9.0)

    def before(self, easel: Easel, t: float, depth: float) -> None:
        """Draw the dust in the light before the people."""
        if self._day:
            self._dust.draw(easel.canvas, easel.view, t, 0.4, depth)

    def _outside(self, easel: Easel, t: float) -> None:
        x0, y0, _ = easel.view.project((WINDOW[0] - 0.1, WINDOW[3] + 0.1, BACK))
        x1, y1, _ = easel.view.project((WINDOW[1] + 0.1, WINDOW[2] - 0.1, BACK))
        easel.canvas.save()
        easel.canvas.clipRect(skia.Rect.MakeLTRB(x0, y0, x1, y1))
        self._sky.draw(easel, t)
        horizon.draw(easel, self._hills)
        for x, z, size in ((-6.2, 12.0, 6.4), (-2.6, 16.0, 7.0), (-9.5, 15.0, 6.8)):
            sway = 0.012 * math.sin(1.1 * t + x)
            easel.card(self._tree, (x, -1.2, z), (size, size), sway=sway)
        if self._fall:
            self._fall.draw(easel.canvas, easel.view, t, 5.0, 99.0)
        easel.canvas.restore()

    def _shell(self, easel: Easel) -> None:
        top_l, top_r = (-HALF, TALL, BACK), (HALF, TALL, BACK)
        easel.board(self._ceiling, ((-HALF, TALL, FRONT), (HALF, TALL, FRONT), top_l))
        self._floor.draw(easel, (-HALF, HALF), (FRONT, BACK))
        easel.board(self._back, (top_l, top_r, (-HALF, 0.0, BACK)))
        left: Corners = ((-HALF, TALL, FRONT), top_l, (-HALF, 0.0, FRONT))
        right: Corners = (top_r, (HALF, TALL, FRONT), (HALF, 0.0, BACK))
        easel.board(self._side[0], left)
        easel.board(self._side[1], right)
        easel.pool((0.0, BACK), (HALF * 1.1, 0.7), (20, 12, 8), 0.35)
        for x in (-HALF, HALF):
            easel.pool((x, 0.0), (0.6, 4.5), (20, 12, 8), 0.30)
        easel.board(self._rug, ((-1.7, 0.006, 2.1), (1.7, 0.006, 2.1), (-1.7, 0.006, -0.1)))

    def _window_light(self, easel: Easel, t: float) -> None:
        """Let the daylight fall through the window onto the floor."""
        if not self._day:
            return
        paint = modulated(scale(self._out.sun, (1.0, 0.88, 0.70)), 0.42, add=True)
        drift = 0.01 * math.sin(0.2 * t)
        a, b = (-1.5 + drift, 0.008, 1.75), (0.35 + drift, 0.008, 1.75)
        easel.board(self._patch, (a, b, (-0.7 + drift, 0.008, -0.7)), paint)
        middle = ((WINDOW[0] + WINDOW[1]) / 2, (WINDOW[2] + WINDOW[3]) / 2, BACK - 0.1)
        easel.glow(middle, 1.9, self._out.low, 0.30)

    def _hang(self, easel: Easel, t: float) -> None:
        for k, x in enumerate((WINDOW[0] - 0.17, WINDOW[1] + 0.17)):
            sway = 0.010 * math.sin(0.9 * t + 2 * k)
            place = (x, 0.36, BACK - 0.06)
            easel.card(self._curtain[k], place, (0.62, 2.10), sway=-sway, clear=True)

    def _stand(self, easel: Easel, t: float) -> None:
        easel.pool((0.85, 2.55), (1.5, 0.62), (16, 10, 8), 0.62)
        easel.card(
            self._plant, (-2.72, 0.0, 2.75), (0.98, 1.43), sway=0.004 * math.sin(t), clear=True
        )
        easel.card(self._sofa, (0.85, 0.0, 2.55), (2.36, 1.0), clear=True)
        easel.pool((2.45, 2.5), (0.4, 0.25), (16, 10, 8), 0.5)
        easel.card(self._lamp, (2.45, 0.0, 2.5), (0.5, 1.65), clear=True)
        if self._in.lamps:
            easel.glow((2.45, 1.38, 2.4), 2.3, (255, 178, 96), 0.55)
            easel.glow((2.45, 1.40, 2.4), 0.7, (255, 226, 170), 0.5)
            easel.pool((2.3, 2.0), (1.5, 1.1), (255, 180, 100), 0.30, add=True)
        if self._empty:
            easel.pool((0.35, 0.95), (0.8, 0.34), (16, 10, 8), 0.55)
            easel.card(self._table, (0.35, 0.0, 0.95), (1.28, 0.6), clear=True)


def _ceiling(light: Light) -> F32:
    """White, darker towards the corners of the room."""
    y, x = np.mgrid[0:1:128j, -1:1:128j]
    fall = 1.0 - 0.20 * smoothstep(0.55, 1.0, y) - 0.14 * np.abs(x) ** 3
    tone = np.array(scale((222.0, 217.0, 208.0), light.ambient), np.float32)
    return np.asarray(fall[..., None] * tone, np.float32)


def _plaster(colour: RGB, metres: float, seed: int) -> F32:
    w, h = round(metres * PPM), round(TALL * PPM)
    grain = fbm(h, w, octaves=8, cells=10, seed=seed, gain=0.6)[..., None]
    out = np.ones((h, w, 3), np.float32) * np.array(colour, np.float32) * (0.95 + 0.09 * grain)
    y = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    out *= 1.0 - 0.20 * smoothstep(0.20, 0.0, y) - 0.16 * smoothstep(0.75, 1.0, y)
    foot = round(0.10 * PPM)
    out[-foot:] = np.array((236, 230, 220), np.float32)
    out[-foot : -foot + 2] *= 0.6
    return out


@lru_cache(maxsize=4)
def _back_wall(light: Light, colour: RGB, seed: int) -> skia.Image:
    wall = _plaster(colour, 2 * HALF, seed + 1)
    h, w = wall.shape[:2]
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :, None]
    wall *= 1.0 - 0.16 * np.abs(x) ** 3

    def px(metres: float) -> int:
        return round(metres * PPM)

    for k, (left, top, wide, tall) in enumerate(
        ((0.15, 2.18, 0.62, 0.80), (0.93, 2.26, 0.50, 0.50), (0.93, 1.66, 0.50, 0.36))
    ):
        box = (px(left + HALF), px(TALL - top), px(wide), px(tall))
        furniture.frame_on(wall, box, seed + k)
    for k, y in enumerate((2.02, 1.62)):
        box = (px(1.72 + HALF), px(TALL - y), px(1.1), px(0.27))
        furniture.books_on(wall, box, seed + k)
    left, right, sill, head = WINDOW
    x0, x1, y0, y1 = px(left + HALF), px(right + HALF), px(TALL - head), px(TALL - sill)
    b = px(0.06)
    wall[y0 - b : y1 + b, x0 - b : x1 + b] = (242, 238, 230)
    alpha = np.ones((h, w), np.float32)
    for column in range(2):
        for row in range(2):
            cw, ch = (x1 - x0 + b // 2) // 2, (y1 - y0 + b // 2) // 2
            cx, cy = x0 + column * cw, y0 + row * ch
            alpha[cy : cy + ch - b // 2, cx : cx + cw - b // 2] = 0.10
    wall[y1 + b : y1 + b + px(0.05), x0 - 2 * b : x1 + 2 * b] = (228, 222, 212)
    shaded = wall * np.array(light.ambient, np.float32)
    return cut(shaded, cv2.GaussianBlur(alpha, (0, 0), 0.7))


@lru_cache(maxsize=4)
def _side_wall(light: Light, colour: RGB, seed: int, side: int) -> skia.Image:
    wall = _plaster(colour, BACK - FRONT, seed + 2 + side)
    w = wall.shape[1]
    if side > 0:
        for k, y in enumerate((2.05, 1.62, 1.19)):
            furniture.books_on(
                wall, (round(0.9 * PPM), round((TALL - y) * PPM), 300, 52), seed + 9 + k
            )
    else:
        furniture.frame_on(wall, (w - round(2.2 * PPM), round(0.55 * PPM), 150, 190), seed + 5)
    dim = 0.80 if side < 0 else 0.94
    return image(wall * np.array(light.ambient, np.float32) * dim)


@lru_cache(maxsize=4)
def _boards(light: Light, seed: int) -> F32:
    """Floor boards that run towards the back wall."""
    n = 960
    rng = np.random.default_rng(seed + 17)
    grain = cv2.resize(fbm(n // 10, n, octaves=6, cells=60, seed=seed + 7, gain=0.7), (n, n))
    out = np.zeros((n, n, 3), np.float32)
    for k in range(16):
        x0 = k * 60
        start = int(rng.integers(0, n))
        for part in range(2):
            tone = np.array([176, 128, 88], np.float32) * rng.uniform(0.80, 1.10)
            rows = (np.arange(n // 2) + start + part * n // 2) % n
            out[rows, x0 : x0 + 60] = tone
            out[(start + part * n // 2) % n, x0 : x0 + 60] *= 0.5
        out[:, x0 : x0 + 2] *= 0.55
    out *= (0.80 + 0.36 * grain)[..., None]
    return np.asarray(out * np.array(light.ambient, np.float32), np.float32)


def _patch() -> F32:
    """The window's light on the floor: four panes with soft edges, premultiplied white."""
    panes = np.zeros((256, 256), np.float32)
    for x, y in ((14, 14), (134, 14), (14, 134), (134, 134)):
        panes[y : y + 108, x : x + 108] = 1.0
    soft = cv2.GaussianBlur(panes, (0, 0), 5)[..., None] * 255
    return np.repeat(soft, 4, axis=2)
