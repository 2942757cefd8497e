"""What stands on the horizon: hills, a headland, a skyline. Drawn as a strip that turns along."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import skia

from generator.light import Light
from generator.paint import Easel
from generator.textures import F32, LINEAR, RGB, cut, fbm, mix

HALF = 1.25  # radians to either side
TALL = 0.30  # radians above the horizon
W, H = 1600, 192


def draw(easel: Easel, strip: skia.Image) -> None:
    """Draw a strip that was made by `ridges` or `skyline` on the horizon."""
    view = easel.view
    left = view.cx - view.focal * (HALF + view.yaw)
    box = skia.Rect.MakeLTRB(
        left, view.cy - TALL * view.focal, left + 2 * HALF * view.focal, view.cy + 1
    )
    easel.canvas.drawImageRect(strip, box, LINEAR)


@lru_cache(maxsize=4)
def ridges(light: Light, seed: int, *, colour: RGB, span: tuple[float, float]) -> skia.Image:
    """Three ridges one behind the other, highest at `span[1]` radians and gone at `span[0]`."""
    azimuth = np.linspace(-HALF, HALF, W, dtype=np.float32)
    rise = np.clip((azimuth - span[0]) / (span[1] - span[0]), 0, 1) ** 1.3
    alpha = np.zeros((H, W), np.float32)
    rgb = np.ones((H, W, 3), np.float32) * np.array(light.fog, np.float32)
    height = (np.arange(H, dtype=np.float32)[::-1] / H * TALL)[:, None]
    for k in range(3):
        line = fbm(8, W, octaves=5, cells=5 + 3 * k, seed=seed + k)[4]
        trees = fbm(8, W, octaves=7, cells=40, seed=seed + 9 + k, gain=0.7)[4]
        top = rise * (0.115 - 0.035 * k) * (0.30 + 1.0 * line) + 0.006 * trees * rise
        solid = np.clip((top[None, :] - height) * 900, 0, 1) * (rise > 0)[None, :]
        far = mix(mix(colour, light.middle, 0.15), light.fog, 0.72 - 0.24 * k)
        shade = np.array(far, np.float32) * (0.86 + 0.22 * height[..., None] / TALL)
        rgb = rgb * (1 - solid[..., None]) + shade * solid[..., None]
        alpha = np.maximum(alpha, solid)
    return cut(rgb, alpha)


@lru_cache(maxsize=4)
def skyline(light: Light, seed: int) -> skia.Image:
    """Towers of a city with their windows, fading towards the street."""
    rng = np.random.default_rng(seed)
    rgb, alpha = np.zeros((H, W, 3), np.float32), np.zeros((H, W), np.float32)
    for layer in range(2):
        x = 0
        while x < W:
            wide = int(rng.integers(14, 46))
            tall = int(H * rng.uniform(0.25, 0.95) * (0.62 + 0.3 * layer) * rng.uniform(0.5, 1.0))
            far = mix(light.fog, light.top, 0.25 + 0.35 * layer)
            _tower(rgb[H - tall :, x : x + wide], light, far, rng)
            alpha[H - tall :, x : x + wide] = 1
            x += wide + int(rng.integers(0, 16))
    return cut(rgb, alpha)


def _tower(part: F32, light: Light, colour: RGB, rng: np.random.Generator) -> None:
    h, w = part.shape[:2]
    fall = np.linspace(0, 0.5, h, dtype=np.float32)[:, None, None]
    part[:] = np.array(colour, np.float32) * (1 - fall) + np.array(light.fog, np.float32) * fall
    if not light.lamps:
        return
    for y in range(4, h - 3, 5):
        for x in range(3, w - 3, 4):
            if rng.random() < 0.34:
                part[y : y + 3, x : x + 2] = np.array([255, 214, 150]) * rng.uniform(0.4, 0.95)
