"""How hair grows: roots on a skin, strands that follow a flow, ribbons of locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from generator.heads import raster
from generator.heads.arrays import Floats
from generator.heads.details import white_uv
from generator.heads.mesh import Motion, Part, sheet

Flow = Callable[[Floats, Floats, float], Floats]
"""From places (n, 3), the ground's normals (n, 3) and the share of length: the wanted way."""


def unit(v: Floats) -> Floats:
    """Rows (n, 3) at length 1."""
    return np.asarray(v / (np.linalg.norm(v, axis=-1, keepdims=True) + 1e-9), np.float32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What hair lies on: points (n, 3) and outward normals (n, 3)."""

    points: Floats
    normals: Floats
    tree: cKDTree

    def push_out(self, at: Floats, clear: Floats) -> tuple[Floats, Floats]:
        """Points moved so that they stand `clear` (n,) cm off, and the ground's normals there."""
        _, near = self.tree.query(at)
        normal = self.normals[near]
        gap = np.einsum("ij,ij->i", at - self.points[near], normal)
        lift = np.clip(clear - gap, 0, None)[:, None]
        return np.asarray(at + lift * normal, np.float32), normal

    def settle(self, at: Floats, clear: Floats) -> tuple[Floats, Floats]:
        """As `push_out`, but hair above the widest place is also drawn down to the ground."""
        _, near = self.tree.query(at)
        normal = self.normals[near]
        gap = np.einsum("ij,ij->i", at - self.points[near], normal)
        lift = np.clip(clear - gap, 0, None)
        sink = np.clip(gap - clear, 0, None) * np.clip(normal[:, 1] * 3 + 0.2, 0, 0.8)
        return np.asarray(at + (lift - sink)[:, None] * normal, np.float32), normal


def tangent(way: Floats, normal: Floats) -> Floats:
    """Directions (n, 3) with the part along the normals (n, 3) taken out."""
    return np.asarray(way - np.einsum("ij,ij->i", way, normal)[:, None] * normal, np.float32)


def ground(points: Floats, normals: Floats) -> Ground:
    """Index a surface for hair to lie on."""
    return Ground(points=points, normals=normals, tree=cKDTree(points))


def scatter(
    points: Floats, triangles: npt.NDArray[np.int32], weight: Floats, count: int, seed: int
) -> tuple[Floats, npt.NDArray[np.int32]]:
    """`count` places on a mesh, as likely as area times vertex weight; and a vertex near each."""
    rng = np.random.default_rng(seed)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chance = area * weight[triangles].mean(1)
    edges = np.cumsum(chance)
    spread = (np.arange(count) + rng.uniform(0, 1, count)) / count
    pick = np.searchsorted(edges, spread * edges[-1])
    pick = np.clip(pick, 0, len(triangles) - 1)
    u, v = rng.uniform(0, 1, (2, count, 1)).astype(np.float32)
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    at = a[pick] + u * (b[pick] - a[pick]) + v * (c[pick] - a[pick])
    return at.astype(np.float32), triangles[pick, 0]


def grow(
    roots: Floats,
    first: Floats,
    lengths: Floats,
    *,
    steps: int,
    flow: Flow,
    on: Ground,
    clear: tuple[Floats, Floats],
    stiff: float = 0.6,
    avoid: Callable[[Floats, float], Floats] | None = None,
) -> tuple[Floats, Floats]:
    """Strands (n, steps + 1, 3) and the ground's normals along them.

    Args:
        roots: (n, 3).
        first: (n, 3) direction at the root.
        lengths: (n,) cm.
        steps: pieces a strand.
        flow: from points, directions and share of length to the direction wanted there.
        on: what the hair lies on.
        clear: (n,) cm off the ground at the root and at the tip.
        avoid: moves places away from where hair must not be.
        stiff: how much of its direction a strand keeps at each step.
    """
    at: Floats = roots.copy()
    way = unit(first)
    path, normal = [at], on.push_out(at, clear[0] * 0)[1]
    normals = [normal]
    for k in range(steps):
        share = (k + 1) / steps
        way = unit(stiff * way + (1 - stiff) * unit(flow(at, normal, share)))
        want: Floats = at + way * (lengths / steps)[:, None]
        distance = clear[0] + (clear[1] - clear[0]) * min(1.0, share * 1.6)
        want, normal = on.settle(want, distance)
        if avoid is not None:
            want = avoid(want, share)
        way = unit(want - at)
        at = want
        path.append(at)
        normals.append(normal)
    return np.stack(path, 1), np.stack(normals, 1)


def ribbons(
    path: Floats,
    normals: Floats,
    width: Floats,
    tint: Floats,
    *,
    taper: float = 0.15,
    shade: tuple[float, float] = (0.55, 1.15),
    round_: float = 0.9,
    motion: Motion | None = None,
    casts: bool = True,
    two_sided: bool = True,
) -> Part:
    """Strands as tapered ribbons that shade like rounded locks.

    Args:
        path: (n, k, 3).
        normals: (n, k, 3) outward.
        width: (n,) cm at the widest.
        tint: (n, 3) linear colour.
        taper: width left at the tip, as a share.
        shade: brightness at root and tip.
        round_: how far the edges' normals lean out.
        motion: of each strand's root (n vertices), or None.
        casts: whether the hair darkens what lies under it.
        two_sided: whether the inside of the hair can be seen.
    """
    n, k = path.shape[:2]
    along = np.gradient(path, axis=1)
    along = unit(along)
    across = unit(np.cross(along, normals))
    out = unit(np.cross(across, along))
    t = np.linspace(0, 1, k, dtype=np.float32)[None, :, None]
    profile = np.minimum(1.0, 0.55 + 2.0 * t) * np.clip(
        1 - np.clip(t - 0.45, 0, 1) / 0.55 * (1 - taper), 0, 1
    )
    half = across * (width[:, None, None] * 0.5 * profile)
    points = np.stack([path - half, path + half], 2)
    facing = unit(np.stack([out - round_ * across, out + round_ * across], 2))
    fibre = np.repeat(along[:, :, None], 2, 2)
    bright = shade[0] + (shade[1] - shade[0]) * t**0.6
    colour = np.broadcast_to((tint[:, None] * bright)[:, :, None], points.shape)
    cell = sheet(k, 2)[:, [0, 2, 1]]
    faces = (cell[None] + (np.arange(n, dtype=np.int32) * k * 2)[:, None, None]).reshape(-1, 3)
    step = np.arange(0, k, 2) if k > 2 else np.arange(k)
    few = sheet(len(step), 2)
    few = (step[few // 2] * 2 + few % 2).astype(np.int32)
    shadow = (few[None] + (np.arange(n, dtype=np.int32) * k * 2)[:, None, None]).reshape(-1, 3)
    spread = None
    if motion is not None:
        spread = motion.take(np.repeat(np.arange(n), k * 2))
    return Part(
        points=points.reshape(-1, 3).astype(np.float32),
        triangles=np.ascontiguousarray(faces, np.int32),
        uv=white_uv(n * k * 2),
        tint=np.ascontiguousarray(colour.reshape(-1, 3), np.float32),
        material=raster.HAIR,
        two_sided=two_sided,
        along=fibre.reshape(-1, 3).astype(np.float32),
        facing=facing.reshape(-1, 3).astype(np.float32),
        motion=spread,
        casts=casts,
        shadow=np.ascontiguousarray(shadow, np.int32),
    )
