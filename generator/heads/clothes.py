"""Shoulders and chest in a shirt, and what stands at the neck."""

from __future__ import annotations

import numpy as np

from generator.heads import raster
from generator.heads.arrays import Floats
from generator.heads.details import white_uv
from generator.heads.features import Person
from generator.heads.mesh import Part, flat, linear, sheet

# height, half width, half depth, depth of the middle (cm), squareness
_BODY: tuple[tuple[float, float, float, float, float], ...] = (
    (-15.3, 6.2, 6.0, -3.6, 1.0),
    (-15.9, 6.9, 6.7, -3.6, 1.0),
    (-16.6, 8.6, 7.6, -3.7, 1.0),
    (-17.4, 11.2, 8.3, -3.9, 0.98),
    (-18.5, 14.6, 8.9, -4.1, 0.95),
    (-19.9, 17.6, 9.4, -4.2, 0.90),
    (-22.1, 19.6, 10.2, -4.1, 0.85),
    (-25.2, 20.6, 11.0, -3.9, 0.82),
    (-29.7, 21.0, 11.6, -3.6, 0.80),
    (-38.7, 21.0, 12.0, -3.4, 0.80),
)


def _ring(table: Floats, angle: Floats, tilt: Floats, scale: float) -> Floats:
    """Rings (r, a, 3) of the body; `tilt` (r,) cm by which the front hangs lower."""
    height, wide, deep, middle, square = (table[:, k][:, None] for k in range(5))
    s, c = np.sin(angle)[None, :], np.cos(angle)[None, :]
    x = wide * scale * np.sign(s) * np.abs(s) ** square
    z = middle + deep * np.sign(c) * np.abs(c) ** square
    y = height - tilt[:, None] * c
    return np.stack([x, y, z], -1)


def _fine(rows: int) -> Floats:
    table = np.array(_BODY)
    at = np.linspace(0, len(table) - 1, rows)
    return np.stack([np.interp(at, np.arange(len(table)), table[:, k]) for k in range(5)], 1)


def _cloth(points: Floats, colour: Floats, *, two_sided: bool = False) -> Part:
    rows, columns = points.shape[:2]
    flat_points = points.reshape(-1, 3).astype(np.float32)
    return Part(
        points=flat_points,
        triangles=sheet(rows, columns),
        uv=white_uv(len(flat_points)),
        tint=(flat(len(flat_points), (1, 1, 1)) * colour).astype(np.float32),
        material=raster.CLOTH,
        two_sided=two_sided,
    )


def clothes(person: Person) -> list[Part]:
    """The shirt with its collar."""
    looks = person.looks
    colour = linear(looks.clothes_colour)
    scale = 0.86 + 0.14 * (person.shape.neck - 0.85) / 0.15
    angle = np.linspace(-np.pi, np.pi, 81)
    table = _fine(34)
    table[:, 1:3] += (5.0 * person.shape.neck - 5.5) * np.clip((table[:, :1] + 18.5) / 3.2, 0, 1)
    tilt = np.interp(table[:, 0], [-29, -19.7, -15.3], [0.0, 1.6, 2.3])
    body = _ring(table, angle, tilt, scale)
    body += _creases(body, person.seed)
    parts = [_cloth(body, colour * _weave(body), two_sided=True)]
    if looks.clothes == "collar":
        parts += [
            *_collar(person, angle),
            *_placket(table, tilt, scale, colour=colour, seed=person.seed),
        ]
    elif looks.clothes == "turtleneck":
        parts.append(
            _roll(
                angle,
                radius=5.0 * person.shape.neck + 0.95,
                height=-16.3,
                tall=3.6,
                colour=colour * 1.02,
                tilt=1.0,
            )
        )
    else:
        parts.append(
            _roll(
                angle,
                radius=5.0 * person.shape.neck + 0.75,
                height=-15.75,
                tall=1.0,
                colour=colour * 0.86,
                tilt=2.25,
            )
        )
    return parts


