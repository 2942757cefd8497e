"""Eyeballs, lid edges, lashes, the inside of the mouth and the ears."""

from __future__ import annotations

import numpy as np

from generator.heads import anatomy, raster
from generator.heads.arrays import Floats, Ints
from generator.heads.features import Person, Shape
from generator.heads.mesh import Motion, Part, flat, linear, sheet
from generator.heads.surface import Skin, Slit

EYE_TEXELS = 192
EYE_ORIGIN = (8, 1032)  # column, row of the eye's picture in the atlas
WHITE = (500, 1080)  # a white texel


def white_uv(count: int) -> Floats:
    """Atlas places (count, 2) of pure white, for parts that carry their colour per vertex."""
    return flat(count, WHITE)


def eyeball(shape: Shape, side: int) -> Part:
    """One eyeball whose uv shows the eye's picture, seen from the front."""
    centre = anatomy.eye_centre(shape, side)
    rings, spokes = 22, 36
    tilt = np.linspace(0, np.pi * 0.62, rings)[:, None]
    turn = np.linspace(0, 2 * np.pi, spokes)[None, :]
    bulge = 1 + 0.075 * np.exp(-((tilt / 0.36) ** 4))
    unit = np.stack(
        [np.sin(tilt) * np.sin(turn), np.sin(tilt) * np.cos(turn), np.cos(tilt) + 0 * turn], -1
    )
    points = centre + (unit * bulge[..., None] * anatomy.EYE_RADIUS).reshape(-1, 3)
    scale = tilt / (np.pi * 0.62) * (EYE_TEXELS / 2 - 3)
    uv = np.stack([scale * np.sin(turn), -scale * np.cos(turn)], -1).reshape(-1, 2)
    uv = uv + np.array(EYE_ORIGIN) + EYE_TEXELS / 2
    count = len(points)
    motion = Motion.still(count)
    ones = np.ones(count, np.float32)
    return Part(
        points=points.astype(np.float32),
        triangles=np.ascontiguousarray(sheet(rings, spokes)[:, [0, 2, 1]]),
        uv=uv.astype(np.float32),
        tint=flat(count, (1, 1, 1)),
        material=raster.EYE,
        motion=Motion(
            jaw=motion.jaw, lid=motion.lid, eye=ones * side, gaze=ones, smile=motion.smile
        ),
    )


def lid_rims(person: Person, skin: Skin) -> list[Part]:
    """The thin edges of the lids, from the skin's slit in to the eyeball."""
    parts = []
    for side, slit in zip((-1, 1), skin.eyes, strict=True):
        centre = anatomy.eye_centre(person.shape, side)
        for edge, upper in ((slit.upper, True), (slit.lower, False)):
            outer = skin.points[edge]
            d = outer - centre
            inner = centre + d / np.linalg.norm(d, axis=1, keepdims=True) * (
                anatomy.EYE_RADIUS * 1.004
            )
            points = np.concatenate([outer, inner])
            rosy = linear(person.looks.skin) * np.array([0.80, 0.52, 0.50], np.float32)
            dark = rosy * (0.18 if upper else 0.75)
            tint = np.concatenate([flat(len(outer), dark), flat(len(inner), dark * 0.8)])
            parts.append(
                Part(
                    points=points.astype(np.float32),
                    triangles=sheet(2, len(edge)),
                    uv=white_uv(len(points)),
                    tint=tint,
                    material=raster.MOUTH,
                    two_sided=True,
                    motion=skin.motion.take(np.concatenate([edge, edge])),
                    casts=False,
                )
            )
    return parts


def lashes(person: Person, skin: Skin) -> list[Part]:
    """Short dark spikes along the lids."""
    rng = np.random.default_rng(person.seed + 5)
    parts = []
    for side, slit in zip((-1, 1), skin.eyes, strict=True):
        centre = anatomy.eye_centre(person.shape, side)
        for edge, reach, lift, per in (
            (slit.upper, 0.38 * person.looks.lashes, 0.40, 3),
            (slit.lower, 0.15 * person.looks.lashes, -0.45, 1),
        ):
            parts.append(
                _spikes(skin, edge, centre=centre, side=side, style=(reach, lift, per), rng=rng)
            )
    return parts


def _spikes(
    skin: Skin,
    edge: Ints,
    *,
    centre: Floats,
    side: int,
    style: tuple[float, float, int],
    rng: np.random.Generator,
) -> Part:
    reach, lift, per = style
    line = skin.points[edge]
    count = (len(edge) - 3) * per
    place = np.sort(rng.uniform(1.0, len(edge) - 2.0, count))
    low = place.astype(int)
    t = (place - low)[:, None].astype(np.float32)
    root = line[low] * (1 - t) + line[low + 1] * t
    out = root - centre
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    across = (place / (len(edge) - 1) - 0.5) * 2 * (side if side > 0 else -1)
    outward = np.where(side > 0, 1.0, -1.0) * (0.35 + 0.55 * across)
    way = out + np.stack([outward, np.full(count, lift), np.full(count, 0.10)], 1)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    length = reach * rng.uniform(0.6, 1.0, (count, 1)) * (0.65 + 0.35 * across[:, None])
    wide = np.array([0.03, 0, 0], np.float32)
    root = root + out * 0.01
    points = np.stack([root - wide, root + wide, root + way * np.abs(length)], 1).reshape(-1, 3)
    weights = skin.motion.take(np.repeat(edge[low], 3).astype(np.intp))
    return Part(
        points=points.astype(np.float32),
        triangles=np.arange(3 * count, dtype=np.int32).reshape(-1, 3),
        uv=white_uv(3 * count),
        tint=flat(3 * count, (0.012, 0.010, 0.010)),
        material=raster.MOUTH,
        two_sided=True,
        motion=weights,
        casts=False,
    )


