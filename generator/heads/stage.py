"""The room behind a person, and the camera that looks at it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from generator.heads.arrays import Floats
from generator.heads.features import Person
from generator.heads.mesh import linear


@lru_cache(maxsize=8)
def backdrop(person: Person, size: tuple[int, int]) -> Floats:
    """A softly lit wall, out of focus: linear colour (H, W, 3)."""
    width, height = size
    rng = np.random.default_rng(person.seed + 31)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x - width / 2) / height, y / height - 0.5  # picture heights
    base = linear(person.looks.backdrop)
    out: Floats = np.ones((height, width, 3), np.float32) * base
    out = _furnish(out, base, (height, width), rng)
    blur = height * 0.022
    out = cv2.GaussianBlur(out, (0, 0), blur)
    glow = 0.42 + 0.85 * np.exp(-((x + 0.34) ** 2 / 0.30 + (y + 0.16) ** 2 / 0.34))
    plaster = cv2.resize(rng.normal(0, 1, (90, 120)).astype(np.float32), (width, height))
    out *= (glow + 0.018 * plaster)[..., None] * np.array([1.03, 1.0, 0.96], np.float32)
    return np.ascontiguousarray(out, np.float32)


def _furnish(out: Floats, base: Floats, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Shapes of a room: a window's light, a shelf with books, a picture, the edge of a table."""
    height, width = size
    unit = height

    def box(x0: float, y0: float, x1: float, y1: float, colour: Floats) -> None:
        left, right = (int(width / 2 + v * unit) for v in (x0, x1))
        top, bottom = (int(height / 2 + v * unit) for v in (y0, y1))
        cv2.rectangle(out, (left, top), (right, bottom), colour.tolist(), -1)

    side = 1 if rng.uniform() < 0.5 else -1

    def at(a: float, b: float) -> tuple[float, float]:
        return (a, b) if side > 0 else (-b, -a)

    x0, x1 = at(0.36, 0.72)
    box(x0, -0.30, x1, -0.275, base * 0.45)
    box(x0, 0.02, x1, 0.045, base * 0.45)
    for row in (-0.30, 0.02):
        place = x0 + 0.01
        while place < x1 - 0.03:
            thick, tall = rng.uniform(0.018, 0.04), rng.uniform(0.11, 0.20)
            hue = base * rng.uniform(0.35, 1.5, 3).astype(np.float32)
            if rng.uniform() < 0.8:
                box(place, row - tall, place + thick, row, np.clip(hue, 0, 0.8))
            place += thick + 0.004
    x0, x1 = at(-0.66, -0.40)
    box(x0, -0.36, x1, 0.00, base * 1.9)
    box(
        x0 + 0.02,
        -0.34,
        x1 - 0.02,
        -0.02,
        np.clip(base * np.array([1.4, 1.7, 2.0], np.float32), 0, 0.95),
    )
    box(-2, 0.34, 2, 0.36, base * 0.7)
    return out


@lru_cache(maxsize=1)
def _curve() -> npt.NDArray[np.uint8]:
    """Linear light 0..4 in 4096 steps to bytes: sRGB with a soft shoulder."""
    x = np.arange(4096) / 1024.0
    knee = 0.62
    soft = np.where(x < knee, x, knee + (1 - knee) * (1 - np.exp(-(x - knee) / (1 - knee) * 0.9)))
    return np.clip(
        255 * np.where(soft < 0.0031308, 12.92 * soft, 1.055 * soft ** (1 / 2.4) - 0.055) + 0.5,
        0,
        255,
    ).astype(np.uint8)


@lru_cache(maxsize=4)
def _grain(width: int, height: int) -> npt.NDArray[np.int8]:
    """Sensor noise in levels, with room to shift a picture of that size about."""
    shape = (height + 256, width + 256)
    noise = np.random.default_rng(5).normal(0, 1.5, shape)
    return np.clip(np.rint(noise), -6, 6).astype(np.int8)


def develop(light: Floats, noise_seed: int | None) -> npt.NDArray[np.uint8]:
    """Linear light (H, W, 3) as an sRGB picture; with a seed, with a camera's noise in it."""
    index = np.minimum(light * np.float32(1024.0), np.float32(4095.0)).astype(np.uint16)
    out = np.asarray(_curve()[index], np.uint8)
    if noise_seed is None:
        return out
    height, width = out.shape[:2]
    dx, dy, flip = np.random.default_rng(noise_seed).integers(0, 256, 3)
    grain = _grain(width, height)[dy : dy + height, dx : dx + width]
    grain = grain[:, ::-1] if flip % 2 else grain
    return np.asarray(cv2.add(out, cv2.merge([grain] * 3), dtype=cv2.CV_8U), np.uint8)


@lru_cache(maxsize=1)
def _back() -> Floats:
    """From bytes to the light that `develop` turns into them."""
    return np.interp(np.arange(256), _curve(), np.arange(4096) / 1024.0).astype(np.float32)


def undevelop(picture: npt.NDArray[np.uint8]) -> Floats:
    """The light (H, W, 3) that `develop` without noise turns into the sRGB `picture`."""
    return _back()[picture]
