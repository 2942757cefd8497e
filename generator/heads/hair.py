"""Hair styles, eyebrows and beards as locks grown on the skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generator.heads.arrays import Floats
from generator.heads.features import Person
from generator.heads.growth import Flow, Ground, grow, ribbons, scatter, tangent, unit
from generator.heads.mesh import Part, linear
from generator.heads.surface import Skin

_LINE_AZIMUTH = (0, 25, 42, 55, 66, 74, 84, 92, 108, 120, 135, 180)
_LINE_HEIGHT = (6.3, 6.2, 5.4, 4.0, 2.5, -0.2, -1.4, 1.8, 1.0, -4.0, -7.0, -8.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """Numbers of one hair style (cm)."""

    count: int
    steps: int
    width: float
    stiff: float
    lift: tuple[float, float]  # off the scalp: at the root, at the tip (upper layers)
    rough: float
    curl: float = 0.0
    turns: float = 0.0


CUTS: dict[str, Cut] = {
    "short": Cut(count=3000, steps=6, width=0.32, stiff=0.45, lift=(0.20, 0.65), rough=0.14),
    "crop": Cut(count=5200, steps=2, width=0.24, stiff=0.4, lift=(0.06, 0.20), rough=0.55),
    "bob": Cut(count=1300, steps=11, width=0.70, stiff=0.45, lift=(0.30, 0.95), rough=0.05),
    "long": Cut(
        count=1100, steps=18, width=0.85, stiff=0.5, lift=(0.35, 1.2), rough=0.06,
        curl=0.30, turns=2.6,
    ),
    "curly": Cut(
        count=1500, steps=11, width=0.55, stiff=0.4, lift=(0.3, 1.5), rough=0.40,
        curl=0.50, turns=1.9,
    ),
    "bun": Cut(count=1500, steps=10, width=0.50, stiff=0.35, lift=(0.12, 0.30), rough=0.04),
}  # fmt: skip


def scalp_mask(points: Floats, person: Person) -> Floats:
    """0..1 (n,): how densely head hair roots at rest points (n, 3)."""
    azimuth = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2] + 1.0))
    line = np.interp(azimuth, _LINE_AZIMUTH, _LINE_HEIGHT)
    top = np.clip((50 - azimuth) / 25, 0, 1)
    line = line + person.looks.hairline * top
    if person.looks.hair_style == "none":
        return np.zeros(len(points), np.float32)
    edge = (points[:, 1] - line) / 0.7
    t = np.clip(edge * 0.5 + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _colours(person: Person, count: int, rng: np.random.Generator) -> Floats:
    base = linear(person.looks.hair)
    grey = linear((196, 194, 190))
    share = np.clip(rng.normal(person.looks.hair_grey, 0.22, (count, 1)), 0, 1)
    share = share * (person.looks.hair_grey > 0)
    bright = np.exp(rng.normal(0, 0.20, (count, 1)))
    warm = 1 + rng.normal(0, 0.05, (count, 3))
    return np.asarray((base * (1 - share) + grey * share) * bright * warm, np.float32)


def hair(person: Person, skin: Skin, normals: Floats, on: Ground) -> list[Part]:
    """The head's hair; nothing for the bald."""
    style = person.looks.hair_style
    if style == "none":
        return []
    cut = CUTS[style]
    rng = np.random.default_rng(person.seed + 11)
    mask = scalp_mask(skin.points, person)
    roots, near = scatter(skin.points, skin.triangles, mask**2, cut.count, person.seed + 12)
    layer = rng.uniform(0, 1, len(roots)).astype(np.float32)
    normal = normals[near]
    flow, lengths, first = _style(person, roots, normal, rng)
    noise = rng.normal(0, cut.rough, (len(roots), 3)).astype(np.float32)
    wanted = lambda at, n, share: unit(flow(at, n, share)) + noise * (0.5 + share)  # noqa: E731
    clear = (np.full(len(roots), 0.08, np.float32) + cut.lift[0] * layer, 0.1 + cut.lift[1] * layer)
    avoid = _off_the_face if style == "long" else None
    path, along = grow(
        roots,
        first,
        lengths,
        steps=cut.steps,
        flow=wanted,
        on=on,
        clear=clear,
        stiff=cut.stiff,
        avoid=avoid,
    )
    if cut.curl:
        path = _curl(path, along, cut, rng)
    width = cut.width * rng.uniform(0.6, 1.15, len(roots)).astype(np.float32)
    parts = [
        ribbons(
            path,
            along,
            width,
            _colours(person, len(roots), rng),
            two_sided=style in ("bob", "long", "curly"),
        )
    ]
    if style == "bun":
        parts.append(_bun(person, rng))
    return parts


