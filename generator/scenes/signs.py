"""Things that light a street: neon signs, lamps, machines; and people with umbrellas, afar."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.light import Light
from generator.textures import RGB, cut, image, ink, pixels, scale

NEON: tuple[RGB, ...] = (
    (255.0, 72.0, 130.0),
    (66.0, 214.0, 255.0),
    (255.0, 176.0, 64.0),
    (120.0, 255.0, 176.0),
    (214.0, 110.0, 255.0),
)


@lru_cache(maxsize=10)
def neon(light: Light, seed: int, colour: RGB) -> skia.Image:
    """An upright sign, 160 by 480 pixels, with strokes that look like writing and say nothing."""
    rng = np.random.default_rng(seed)
    h, w = 480, 160
    strokes = np.zeros((h, w), np.float32)
    for row in range(4):
        cx, cy = w / 2, 72 + row * 112
        for _ in range(int(rng.integers(4, 7))):
            x, y = cx + rng.uniform(-38, 20), cy + rng.uniform(-38, 30)
            dx, dy = ((rng.uniform(24, 50), 0), (0, rng.uniform(24, 52)), (18, 26))[rng.integers(3)]
            a, b = (round(x), round(y)), (round(x + dx), round(y + dy))
            cv2.line(strokes, a, b, 1.0, 7, cv2.LINE_AA)
    cv2.rectangle(strokes, (10, 10), (w - 11, h - 11), 0.8, 4, cv2.LINE_AA)
    halo = cv2.GaussianBlur(strokes, (0, 0), 11)[..., None]
    core = cv2.GaussianBlur(strokes, (0, 0), 1.4)[..., None]
    power = 1.0 if light.lamps else 0.45
    board = np.array(scale((30.0, 28.0, 38.0), light.ambient), np.float32)
    glow = np.array(colour, np.float32)
    out = board + glow * halo * 1.0 * power + (glow * 0.45 + 140) * core * power
    return cut(out, np.ones((h, w), np.float32))


def lamp_post(light: Light) -> skia.Image:
    """A street lamp, 128 by 640 pixels (0.8 by 4 metres)."""
    surface = skia.Surface(128, 640)
    canvas = surface.getCanvas()
    dark, pale = (
        scale((46.0, 50.0, 56.0), light.ambient),
        scale((120.0, 124.0, 132.0), light.ambient),
    )
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(58, 0), skia.Point(70, 0)], [ink(dark), ink(pale), ink(dark)]
    )
    canvas.drawRect(skia.Rect.MakeXYWH(59, 90, 10, 550), skia.Paint(Shader=shader))
    canvas.drawRect(skia.Rect.MakeXYWH(54, 560, 20, 80), skia.Paint(Shader=shader))
    head = skia.Path()
    head.addPoly([skia.Point(*p) for p in ((30, 60), (98, 60), (84, 104), (44, 104))], True)
    lit = (255.0, 240.0, 206.0) if light.lamps else scale((210.0, 214.0, 214.0), light.ambient)
    canvas.drawPath(head, skia.Paint(AntiAlias=True, Color=ink(lit)))
    canvas.drawRect(skia.Rect.MakeXYWH(24, 50, 80, 12), skia.Paint(AntiAlias=True, Color=ink(dark)))
    return image(pixels(surface))


def machine(light: Light, seed: int) -> skia.Image:
    """A vending machine, 160 by 320 pixels (0.95 by 1.9 metres)."""
    rng = np.random.default_rng(seed + 90)
    body = np.array(((196, 44, 50), (48, 92, 168), (226, 228, 230))[seed % 3], np.float32)
    out = np.ones((320, 160, 3), np.float32) * body * np.array(light.ambient, np.float32)
    power = 1.0 if light.lamps else 0.6
    out[18:200, 12:148] = np.array([236, 246, 255]) * power
    for row in range(3):
        for column in range(8):
            x, y = 18 + column * 16, 30 + row * 58
            out[y : y + 34, x : x + 11] = rng.uniform(40, 230, 3) * power
            out[y + 40 : y + 44, x : x + 11] = np.array([60, 220, 120]) * power
    out[214:300, 12:148] *= 0.55
    out[240:286, 30:130] *= 0.35
    return cut(out, np.ones((320, 160), np.float32))


def passer_by(light: Light, colour: RGB) -> skia.Image:
    """Somebody far away under an umbrella, seen from behind, 200 by 400 pixels (1 by 2 metres)."""
    surface = skia.Surface(200, 400)
    canvas = surface.getCanvas()
    coat = scale((58.0, 56.0, 68.0), light.ambient)
    for x in (84, 102):
        leg = skia.Rect.MakeXYWH(x, 270, 15, 124)
        canvas.drawRoundRect(leg, 6, 6, skia.Paint(AntiAlias=True, Color=ink(scale(coat, 0.7))))
    body = skia.Path()
    body.moveTo(70, 150)
    body.quadTo(100, 118, 130, 150)
    body.lineTo(138, 300)
    body.lineTo(62, 300)
    body.close()
    canvas.drawPath(body, skia.Paint(AntiAlias=True, Color=ink(coat)))
    canvas.drawCircle(100, 112, 20, skia.Paint(AntiAlias=True, Color=ink(scale(coat, 0.6))))
    shade = skia.Path()
    shade.moveTo(6, 112)
    shade.quadTo(20, 22, 100, 18)
    shade.quadTo(180, 22, 194, 112)
    for edge in (131.3, 68.6, 5.9):
        shade.quadTo(edge + 31, 92, edge, 112)
    tone = scale(colour, _lamplit(light))
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(20, 20), skia.Point(150, 112)], [ink(scale(tone, 1.25)), ink(scale(tone, 0.6))]
    )
    canvas.drawPath(shade, skia.Paint(AntiAlias=True, Shader=shader, Alphaf=0.92))
    return image(pixels(surface))


def _lamplit(light: Light) -> RGB:
    """The ambient light with a little of the lamps."""
    a = light.ambient
    k = 0.25 if light.lamps else 0.0
    return (a[0] + k, a[1] + k, a[2] + k)


def stride(t: float, j: int) -> float:
    """How high a distant walker's body is at `t`, metres."""
    return 0.02 * abs(math.sin(5.2 * t + 2 * j))