def _placket(table: Floats, tilt: Floats, scale: float, *, colour: Floats, seed: int) -> list[Part]:
    """The doubled strip down the shirt's front, with buttons."""
    strip = _ring(table[6:], np.linspace(-0.045, 0.045, 9), tilt[6:], scale)
    strip += _creases(strip, seed)
    strip[..., 2] += 0.28 - 0.25 * (np.abs(np.linspace(-1, 1, 9)) > 0.99)
    parts = [_cloth(strip, colour * 1.02)]
    dome = np.linspace(0.05, np.pi / 2, 5)[:, None]
    turn = np.linspace(0, 2 * np.pi, 15)[None, :]
    for y in (-20.6, -25.0):
        row = int(np.argmin(np.abs(strip[:, 4, 1] - y)))
        x = 0.42 * np.sin(dome) * np.sin(turn)
        lift = 0.42 * np.sin(dome) * np.cos(turn)
        bulge = 0.16 * np.cos(dome) + 0 * turn
        button = np.stack([x, lift, bulge], -1) + strip[row, 4]
        parts.append(_cloth(button, np.array([0.55, 0.53, 0.50])))
    return parts


def _weave(body: Floats) -> Floats:
    """Brightness (n, 1) of the cloth: softly uneven."""
    x, y = (body[..., k].reshape(-1, 1) for k in range(2))
    tone = 0.90 + 0.05 * np.sin(x * 0.9 + 1.3 * np.sin(y * 0.7)) * np.sin(y * 0.8 + 0.5 * x)
    return np.asarray(tone)


def _creases(body: Floats, seed: int) -> Floats:
    """Shallow folds over chest and shoulders."""
    rng = np.random.default_rng(seed + 17)
    x, y = body[..., 0], body[..., 1]
    fold = np.zeros_like(x)
    for _ in range(7):
        kx, ky, phase = rng.uniform(-0.25, 0.25), rng.uniform(0.15, 0.55), rng.uniform(0, 6.3)
        fold += 0.17 * np.sin(kx * np.abs(x) * 1.6 + ky * y + phase)
    fade = np.clip((-18.5 - y) / 5.0, 0, 1)
    return np.stack([0 * x, 0.3 * fold * fade, fold * fade], -1)


def _roll(
    angle: Floats, *, radius: float, height: float, tall: float, colour: Floats, tilt: float
) -> Part:
    """A ribbed ring around the neck."""
    bend = np.linspace(0, 2 * np.pi, 11)
    ring = radius + 0.42 * np.cos(bend)[:, None] + 0.035 * np.cos(angle * 90)[None, :]
    lift = height + tall * 0.5 * np.sin(bend)[:, None] * (1.0 if tall > 1.5 else 0.9)
    flare = 0.10 * np.clip(-(lift - height), 0, 9)
    x = (ring + flare) * np.sin(angle)
    z = -3.45 + (ring * 0.98 + flare) * np.cos(angle)
    y = lift - tilt * np.cos(angle)[None, :]
    points = np.stack([x, y + 0 * x, z], -1)[::-1]
    return _cloth(points, colour)


def _collar(person: Person, angle: Floats) -> list[Part]:
    """A folded shirt collar, open at the throat, over a plain inner shirt."""
    colour = linear(person.looks.clothes_colour)
    gap = 0.42
    turn = np.linspace(gap, 2 * np.pi - gap, 81)
    front = np.cos(turn)
    point = np.clip((front - 0.35) / 0.6, 0, 1)
    inside = 5.0 * person.shape.neck + 0.85
    rows = []
    for k, share in enumerate(np.linspace(0, 1, 14)):
        rise = np.sin(min(1.0, share * 2.2) * np.pi / 2)
        fall = max(0.0, (share - 0.42) / 0.58)
        radius = inside + 0.25 * share + 1.0 * fall + 1.2 * fall * point + 0.02 * k
        y = -17.3 + 3.2 * rise - (3.0 + 2.2 * point) * fall - 2.0 * front
        x = radius * np.sin(turn)
        z = -3.4 + radius * front * (1 + 0.06 * fall)
        rows.append(np.stack([x, y, z], -1))
    leaf = np.stack(rows)
    parts = [_cloth(leaf, colour * 1.2, two_sided=True)]
    parts.append(
        _roll(
            angle,
            radius=5.0 * person.shape.neck + 0.7,
            height=-16.2,
            tall=1.0,
            colour=linear(person.looks.inner_colour),
            tilt=2.3,
        )
    )
    return parts
