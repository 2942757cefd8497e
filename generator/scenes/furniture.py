"""Furniture and what hangs on walls, painted once."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.light import Light
from generator.textures import (
    F32,
    RGB,
    U8,
    cut,
    fbm,
    image,
    inflate,
    ink,
    pixels,
    scale,
    smoothstep,
)


def _round(size: tuple[int, int], boxes: list[tuple[float, float, float, float, float]]) -> F32:
    """Matte of rounded boxes x, y, w, h, r in pixels."""
    surface = skia.Surface(*size)
    for x, y, w, h, r in boxes:
        box = skia.Rect.MakeXYWH(x, y, w, h)
        surface.getCanvas().drawRoundRect(box, r, r, skia.Paint(AntiAlias=True))
    return np.asarray(surface.makeImageSnapshot().toarray()[..., 3] / 255.0, np.float32)


def _soft(matte: F32, colour: RGB, light: Light, *, depth: float, texture: F32) -> F32:
    """Light something upholstered."""
    nx, ny = inflate(matte, depth)
    side = 0.24 * light.side * nx
    shade = 0.80 + side - 0.30 * ny
    base = np.array(scale(colour, light.ambient), np.float32)
    return np.asarray(np.clip(base * (shade * texture)[..., None], 0, 255), np.float32)


@lru_cache(maxsize=4)
def sofa(light: Light, colour: RGB, accents: tuple[RGB, RGB]) -> skia.Image:
    """A sofa with cushions, 1040 by 440 pixels (2.36 by 1 metre)."""
    w, h = 1040, 440
    weave = 0.90 + 0.20 * fbm(h, w, octaves=3, cells=160, seed=5)
    rgb, alpha = np.zeros((h, w, 3), np.float32), np.zeros((h, w), np.float32)

    def put(boxes: list[tuple[float, float, float, float, float]], tone: RGB, depth: float) -> None:
        nonlocal rgb, alpha
        matte = _round((w, h), boxes)
        drop = cv2.GaussianBlur(np.roll(matte, 10, axis=0), (0, 0), 12) * (1 - matte)
        rgb = rgb * (1 - 0.5 * drop[..., None])
        piece = _soft(matte, tone, light, depth=depth, texture=weave)
        rgb = rgb * (1 - matte[..., None]) + piece * matte[..., None]
        alpha = np.maximum(alpha, matte)

    for x in (90, 900):
        put([(x, 392, 26, 46, 4)], (92.0, 62.0, 42.0), 8)
    put([(70, 60, 900, 300, 46)], scale(colour, 0.92), 46)
    put([(96, 84, 410, 200, 44)], colour, 52)
    put([(534, 84, 410, 200, 44)], colour, 52)
    put([(84, 250, 424, 100, 34)], scale(colour, 1.08), 40)
    put([(532, 250, 424, 100, 34)], scale(colour, 1.08), 40)
    put([(66, 330, 908, 72, 22)], scale(colour, 0.9), 26)
    put([(22, 170, 104, 232, 46)], colour, 44)
    put([(914, 170, 104, 232, 46)], colour, 44)
    put([(150, 140, 150, 132, 36)], accents[0], 60)
    put([(760, 134, 154, 138, 36)], accents[1], 60)
    return cut(rgb, alpha)


@lru_cache(maxsize=4)
def lamp(light: Light) -> skia.Image:
    """A floor lamp, 200 by 660 pixels (0.5 by 1.65 metres)."""
    surface = skia.Surface(200, 660)
    canvas = surface.getCanvas()
    metal = skia.GradientShader.MakeLinear(
        [skia.Point(94, 0), skia.Point(106, 0)],
        [ink(scale(c, light.ambient)) for c in ((70, 58, 44), (196, 166, 120), (84, 66, 48))],
    )
    canvas.drawRect(skia.Rect.MakeXYWH(95, 170, 10, 470), skia.Paint(Shader=metal))
    canvas.drawOval(skia.Rect.MakeXYWH(46, 632, 108, 26), skia.Paint(AntiAlias=True, Shader=metal))
    shade = skia.Path()
    shade.addPoly([skia.Point(*p) for p in ((52, 20), (148, 20), (188, 190), (12, 190))], True)
    tones = ((255, 246, 216), (255, 224, 160), (238, 176, 104))
    if not light.lamps:
        tones = ((236, 226, 206), (226, 214, 192), (206, 192, 168))
    inks = [ink(c if light.lamps else scale(c, light.ambient)) for c in tones]
    glow = skia.GradientShader.MakeRadial(skia.Point(100, 130), 130, inks)
    canvas.drawPath(shade, skia.Paint(AntiAlias=True, Shader=glow))
    return image(pixels(surface))


@lru_cache(maxsize=4)
def plant(light: Light, seed: int) -> skia.Image:
    """A large plant in a pot, 520 by 760 pixels (1.05 by 1.53 metres)."""
    rng = np.random.default_rng(seed + 31)
    surface = skia.Surface(520, 760)
    canvas = surface.getCanvas()
    pot = skia.Path()
    pot.addPoly([skia.Point(*p) for p in ((182, 600), (338, 600), (314, 752), (206, 752))], True)
    tones = ((128, 108, 96), (222, 206, 190), (150, 128, 112))
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(182, 0), skia.Point(338, 0)], [ink(scale(c, light.ambient)) for c in tones]
    )
    canvas.drawPath(pot, skia.Paint(AntiAlias=True, Shader=shader))
    for k in range(34):
        angle = float(rng.normal()) * 0.62
        long = float(rng.uniform(250, 480)) * (1 - 0.22 * abs(angle))
        tip = (260 + math.sin(angle) * long, 610 - math.cos(angle) * long)
        _leaf(canvas, light, tip, angle + float(rng.normal()) * 0.5, 0.55 + 0.5 * k / 34)
    return image(pixels(surface))


def _leaf(
    canvas: skia.Canvas, light: Light, tip: tuple[float, float], angle: float, shade: float
) -> None:
    green = scale((72.0, 128.0, 74.0), scale(light.ambient, shade))
    pale = scale((134.0, 178.0, 104.0), scale(light.ambient, shade))
    stem = skia.Path()
    stem.moveTo(260, 612)
    stem.quadTo((260 + tip[0]) / 2, (612 + tip[1]) / 2 - 30, *tip)
    stroke = skia.Paint(
        AntiAlias=True,
        Color=ink(scale(green, 0.7)),
        StrokeWidth=4,
        Style=skia.Paint.kStroke_Style,
    )
    canvas.drawPath(stem, stroke)
    canvas.save()
    canvas.translate(*tip)
    canvas.rotate(math.degrees(angle))
    blade = skia.Path()
    blade.moveTo(0, 40)
    blade.cubicTo(-56, 10, -46, -60, 0, -96)
    blade.cubicTo(46, -60, 56, 10, 0, 40)
    ends = [skia.Point(-46 * light.side, 0), skia.Point(46 * light.side, 0)]
    shader = skia.GradientShader.MakeLinear(
        ends, [ink(green), ink(green), ink(pale)], [0, 0.48, 0.56]
    )
    canvas.drawPath(blade, skia.Paint(AntiAlias=True, Shader=shader))
    canvas.restore()


@lru_cache(maxsize=4)
def table(light: Light) -> skia.Image:
    """A low table with a bowl and books, 640 by 300 pixels (1.28 by 0.6 metres)."""
    surface = skia.Surface(640, 300)
    canvas = surface.getCanvas()
    wood = [ink(scale(c, light.ambient)) for c in ((176, 120, 78), (120, 78, 50))]
    shader = skia.GradientShader.MakeLinear([skia.Point(0, 110), skia.Point(0, 170)], wood)
    for x in (60, 560):
        leg = skia.Rect.MakeXYWH(x, 150, 20, 146)
        canvas.drawRect(leg, skia.Paint(Color=ink(scale((84.0, 54.0, 36.0), light.ambient))))
    top = skia.Rect.MakeXYWH(14, 112, 612, 46)
    canvas.drawRoundRect(top, 14, 14, skia.Paint(AntiAlias=True, Shader=shader))
    for k, colour in enumerate(((62, 96, 110), (196, 110, 84), (226, 216, 196))):
        book = skia.Rect.MakeXYWH(96 + 6 * k, 92 - 20 * k, 150 - 10 * k, 20)
        paint = skia.Paint(AntiAlias=True, Color=ink(scale(colour, light.ambient)))
        canvas.drawRoundRect(book, 3, 3, paint)
    bowl = skia.Path()
    bowl.moveTo(390, 62)
    bowl.cubicTo(400, 118, 530, 118, 540, 62)
    bowl.close()
    for x, y in ((420, 56), (458, 48), (500, 56)):
        fruit = skia.Paint(AntiAlias=True, Color=ink(scale((228.0, 150.0, 66.0), light.ambient)))
        canvas.drawCircle(x, y, 24, fruit)
    clay = skia.Paint(AntiAlias=True, Color=ink(scale((88.0, 122.0, 136.0), light.ambient)))
    canvas.drawPath(bowl, clay)
    return image(pixels(surface))


def painting(w: int, h: int, seed: int) -> F32:
    """An abstract landscape to hang on a wall, (h, w, 3)."""
    rng = np.random.default_rng(seed + 47)
    y, x = np.mgrid[:h, :w].astype(np.float32)
    hues = np.array(
        [[230, 214, 188], [206, 132, 98], [92, 116, 128], [58, 72, 84], [222, 176, 110]], np.float32
    )
    out = np.ones((h, w, 3), np.float32) * hues[0]
    for k in range(4):
        line = h * (0.30 + 0.17 * k) + 0.10 * h * np.sin(
            x / w * rng.uniform(2, 6) + rng.uniform(0, 6)
        )
        inside = smoothstep(-2, 2, y - line)[..., None]
        out = out * (1 - inside) + hues[1 + (k + seed) % 4] * inside
    cx, cy = w * rng.uniform(0.25, 0.75), h * 0.22
    disc = smoothstep(h * 0.10, h * 0.09, np.hypot(x - cx, y - cy))[..., None]
    out = out * (1 - disc) + np.array([214, 96, 66], np.float32) * disc
    return np.asarray(
        out * (0.93 + 0.14 * fbm(h, w, octaves=5, cells=8, seed=seed)[..., None]), np.float32
    )


def frame_on(wall: F32, box: tuple[int, int, int, int], seed: int) -> None:
    """Hang a framed picture on a wall picture, with its shadow; x, y, w, h in pixels."""
    x, y, w, h = box
    shadow = np.zeros(wall.shape[:2], np.float32)
    shadow[y + 10 : y + h + 16, x - 4 : x + w + 14] = 0.45
    wall *= 1 - cv2.GaussianBlur(shadow, (0, 0), 9)[..., None]
    wall[y : y + h, x : x + w] = (70, 52, 40)
    wall[y + 5 : y + h - 5, x + 5 : x + w - 5] = (240, 234, 222)
    m = max(12, w // 9)
    wall[y + m : y + h - m, x + m : x + w - m] = painting(w - 2 * m, h - 2 * m, seed)


_SPINES = (
    (158, 70, 58),
    (60, 88, 104),
    (212, 190, 150),
    (88, 108, 78),
    (52, 50, 60),
    (190, 134, 66),
)


def books_on(wall: F32, box: tuple[int, int, int, int], seed: int) -> None:
    """Put a row of books with a board under it on a wall picture; x, y, w, h in pixels."""
    rng = np.random.default_rng(seed)
    x, y, w, h = box
    shadow = np.zeros(wall.shape[:2], np.float32)
    shadow[y + h : y + h + 26, x : x + w + 8] = 0.5
    wall *= 1 - cv2.GaussianBlur(shadow, (0, 0), 8)[..., None]
    wall[y + h : y + h + 9, x : x + w] = (120, 84, 58)
    at = x + 8
    while at < x + w - 22:
        wide, tall = int(rng.integers(9, 20)), int(h * rng.uniform(0.62, 0.98))
        tone = np.array(_SPINES[rng.integers(len(_SPINES))], np.float32)
        round_off = (
            0.75 + 0.35 * np.sin(np.linspace(0, np.pi, wide, dtype=np.float32))[None, :, None]
        )
        wall[y + h - tall : y + h, at : at + wide] = tone * round_off
        wall[y + h - tall + 6 : y + h - tall + 9, at : at + wide] *= 1.3
        at += wide + (0 if rng.random() < 0.88 else int(rng.integers(20, 60)))


@lru_cache(maxsize=4)
def curtain(light: Light, seed: int) -> skia.Image:
    """A light curtain that hangs in folds, 160 by 460 pixels."""
    h, w = 460, 160
    x = np.arange(w, dtype=np.float32)[None, :]
    y = np.arange(h, dtype=np.float32)[:, None] / h
    phase = x / w * 2 * np.pi * 5 + 0.5 * np.sin(y * 2.4 + seed) + seed
    fold = 0.84 + 0.16 * np.sin(phase) + 0.05 * np.sin(2 * phase + 1)
    glow = np.array(light.low, np.float32) * 0.25 + np.array([232, 222, 204]) * 0.75
    rgb = glow * np.array(light.ambient) * fold[..., None] * (1.04 - 0.12 * y[..., None])
    alpha = np.full((h, w), 0.93, np.float32)
    return cut(rgb.astype(np.float32), alpha)


@lru_cache(maxsize=4)
def rug(light: Light) -> U8:
    """A rug, premultiplied RGBA uint8 (h, w, 4)."""
    h, w = 384, 640
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    edge = np.maximum(np.abs(x) ** 8, np.abs(y) ** 8)
    alpha = smoothstep(1.0, 0.9, edge)
    base = np.array([206, 190, 168]) * np.ones((h, w, 1))
    band = (np.abs(np.maximum(np.abs(x) * 0.98, np.abs(y)) - 0.82) < 0.035)[..., None]
    base = np.where(band, np.array([150, 84, 66]), base)
    diamonds = (np.abs(np.sin(x * 9)) + np.abs(np.sin(y * 6)) < 0.42)[..., None]
    base = np.where(
        diamonds & (np.maximum(np.abs(x), np.abs(y)) < 0.72)[..., None], [88, 104, 110], base
    )
    pile = 0.88 + 0.24 * fbm(h, w, octaves=4, cells=90, seed=3)[..., None]
    rgb = base * pile * np.array(light.ambient)
    out = np.dstack([rgb * alpha[..., None], alpha * 255])
    return np.asarray(np.clip(out, 0, 255), np.uint8)