def _curl(path: Floats, normals: Floats, cut: Cut, rng: np.random.Generator) -> Floats:
    n, k = path.shape[:2]
    along = unit(np.gradient(path, axis=1))
    across = unit(np.cross(along, normals))
    t = np.linspace(0, 1, k)[None, :]
    phase = rng.uniform(0, 6.28, (n, 1)) * 0.35 + path[:, :1, 0] * 0.25
    turn = t * 2 * np.pi * cut.turns * rng.uniform(0.85, 1.15, (n, 1)) + phase
    size = cut.curl * np.clip(t * 3, 0, 1)
    out = path + across * (np.sin(turn) * size)[..., None]
    return (out + normals * ((1 + np.cos(turn)) * size * 0.6)[..., None]).astype(np.float32)


def _toward(at: Floats, goal: tuple[float, float, float]) -> Floats:
    return unit(np.asarray(goal, np.float32) - at)


def _style(
    person: Person, roots: Floats, normal: Floats, rng: np.random.Generator
) -> tuple[Flow, Floats, Floats]:
    """Flow field, lengths (n,) and first directions (n, 3) of the person's style."""
    style = person.looks.hair_style
    jitter = rng.uniform(0.85, 1.1, len(roots)).astype(np.float32)
    top = np.clip((roots[:, 1] - 4.0) / 4.0, 0, 1)
    if style in ("bob", "long"):
        return _hanging(person, roots, normal, jitter)
    if style == "bun":
        return _pulled(roots, normal)
    if style == "curly":

        def puff(_at: Floats, n: Floats, share: float) -> Floats:
            return n * (0.8 - 0.9 * share) + np.array([0, -0.8 * share, 0.15], np.float32)

        return puff, ((2.6 + 3.2 * top) * jitter).astype(np.float32), normal
    if style == "crop":

        def stand(_at: Floats, n: Floats, _share: float) -> Floats:
            return n + np.array([0, -0.3, 0.3], np.float32)

        return stand, (0.22 + 0.16 * top * jitter).astype(np.float32), normal
    return _combed(person, roots, normal, jitter)


def _combed(
    person: Person, roots: Floats, normal: Floats, jitter: Floats
) -> tuple[Flow, Floats, Floats]:
    """Short hair combed from a parting over the top, down and back at the sides."""
    part = person.looks.parting * 3.2
    side = np.tanh((roots[:, 0] - part) / 0.8)
    top = np.clip((roots[:, 1] - 4.0) / 3.5, 0, 1)

    def comb(_at: Floats, n: Floats, share: float) -> Floats:
        high = np.clip(n[:, 1:2] * 1.6, 0, 1)
        over = np.stack([side * 1.0, 0.25 - 0.3 * share + 0 * side, -0.55 + 0 * side], 1)
        down = np.array([0, -1.0, -0.60], np.float32)
        return tangent((over * high + down * (1 - high)).astype(np.float32), n)

    lengths = (2.0 + 3.0 * top) * jitter
    front = np.clip((roots[:, 2:3] - 4.5) / 2.5, 0, 1) * top[:, None]
    first = comb(roots, normal, 0.0) + normal * (0.35 + 0.55 * front)
    return comb, lengths.astype(np.float32), first


def _pulled(roots: Floats, normal: Floats) -> tuple[Flow, Floats, Floats]:
    """Hair drawn back into a knot."""
    goal = np.array([0.0, 6.2, -9.4], np.float32)

    def pull(at: Floats, n: Floats, share: float) -> Floats:
        return tangent(unit(goal - at), n) + 0.25 * n * (share < 0.2)

    lengths = np.linalg.norm(roots - goal, axis=1) * 1.18
    return pull, lengths.astype(np.float32), normal * 0.2 + pull(roots, normal, 0.5)


