"""Clothes and limbs as pictures: shaped, folded and lit once, then only moved."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generator.light import Light
from generator.textures import F32, RGB, fbm, inflate, mix

TOP_Y, HEM_Y, TORSO_W = 1.60, 0.76, 0.72  # metres: the torso picture's extent

_COLOURS: tuple[RGB, ...] = (
    (58, 74, 104),
    (168, 84, 66),
    (196, 178, 150),
    (74, 92, 78),
    (122, 60, 74),
    (52, 52, 60),
    (206, 196, 184),
    (86, 104, 136),
    (186, 140, 70),
)
_TROUSERS: tuple[RGB, ...] = ((44, 52, 80), (60, 58, 62), (92, 82, 72), (36, 40, 48))


@dataclass(frozen=True, kw_only=True, slots=True)
class Outfit:
    """What a person wears: cut of the top, colours of outer and inner layer, trousers, shoes."""

    cut: str
    outer: RGB
    inner: RGB
    trousers: RGB
    shoes: RGB


def outfit(seed: int) -> Outfit:
    """Choose an outfit from a seed."""
    rng = np.random.default_rng(seed)
    outer, inner = (_COLOURS[int(k)] for k in rng.choice(len(_COLOURS), 2, replace=False))
    if sum(inner) < 330:
        inner = mix(inner, (232.0, 226.0, 218.0), 0.8)
    return Outfit(
        cut=("jacket", "knit", "coat")[int(rng.integers(3))],
        outer=outer,
        inner=inner,
        trousers=_TROUSERS[int(rng.integers(len(_TROUSERS)))],
        shoes=((226, 222, 214), (70, 48, 38), (40, 40, 44))[int(rng.integers(3))],
    )


def lit(albedo: F32, alpha: F32, light: Light, depth: float) -> F32:
    """Light a shape as if it were puffed up: key from the side, sky from above, rim from behind."""
    return shade(albedo, inflate(alpha, depth), light)


def shade(albedo: F32, normals: tuple[F32, F32], light: Light) -> F32:
    """Light a surface (h, w, 3) by the x and y of its normals."""
    nx, ny = normals
    person = np.array(mix(light.ambient, (1.0, 1.0, 1.0), 0.36), np.float32)
    key = np.clip(0.62 * light.side * nx - 0.42 * ny + 0.18, 0, 1)[..., None]
    fill = (0.74 - 0.16 * light.side * nx - 0.14 * ny)[..., None]
    total = fill * person + 0.62 * key * np.array(light.key, np.float32) * person
    rim = np.clip(0.9 * light.side * nx - 0.45 * ny - 0.52, 0, 1)[..., None] * 1.5 * light.rim
    glow = np.array(light.sun, np.float32) * np.array([1.0, 0.86, 0.72], np.float32)
    return np.clip(albedo * total + glow * rim * 0.75, 0, 255).astype(np.float32)


def fabric(shape: tuple[int, ...], seed: int, ppm: float) -> F32:
    """Folds and weave, about 1."""
    h, w = shape[:2]
    folds = fbm(max(h // 3, 8), w, octaves=4, cells=5, seed=seed)
    folds = cv2.resize(folds, (w, h), interpolation=cv2.INTER_CUBIC)
    weave = fbm(h, w, octaves=2, cells=max(4, int(w / max(ppm * 0.006, 2))), seed=seed + 1)
    return np.asarray(0.86 + 0.24 * folds + 0.06 * (weave - 0.5), np.float32)


def limb(
    colour: RGB, light: Light, *, length: float, radii: tuple[float, float], ppm: float, seed: int
) -> tuple[F32, F32]:
    """Return colours and matte of a limb from its upper joint (top) to its lower one.

    The joints lie one radius inside the picture's ends; the picture is twice the larger radius
    wide.
    """
    r = max(radii)
    w, h = max(round(2 * r * ppm), 4), max(round((length + radii[0] + radii[1]) * ppm), 6)
    y = (np.arange(h, dtype=np.float32) + 0.5)[:, None] / ppm
    x = ((np.arange(w, dtype=np.float32) + 0.5)[None, :] - w / 2) / ppm
    along = np.clip((y - radii[0]) / length, 0, 1)
    radius = radii[0] + (radii[1] - radii[0]) * along
    away = np.hypot(x, y - (radii[0] + along * length))
    alpha = np.clip((radius - away) * ppm + 0.5, 0, 1).astype(np.float32)
    cloth = fabric((h, w), seed, ppm)[..., None]
    albedo = np.array(colour, np.float32) * cloth
    # Level along the bone, so that the rounded ends do not show where two limbs meet.
    nx = np.clip(x / np.maximum(radius, 1e-4), -1, 1).astype(np.float32) * np.float32(0.9)
    return shade(albedo, (nx, np.zeros_like(nx)), light), alpha
