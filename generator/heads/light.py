"""Light: a studio's soft boxes, and how much of it reaches each vertex.

The response of each vertex to light from every direction is measured once, in the rest pose, by
looking at the model from many directions (precomputed radiance transfer, Sloan et al. 2002), and
kept as 25 numbers over the polynomials of degree 3 and 4. A turned head then only needs the same
light seen from its own frame: soft shadows of nose, hair and chin cost one matrix product.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from generator.heads import raster
from generator.heads.arrays import Floats
from generator.heads.mesh import Model, with_light

DIRECTIONS = 76
_CELL = 0.22  # cm a sample in the visibility maps
_HALF = 27.0  # cm from the middle that the maps cover


def _unit(v: tuple[float, float, float]) -> Floats:
    a = np.asarray(v, np.float32)
    return np.asarray(a / np.linalg.norm(a), np.float32)


KEY = _unit((-0.62, 0.52, 0.72))
RIM = _unit((0.80, 0.42, -0.42))
FILL = _unit((0.85, 0.05, 0.55))


@lru_cache(maxsize=1)
def sphere() -> Floats:
    """Evenly spread unit directions (DIRECTIONS, 3)."""
    k = np.arange(DIRECTIONS) + 0.5
    y = 1 - 2 * k / DIRECTIONS
    turn = np.pi * (1 + 5**0.5) * k
    r = np.sqrt(1 - y * y)
    return np.stack([r * np.cos(turn), y, r * np.sin(turn)], 1).astype(np.float32)


def _powers(d: Floats) -> Floats:
    """The 25 monomials of degree 3 and 4 at directions (n, 3)."""
    x, y, z = d[:, 0], d[:, 1], d[:, 2]
    terms = [
        x**a * y**b * z ** (n - a - b)
        for n in (3, 4)
        for a in range(n + 1)
        for b in range(n + 1 - a)
    ]
    return np.stack(terms, 1).astype(np.float32)


@lru_cache(maxsize=1)
def _solver() -> Floats:
    return np.linalg.pinv(_powers(sphere()).astype(np.float64)).astype(np.float32)


def studio(directions: Floats) -> Floats:
    """Linear radiance (n, 3) that arrives from directions (n, 3) in the camera's frame."""
    up = directions[:, 1:2]
    sky = np.array([0.21, 0.23, 0.27]) * (0.62 + 0.38 * up)
    ground = np.array([0.34, 0.28, 0.24]) * np.clip(-up, 0, 1)
    key = np.array([1.0, 0.93, 0.84]) * 3.9 * np.exp(6.5 * (directions @ KEY - 1))[:, None]
    fill = np.array([0.80, 0.88, 1.0]) * 0.45 * np.exp(3.0 * (directions @ FILL - 1))[:, None]
    rim = np.array([1.0, 0.95, 0.90]) * 3.2 * np.exp(7.0 * (directions @ RIM - 1))[:, None]
    return np.asarray(sky + ground + key + fill + rim, np.float32)


def coefficients(rotation: Floats) -> Floats:
    """The studio as (25, 3) numbers in a frame that `rotation` (3, 3) turns into the camera's."""
    return np.asarray(_solver() @ studio(sphere() @ rotation.T), np.float32)


def _frame(direction: Floats) -> Floats:
    """Rows: right, up and towards the viewer, for a viewer in `direction`."""
    up = np.array([0, 1, 0]) if abs(direction[1]) < 0.95 else np.array([1, 0, 0])
    right = np.cross(up, direction)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(direction, right), direction]).astype(np.float32)


def bake(model: Model) -> Model:
    """Measure how open each vertex is to every direction, and fold that into its response."""
    ways = sphere()
    size = int(2 * _HALF / _CELL)
    triangles = model.shadow
    sided = np.ones(len(triangles), np.uint8)
    middle = np.array([0, -8.0, -1.0], np.float32)
    rest = model.points - middle
    lifted = rest + model.facing * 0.15
    lifted = lifted.astype(np.float32)
    seen = np.empty_like(lifted)
    powers = _powers(ways) * np.float32(4.0 / len(ways))  # 4 pi / n, divided by pi
    soft = np.zeros((len(rest), powers.shape[1]), np.float32)
    wide = np.zeros_like(soft)
    openness = np.full((len(rest), 2), 1e-6, np.float32)
    depth = np.empty((size, size), np.float32)
    ids = np.empty((size, size), np.int32)
    scale = np.array([1 / _CELL, -1 / _CELL, 1], np.float32)
    shift = np.array([size / 2, size / 2, 0], np.float32)
    for way, basis in zip(ways, powers, strict=True):
        frame = (_frame(way).T * scale).astype(np.float32)
        depth.fill(-1e9)
        raster.look(rest, frame, shift, seen)
        raster.fill(seen, triangles, sided, depth, ids)
        raster.look(lifted, frame, shift, seen)
        raster.expose(seen, model.facing, way, depth, basis, model.floor, soft, wide, openness)
    return with_light(model, soft=soft, wide=wide, open_sky=openness[:, 0] / openness[:, 1])
