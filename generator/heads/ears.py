"""Ears: a bowl with a rolled rim, the inner fold, the tragus and a lobe."""

from __future__ import annotations

import numpy as np

from generator.heads import raster
from generator.heads.arrays import Floats
from generator.heads.details import white_uv
from generator.heads.features import Person
from generator.heads.mesh import Part, linear, sheet
from generator.heads.surface import Skin

_RINGS, _SPOKES = 20, 44


def _bump(x: Floats, centre: float, width: float) -> Floats:
    return np.asarray(np.exp(-(((x - centre) / width) ** 2)))


def _turn(a: Floats, centre: float, width: float) -> Floats:
    d = (a - centre + np.pi) % (2 * np.pi) - np.pi
    return np.asarray(np.exp(-((d / width) ** 2)))


def _relief() -> tuple[Floats, Floats, Floats, Floats]:
    """Backward, upward and outward cm of the ear's grid, and how much blood shows, 0..1."""
    r = np.concatenate([np.linspace(0, 1, _RINGS - 3), [1.015, 0.94, 0.55]])[:, None]
    a = np.linspace(0, 2 * np.pi, _SPOKES)[None, :]  # 0 up, pi/2 backward
    outline = 1 + 0.06 * _turn(a, 0.7, 0.7) - 0.13 * _turn(a, 2.25, 0.5) + 0.05 * _turn(a, 2.9, 0.4)
    back = 1.85 * r * outline * np.sin(a)
    back = np.where(np.sin(a) < 0, back * 0.62, back)
    up = 3.1 * r * outline * np.cos(a)
    back = back - 0.10 * up
    rim = _turn(a, 0.75, 1.35) + 0.55 * _turn(a, -0.55, 0.5)
    roll = 0.40 * _bump(r, 0.90, 0.085) * np.clip(rim, 0, 1) - 0.22 * _bump(r, 0.74, 0.07) * rim
    fold = 0.36 * _bump(r, 0.56, 0.11) * np.clip(_turn(a, 1.7, 1.2), 0, 1)
    bowl = -0.85 * np.exp(-((back - 0.05) ** 2) / 0.42 - ((up + 0.35) ** 2) / 0.75)
    tragus = 0.45 * np.exp(-((back + 0.85) ** 2) / 0.06 - ((up + 0.45) ** 2) / 0.22)
    lobe = 0.12 * np.exp(-((up + 2.5) ** 2) / 0.5)
    out = 0.42 + roll + fold + bowl + tragus + lobe
    out = out + np.array([*[0.0] * (_RINGS - 3), -0.22, -0.50, -0.75])[:, None]
    blood = 0.35 + 0.5 * np.clip(roll * 2, 0, 1) + 0.4 * np.clip(-bowl, 0, 1)
    return back, up, out, blood


def ears(person: Person, skin: Skin) -> list[Part]:
    """Both ears of a person, seated on the skin."""
    back, up, out, blood = _relief()
    size = person.shape.ear_size
    colour = linear(person.looks.skin)
    red = colour * np.array([0.92, 0.55, 0.48], np.float32)
    seat = np.argmin(np.sum((skin.points - np.array([7.4, -1.3, -0.9])) ** 2, 1))
    base = skin.points[seat]
    parts = []
    lean = np.radians(24 * person.shape.ear_out)
    hinge = back + 1.05
    x = base[0] - 0.12 + size * (out * np.cos(lean) + hinge * np.sin(lean))
    z = base[2] + 0.9 + size * (-hinge * np.cos(lean) + out * np.sin(lean))
    y = base[1] + size * up
    mix = np.clip(blood, 0, 1).reshape(-1, 1) * 0.8
    tint = colour * (1 - mix) + red * mix
    grid = sheet(_RINGS, _SPOKES)
    for side in (-1, 1):
        points = np.stack([side * x, y, z], -1).reshape(-1, 3).astype(np.float32)
        faces = grid if side < 0 else grid[:, [0, 2, 1]]
        parts.append(
            Part(
                points=points,
                triangles=np.ascontiguousarray(faces),
                uv=white_uv(len(points)),
                tint=tint.astype(np.float32),
                material=raster.SKIN,
            )
        )
    return parts
