"""Glasses: two rims, a bridge and temples as bent tubes, and thin lenses that only glint."""

from __future__ import annotations

import numpy as np

from generator.heads import anatomy, raster
from generator.heads.arrays import Floats
from generator.heads.details import white_uv
from generator.heads.features import Person
from generator.heads.mesh import Part, flat, linear, sheet


def tube(path: Floats, radius: float, colour: Floats, *, tall: float = 1.0) -> Part:
    """A tube of `radius` cm along path (n, 3), `tall` times higher than thick."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    aside = np.cross(along, np.array([0.13, 0.21, 1.0]))
    aside /= np.linalg.norm(aside, axis=1, keepdims=True) + 1e-9
    up = np.cross(aside, along)
    turn = np.linspace(0, 2 * np.pi, 9)
    ring = (
        aside[:, None] * np.cos(turn)[None, :, None] * tall
        + up[:, None] * np.sin(turn)[None, :, None]
    )
    points = (path[:, None] + ring * radius).reshape(-1, 3).astype(np.float32)
    return Part(
        points=points,
        triangles=sheet(len(path), 9),
        uv=white_uv(len(points)),
        tint=flat(len(points), colour),
        material=raster.METAL,
        two_sided=True,
    )


def _lens(rim: Floats) -> Part:
    """The pane inside a rim (n, 3)."""
    middle = rim[:-1].mean(0) + np.array([0, 0, 0.12])
    points = np.concatenate([rim[:-1], middle[None]]).astype(np.float32)
    count = len(rim) - 1
    around = np.arange(count, dtype=np.int32)
    faces = np.stack([around, (around + 1) % count, np.full(count, count, np.int32)], 1)
    return Part(
        points=points,
        triangles=faces.astype(np.int32),
        uv=white_uv(len(points)),
        tint=flat(len(points), (1, 1, 1)),
        material=raster.LENS,
        two_sided=True,
        casts=False,
    )


def glasses(person: Person, ear_x: float) -> list[Part]:
    """A pair of glasses, or nothing."""
    if not person.looks.glasses:
        return []
    colour = linear(person.looks.glasses_colour)
    eye = anatomy.eye_centre(person.shape, 1)
    z = 9.15 + max(0.0, person.shape.nose_bridge) * 0.6
    y = float(eye[1]) - 0.35
    parts = []
    turn = np.linspace(0, 2 * np.pi, 49)
    wide, high = 2.45, 1.95
    for side in (-1, 1):
        middle = side * (float(eye[0]) + 0.15)
        c, s = np.cos(turn), np.sin(turn)
        x = middle + wide * np.sign(c) * np.abs(c) ** 0.8
        rim = np.stack([x, y + high * np.sign(s) * np.abs(s) ** 0.85, z - 0.035 * x**2], 1)
        parts.append(tube(rim, 0.13, colour, tall=1.2))
        parts.append(_lens(rim))
        hinge = np.array([middle + side * wide, y + 0.7, z - 0.035 * (middle + side * wide) ** 2])
        rest = np.array([side * (ear_x + 0.25), y + 0.75, -0.6])
        knee = np.array([side * max(abs(float(hinge[0])) + 0.35, ear_x), y + 0.75, hinge[2] - 0.9])
        t = np.linspace(0, 1, 24)[:, None]
        path = (1 - t) ** 2 * hinge + 2 * t * (1 - t) * knee + t**2 * rest
        hook = rest + np.linspace(0, 1, 6)[1:, None] * np.array([0, -1.6, -1.3])
        parts.append(tube(np.concatenate([path, hook]), 0.12, colour, tall=1.6))
    inner = float(eye[0]) + 0.15 - wide
    t = np.linspace(-1, 1, 17)
    bridge = np.stack([t * inner, y + 0.55 + 0.35 * (1 - t * t), z + 0.10 + 0 * t], 1)
    parts.append(tube(bridge, 0.13, colour))
    return parts
