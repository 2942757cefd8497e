"""The sky: a gradient with sun or moon, and a layer of clouds that drifts."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.light import Light
from generator.paint import Easel
from generator.textures import F32, LINEAR, RGB, cut, fbm, image, smoothstep

HALF = 1.25  # radians the panorama reaches to either side
TOP, BOTTOM = 0.95, -0.10  # radians above and below the horizon
WIDTH, HEIGHT = 1600, 672
DRIFT = 0.0035  # radians a second


@lru_cache(maxsize=3)
def sky_of(light: Light, seed: int) -> Sky:
    """Return the sky of a light, baked once per process."""
    return Sky(light, seed)


class Sky:
    """A panorama that turns with the camera."""

    def __init__(self, light: Light, seed: int) -> None:
        """Bake the panorama for one light."""
        azimuth, elevation = np.meshgrid(
            np.linspace(-HALF, HALF, WIDTH, dtype=np.float32),
            np.linspace(TOP, BOTTOM, HEIGHT, dtype=np.float32),
        )
        away = np.hypot(azimuth - light.azimuth, (elevation - light.elevation) * 1.15)
        self._light = light
        base = _gradient(light, elevation)
        night = max(light.top) < 60
        self._sky = image(base + _sun(light, away, night=night) + _stars(light, elevation, seed))
        self._clouds = _clouds(light, azimuth, elevation, away, seed)

    def draw(self, easel: Easel, t: float) -> None:
        """Fill the picture with the sky of the moment."""
        view = easel.view
        left = view.cx - view.focal * (HALF + view.yaw)
        top = view.cy - view.focal * TOP
        w, h = 2 * HALF * view.focal, (TOP - BOTTOM) * view.focal
        easel.canvas.clear(skia.Color(*[int(v) for v in self._light.top]))
        easel.canvas.drawImageRect(self._sky, skia.Rect.MakeXYWH(left, top, w, h), LINEAR)
        shift = DRIFT * t * view.focal
        easel.canvas.drawImageRect(
            self._clouds, skia.Rect.MakeXYWH(left + shift, top, w, h), LINEAR
        )


def _gradient(light: Light, elevation: F32) -> F32:
    k = np.sqrt(np.clip(elevation / TOP, 0, 1))[..., None]
    low, middle, top = (np.array(c, np.float32) for c in (light.low, light.middle, light.top))
    near = low + (middle - low) * np.clip(k / 0.5, 0, 1)
    return np.asarray(near + (top - near) * smoothstep(0.35, 1.0, k), np.float32)


def _sun(light: Light, away: F32, *, night: bool) -> F32:
    colour = np.array(light.sun, np.float32)
    strength = 1.0 - 0.8 * (light.clouds >= 1.0)
    size = 0.030 if night else 0.034
    disc = smoothstep(size * 1.15, size * 0.85, away)[..., None] * (0.9 if night else 1.0)
    near = np.exp(-((away / (0.07 if night else 0.10)) ** 2))[..., None]
    wide = np.exp(-away / (0.10 if night else 0.30))[..., None]
    glow = near * 0.28 + wide * (0.10 if night else 0.36)
    warm = np.array([1.0, 0.80, 0.58], np.float32)
    return np.asarray(strength * (disc + glow * warm) * colour, np.float32)


def _stars(light: Light, elevation: F32, seed: int) -> F32:
    if max(light.top) > 60 or light.clouds >= 1.0:
        return np.zeros((HEIGHT, WIDTH, 1), np.float32)
    rng = np.random.default_rng(seed + 5)
    spots = (rng.random((HEIGHT, WIDTH), dtype=np.float32) > 0.9987) * rng.uniform(
        120, 900, (HEIGHT, WIDTH)
    )
    soft = cv2.GaussianBlur(spots.astype(np.float32), (0, 0), 0.7)
    return np.asarray((soft * np.clip(elevation * 2, 0, 1))[..., None], np.float32)


def _clouds(light: Light, azimuth: F32, elevation: F32, away: F32, seed: int) -> skia.Image:
    noise = fbm(1024, 1024, octaves=8, cells=3, seed=seed + 1, gain=0.55)
    lift = np.clip(elevation, 0.0, None) + 0.13
    u = (azimuth / lift * 0.16 % 1.0) * 1024
    v = (0.62 / lift % 1.0) * 1024
    wrap = np.pad(noise, ((0, 2), (0, 2)), mode="wrap")
    n = cv2.remap(wrap, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR)
    toward = cv2.remap(
        wrap, u.astype(np.float32), np.clip(v + 26, 0, 1024).astype(np.float32), cv2.INTER_LINEAR
    )
    cover = 0.60 - 0.22 * light.clouds
    alpha = smoothstep(cover, cover + 0.24, n) * smoothstep(0.0, 0.10, elevation)
    alpha *= 0.92 if light.clouds >= 1.0 else 0.80
    edge = np.clip((n - toward) * 5 + 0.5, 0, 1)[..., None]
    near = np.exp(-away / 0.40)[..., None]
    alpha *= 1 - 0.75 * np.exp(-((away / 0.16) ** 2))
    lit = _lit(light) + near * np.array(light.sun, np.float32) * np.array([0.30, 0.24, 0.12])
    shade = np.array(_shade(light), np.float32)
    return cut(shade + (lit - shade) * (0.25 + 0.75 * edge), alpha)


def _lit(light: Light) -> F32:
    low, middle = np.array(light.low, np.float32), np.array(light.middle, np.float32)
    if light.clouds >= 1.0:
        return np.asarray(low, np.float32)
    if max(light.top) < 60:
        return np.asarray(0.6 * low + 0.4 * middle, np.float32)
    if light.rim > 0.7:  # a low sun colours clouds like the sky beside it, not like itself
        return np.asarray(np.clip(0.55 * low + 0.45 * middle + 14, 0, 250), np.float32)
    return np.asarray(np.clip(0.5 * low + 0.5 * np.array(light.sun), 0, 250), np.float32)


def _shade(light: Light) -> RGB:
    m, t = light.middle, light.top
    k = 0.82 if sum(t) > 120 else 0.9
    return (
        (0.6 * m[0] + 0.4 * t[0]) * k,
        (0.6 * m[1] + 0.4 * t[1]) * k,
        (0.6 * m[2] + 0.4 * t[2]) * k + 6,
    )