def mouth_inside(person: Person, skin: Skin) -> list[Part]:
    """Inner lips, the dark of the mouth, teeth and tongue."""
    slit = skin.mouth
    y = anatomy.mouth_y(person.shape)
    lip = linear(person.looks.lips) * 0.62
    parts = [
        _lip_lining(skin, slit, True, lip),
        _lip_lining(skin, slit, False, lip),
        _teeth(y + 0.70, y - 0.26, 7.50, 0.0),
        _teeth(y - 0.36, y - 0.95, 7.22, 1.0),
        _tongue(y),
    ]
    parts.append(_bag(y))
    return parts


def _lip_lining(skin: Skin, slit: Slit, upper: bool, lip: Floats) -> Part:
    edge = slit.upper if upper else slit.lower
    line = skin.points[edge]
    sign = 1.0 if upper else -1.0
    steps = ((0.0, 0.0, 1.0), (-0.30, 0.10, 0.75), (-0.9, 0.45, 0.35), (-2.2, 1.3, 0.10))
    taper = np.sin(np.linspace(0, np.pi, len(line)))[:, None] ** 0.5
    rows = [line + np.array([0, sign * dy, dz]) * taper for dz, dy, _ in steps]
    tint = np.concatenate([flat(len(line), lip * s) for _, _, s in steps])
    points = np.concatenate(rows)
    return Part(
        points=points.astype(np.float32),
        triangles=sheet(len(steps), len(line)),
        uv=white_uv(len(points)),
        tint=tint,
        material=raster.MOUTH,
        two_sided=True,
        motion=skin.motion.take(np.tile(edge, len(steps)).astype(np.intp)),
        casts=False,
        floor=0.25,
    )


def _jaw_motion(count: int, share: float) -> Motion:
    zero = Motion.still(count)
    return Motion(
        jaw=np.full(count, share, np.float32),
        lid=zero.lid,
        eye=zero.eye,
        gaze=zero.gaze,
        smile=zero.smile,
    )


def _teeth(top: float, bottom: float, front: float, jaw: float) -> Part:
    count = 14
    per = 6
    x = np.linspace(-2.5, 2.5, count * per + 1)
    z = front - 0.25 * x**2
    phase = (np.arange(len(x)) % per) / per
    gap = np.minimum(phase, 1 - phase) * 2
    rows, tints = [], []
    for k, share in enumerate(np.linspace(0, 1, 6)):
        low = bottom if jaw == 0 else top
        high = top if jaw == 0 else bottom
        height = high + (low - high) * share
        round_ = 0.10 * (1 - np.minimum(1, gap * 2.5)) * (share > 0.9) * (1 if jaw == 0 else -1)
        bow = 0.05 * np.sqrt(gap) - 0.12 * max(0.0, share - 0.8)
        rows.append(np.stack([x, height + round_, z + bow - 0.05 * k * 0.2], 1))
        shade = (0.62 + 0.38 * np.clip(gap * 3, 0, 1)) * (0.80 + 0.2 * share)
        side = 1 - 0.85 * np.clip((np.abs(x) - 0.9) / 1.5, 0, 1)
        tints.append((shade * side)[:, None] * np.array([0.70, 0.66, 0.58]))
    if jaw != 0:
        rows, tints = rows[::-1], tints[::-1]
    points = np.concatenate(rows).astype(np.float32)
    return Part(
        points=points,
        triangles=sheet(len(rows), len(x)),
        uv=white_uv(len(points)),
        tint=np.concatenate(tints).astype(np.float32),
        material=raster.MOUTH,
        two_sided=True,
        motion=_jaw_motion(len(points), jaw),
        casts=False,
        floor=0.55,
    )


def _bag(y: float) -> Part:
    """The dark hollow behind the lips, open to the front."""
    rings, spokes = 8, 22
    tilt = np.linspace(0.5 * np.pi, np.pi, rings)[:, None]
    turn = np.linspace(0, 2 * np.pi, spokes)[None, :]
    shape = np.stack(
        [np.sin(tilt) * np.sin(turn), np.sin(tilt) * np.cos(turn), np.cos(tilt) + 0 * turn], -1
    )
    points = shape.reshape(-1, 3) * np.array([2.7, 1.9, 3.4]) + np.array([0, y - 0.2, 6.5])
    return Part(
        points=points.astype(np.float32),
        triangles=sheet(rings, spokes),
        uv=white_uv(len(points)),
        tint=flat(len(points), (0.035, 0.009, 0.008)),
        material=raster.MOUTH,
        two_sided=True,
        motion=_jaw_motion(len(points), 0.5),
        casts=False,
        floor=0.25,
    )


def _tongue(y: float) -> Part:
    rings, spokes = 10, 18
    tilt = np.linspace(0.05, np.pi - 0.05, rings)[:, None]
    turn = np.linspace(0, 2 * np.pi, spokes)[None, :]
    shape = np.stack(
        [np.sin(tilt) * np.sin(turn), np.cos(tilt) + 0 * turn, np.sin(tilt) * np.cos(turn)], -1
    )
    points = shape.reshape(-1, 3) * np.array([1.5, 0.5, 2.2]) + np.array([0, y - 0.85, 4.9])
    return Part(
        points=points.astype(np.float32),
        triangles=sheet(rings, spokes),
        uv=white_uv(len(points)),
        tint=flat(len(points), (0.30, 0.085, 0.08)),
        material=raster.MOUTH,
        motion=_jaw_motion(len(points), 0.9),
        casts=False,
        floor=0.30,
    )
