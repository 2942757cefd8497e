"""Eyebrows, beards and moustaches as short locks grown on the skin."""

from __future__ import annotations

import numpy as np

from generator.heads import skin as painting
from generator.heads.arrays import Floats
from generator.heads.features import Person
from generator.heads.growth import Ground, grow, ribbons, scatter, tangent
from generator.heads.mesh import Part, linear
from generator.heads.surface import Skin


def eyebrows(person: Person, skin: Skin, on: Ground) -> list[Part]:
    """Fine hairs over the painted brow."""
    p = skin.points
    mask = painting.brow_mask(p[:, 0], p[:, 1], p[:, 2], person)
    rng = np.random.default_rng(person.seed + 21)
    count = int(300 * person.looks.brow_weight)
    roots, near = scatter(p, skin.triangles, mask**1.5, count, person.seed + 22)
    side = np.sign(roots[:, :1])
    along = np.clip((np.abs(roots[:, :1]) - 1.2) / 3.6, 0, 1)
    way = np.concatenate([side * (0.35 + 0.8 * along), 0.75 - 1.05 * along, 0.15 + 0 * along], 1)
    way = way + rng.normal(0, 0.10, way.shape)
    lengths = rng.uniform(0.45, 0.8, count).astype(np.float32)
    flow = lambda _at, _n, _share: way - np.array([0, 0, 0.35])  # noqa: E731
    clear = (np.full(count, 0.02, np.float32), np.full(count, 0.06, np.float32))
    path, out = grow(roots, way.astype(np.float32), lengths, steps=3, flow=flow, on=on, clear=clear)
    tint = linear(person.looks.brows) * rng.uniform(0.6, 1.2, (count, 1))
    width = np.full(count, 0.085, np.float32)
    return [
        ribbons(
            path,
            out,
            width,
            tint.astype(np.float32),
            shade=(0.8, 1.0),
            motion=skin.motion.take(near.astype(np.intp)),
            casts=False,
        )
    ]


def beard(person: Person, skin: Skin, normals: Floats, on: Ground) -> list[Part]:
    """A beard or moustache of short locks; stubble is painted, not grown."""
    style = person.looks.beard
    if style in ("none", "stubble"):
        return []
    p = skin.points
    mask = painting.beard_mask(p[:, 0], p[:, 1], p[:, 2], person)
    rng = np.random.default_rng(person.seed + 41)
    count = {"full": 3000, "goatee": 900, "moustache": 600}[style]
    roots, near = scatter(p, skin.triangles, np.clip(mask, 0, 1) ** 2, count, person.seed + 42)
    ax, sign = np.abs(roots[:, :1]), np.sign(roots[:, :1])
    lip = (roots[:, 1:2] > -7.2 + person.shape.mouth_height) & (ax < 3.0)
    outward = np.where(lip, 0.75 * np.tanh(ax), 0.10 + 0.04 * ax)
    way = np.concatenate([sign * outward, np.where(lip, -0.55, -1.0), np.where(lip, 0.25, 0.30)], 1)
    way = way + rng.normal(0, 0.22, way.shape)
    long_ = {"full": 1.15, "goatee": 0.8, "moustache": 0.95}[style]
    lengths = long_ * rng.uniform(0.55, 1.1, count) * np.where(lip[:, 0], 0.75, 1.0)
    low = np.clip((-8.0 - roots[:, 1]) / 3, 0, 1)
    lengths = (lengths * (0.7 + 0.5 * low)).astype(np.float32)
    flow = lambda _at, n, _share: tangent(way.astype(np.float32), n)  # noqa: E731
    clear = (np.full(count, 0.03, np.float32), np.full(count, 0.16, np.float32))
    first = (way + 0.25 * normals[near]).astype(np.float32)
    path, out = grow(roots, first, lengths, steps=4, flow=flow, on=on, clear=clear)
    base = linear(person.looks.beard_colour or person.looks.hair)
    grey = rng.uniform(0, 1, (count, 1)) < person.looks.hair_grey * 0.8
    tint = np.where(grey, linear((190, 188, 184)), base) * np.exp(rng.normal(0, 0.22, (count, 1)))
    width = rng.uniform(0.12, 0.22, count).astype(np.float32)
    return [
        ribbons(
            path,
            out,
            width,
            tint.astype(np.float32),
            shade=(0.65, 1.05),
            motion=skin.motion.take(near.astype(np.intp)),
        )
    ]