def _hanging(
    person: Person, roots: Floats, normal: Floats, jitter: Floats
) -> tuple[Flow, Floats, Floats]:
    """Hair that falls: a fringe over the forehead for the bob, away from the face otherwise."""
    bob = person.looks.hair_style == "bob"
    part = person.looks.parting * 2.6
    side = np.tanh((roots[:, 0] - part) / 0.25)
    azimuth = np.degrees(np.arctan2(roots[:, 0], roots[:, 2] + 1.0))
    fringe = bob & (np.abs(azimuth) < 43) & (roots[:, 2] > 1.0)
    back = np.clip((1.5 - roots[:, 2]) / 5.0, 0, 1)
    sweep = (0.0 if bob else 1.8) * np.clip(roots[:, 2] / 4.0, 0, 1)

    def fall(at: Floats, n: Floats, _share: float) -> Floats:
        high = np.clip(n[:, 1], 0, 1)
        push = np.where(fringe, 0.03 * roots[:, 0], side * (1.1 * high + 0.05))
        out = np.stack([push, -1.0 + 0 * push, -sweep * np.clip(n[:, 2] + high, 0, 1)], 1)
        out[:, 2] += np.where(fringe, 1.2 * high, 0)
        if bob:
            tuck = np.clip((-4.5 - at[:, 1]) / 4.0, 0, 1)
            out[:, 0] -= np.sign(at[:, 0]) * 0.35 * tuck
        else:
            low = np.clip((-8.0 - at[:, 1]) / 4.0, 0, 1)
            out[:, 0] *= 1 - low
            out[:, 0] -= 0.35 * low * np.sign(at[:, 0]) * (np.abs(at[:, 0]) > 6.0)
            out[:, 2] += low * np.where(roots[:, 2] > -2.5, 0.75, -0.6)
        near = np.clip(n[:, 1:2] * 2 + 0.6, 0, 1)
        return np.asarray(tangent(out, n) * near + out * (1 - near), np.float32)

    bottom = -9.0 if bob else -20.0 - 3.0 * back
    crown = np.clip(roots[:, 1] - 4, 0, 9) * 0.55 + np.abs(roots[:, 0] * 0) + 2.0 * sweep
    drop = np.clip(roots[:, 1], -9, 12) - bottom + crown
    forehead = np.hypot(roots[:, 1] - 2.1, 8.6 - roots[:, 2]) * 1.08
    lengths = np.where(fringe, forehead, drop) * (0.93 + 0.07 * jitter)
    first = normal * 0.30 + fall(roots, normal, 0.0)
    return fall, np.clip(lengths, 1.0, 45).astype(np.float32), first


def _off_the_face(at: Floats, _share: float) -> Floats:
    """Places (n, 3) moved sideways out of the face."""
    out = at.copy()
    face = np.clip((6.0 - at[:, 1]) / 4.5, 0, 1) * np.clip((at[:, 2] - 1.5) / 2.0, 0, 1)
    room = 6.9 * face * np.clip((at[:, 1] + 16) / 5, 0.55, 1)
    sign = np.where(at[:, 0] >= 0, 1, -1)
    out[:, 0] = sign * np.maximum(np.abs(at[:, 0]), room)
    return out


def _bun(person: Person, rng: np.random.Generator) -> Part:
    """A knot of wound locks at the back of the crown."""
    count, steps = 260, 12
    axis = unit(np.array([[0.0, 0.55, -0.85]], np.float32))[0]
    u = unit(np.cross(axis, [1.0, 0, 0])[None].astype(np.float32))[0]
    v = np.cross(axis, u)
    start = rng.uniform(0, 2 * np.pi, (count, 1))
    turn = start + np.linspace(0, 2.4, steps)[None]
    tilt = rng.uniform(0.15, 1.45, (count, 1)) + 0.12 * np.sin(turn * 2 + start)
    ball = (
        np.cos(tilt)[..., None] * axis
        + (np.sin(tilt) * np.cos(turn))[..., None] * u
        + (np.sin(tilt) * np.sin(turn))[..., None] * v
    )
    path = np.array([0, 6.6, -9.0]) + ball * 3.0
    width = rng.uniform(0.35, 0.6, count)
    return ribbons(
        path.astype(np.float32), ball.astype(np.float32), width.astype(np.float32),
        _colours(person, count, rng), shade=(0.9, 1.0), taper=0.4,
    )  # fmt: skip
