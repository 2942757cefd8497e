"""House fronts: walls with windows, some of them lit."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.light import Light
from generator.textures import F32, fbm, image

W, H = 768, 1024

_WALLS = ((150, 104, 88), (134, 100, 98), (166, 132, 108), (116, 92, 92), (142, 126, 120))


def _window(wall: F32, box: tuple[int, int, int, int], glow: F32, *, lit: bool) -> None:
    x, y, w, h = box
    frame = wall[y - 8 : y + h + 10, x - 8 : x + w + 8]
    frame *= 0.62
    pane = np.linspace(1.08, 0.72, h, dtype=np.float32)[:, None, None] * glow
    if lit:
        across = np.linspace(0, 1, w, dtype=np.float32)[None, :, None]
        pane = pane * (1 - 0.35 * np.exp(-((across - 0.15) ** 2) / 0.02))
    wall[y : y + h, x : x + w] = pane
    dark = glow * (0.55 if lit else 0.7)
    wall[y : y + h, x + w // 2 - 2 : x + w // 2 + 2] = dark
    wall[y + h // 3 : y + h // 3 + 4, x : x + w] = dark
    wall[y + h + 4 : y + h + 12, x - 12 : x + w + 12] *= 1.5


@lru_cache(maxsize=12)
def facade(light: Light, seed: int, *, floors: int = 5, lit_share: float = 0.4) -> skia.Image:
    """Draw a front of `floors` storeys, 768 by 1024 pixels, the bottom storey a shop or doors."""
    rng = np.random.default_rng(seed)
    ambient = np.array(light.ambient, np.float32)
    tone = np.array(_WALLS[seed % len(_WALLS)], np.float32) * ambient
    wall = tone * (0.78 + 0.36 * fbm(H, W, octaves=6, cells=6, seed=seed)[..., None])
    storey = H // (floors + 1)
    columns = int(rng.integers(4, 6))
    pitch = W // columns
    for floor in range(floors):
        top = 26 + floor * storey
        cv2.line(wall, (0, top - 16), (W, top - 16), (tone * 0.62).tolist(), 5)
        for column in range(columns):
            lit = light.lamps and bool(rng.random() < lit_share)
            glow = _pane(light, rng, lit=lit)
            box = (column * pitch + pitch // 5, top + 12, pitch * 3 // 5, storey * 3 // 5)
            _window(wall, box, glow, lit=lit)
    _shop(wall, light, rng, H - storey + 6)
    wall *= np.linspace(1.02, 0.74, H, dtype=np.float32)[:, None, None] ** (
        0.4 if light.lamps and light.wet else 1.0
    )
    return image(wall)


def _pane(light: Light, rng: np.random.Generator, *, lit: bool) -> F32:
    if lit:
        warm = np.array([[255, 204, 128], [255, 226, 176], [226, 232, 255], [255, 184, 108]])
        return np.asarray(warm[rng.integers(4)] * rng.uniform(0.7, 1.0), np.float32)
    sky = 0.35 * np.array(light.middle, np.float32) + 12
    return np.asarray(sky * rng.uniform(0.7, 1.1), np.float32)


def _shop(wall: F32, light: Light, rng: np.random.Generator, top: int) -> None:
    bright = 1.0 if light.lamps else 0.55
    glow = np.array([[255, 222, 170], [255, 236, 206], [214, 240, 255]][rng.integers(3)])
    panes = int(rng.integers(2, 4))
    # A dark pillar between two bright panes under a dark awning reads as a face to a detector
    # once it is out of focus; the front between the panes is therefore lit almost like them.
    wall[top + 52 : H - 10] = (
        glow * bright * np.linspace(0.62, 0.40, H - 10 - top - 52)[:, None, None]
    )
    for k in range(panes):
        x0, x1 = k * W // panes + 14, (k + 1) * W // panes - 14
        h = H - 10 - (top + 52)
        pane = glow * bright * np.linspace(1.0, 0.62, h)[:, None, None] * np.ones((h, x1 - x0, 1))
        wall[top + 52 : top + 52 + h, x0:x1] = pane * _goods(h, x1 - x0, rng)
    awning = np.array(
        [[176, 62, 58], [48, 104, 96], [58, 74, 132], [186, 140, 60]][rng.integers(4)], np.float32
    ) * np.clip(np.array(light.ambient, np.float32) + (0.25 if light.lamps else 0), 0, 1)
    stripes = 0.8 + 0.3 * (np.arange(W) // 32 % 2)[None, :, None]
    wall[top : top + 44] = awning * stripes * np.linspace(1.15, 0.8, 44)[:, None, None]
    wall[top + 44 : top + 52] *= 0.4


def _goods(h: int, w: int, rng: np.random.Generator) -> F32:
    """What stands in a shop window: shelves with things on them, as factors on its light."""
    out = np.ones((h, w, 1), np.float32)
    for shelf in range(2):
        foot = h * (shelf + 1) // 2 - 4
        x = 4
        while x < w - 12:
            wide, tall = int(rng.integers(8, 26)), int(rng.integers(h // 8, h // 3))
            out[foot - tall : foot, x : x + wide] = rng.uniform(0.35, 0.85)
            x += wide + int(rng.integers(3, 14))
        out[foot : foot + 4] = 0.5
    return np.asarray(cv2.GaussianBlur(out, (0, 0), 1.2)[..., None], np.float32)
