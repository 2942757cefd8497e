"""The compiled geometry loops: a z-buffer of triangle numbers, normals, and what reaches what.

Compiled by numba on first use and kept in its on-disk cache. One thread and a
fixed order: on one kind of processor the same input gives the same picture.
"""

# ruff: noqa: C901, PLR0917, PLW3301, RUF046
# The loops are compiled: one long loop body with plain positional arrays is what makes them fast.

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from generator.heads.arrays import Bytes, Floats, Ints

SKIN, HAIR, EYE, CLOTH, METAL, MOUTH, LENS = range(7)
EMPTY = -1

_Loop = TypeVar("_Loop", bound=Callable[..., Any])


def compiled(loop: _Loop) -> _Loop:
    """`loop` as machine code; the type checker keeps seeing the Python function."""
    jit = numba.njit(cache=True, fastmath=True, nogil=True, error_model="numpy")
    return cast("_Loop", jit(loop))


@compiled
def _edge(slope_x: float, slope_y: float, offset: float) -> tuple[Any, Any, Any, Any]:
    """Where slope_x * x + slope_y * y + offset >= 0, as bounds of x that are linear in y.

    Returns:
        low, its change with y, high, its change with y; one of the two bounds is out of reach.
    """
    far, tiny, none = np.float32(1e7), np.float32(1e-4), np.float32(0.0)
    if slope_x > np.float32(1e-7):
        return -offset / slope_x - tiny, -slope_y / slope_x, far, none
    if slope_x < np.float32(-1e-7):
        return -far, none, -offset / slope_x + tiny, -slope_y / slope_x
    return -far, none, far, none


@compiled
def fill(points: Floats, triangles: Ints, two_sided: Bytes, depth: Floats, ids: Ints) -> None:
    """Draw triangles into a depth buffer.

    Args:
        points: (V, 3) x and y in samples (y down), z growing towards the viewer.
        triangles: (T, 3) corners; front faces run clockwise on the screen (y down).
        two_sided: (T,) 1 where the back shows too.
        depth: (H, W) changed in place; start with a large negative number.
        ids: (H, W) changed in place; the number of the nearest triangle.
    """
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = points[a, 0], points[a, 1], points[a, 2]
        bx, by, bz = points[b, 0], points[b, 1], points[b, 2]
        cx, cy, cz = points[c, 0], points[c, 1], points[c, 2]
        x0 = max(0, int(math.ceil(min(ax, min(bx, cx)))))
        x1 = min(width - 1, int(math.floor(max(ax, max(bx, cx)))))
        y0 = max(0, int(math.ceil(min(ay, min(by, cy)))))
        y1 = min(height - 1, int(math.floor(max(ay, max(by, cy)))))
        if x1 < x0 or y1 < y0:
            continue
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area > 0.0:
            if two_sided[t] == 0:
                continue
            bx, by, bz, cx, cy, cz = cx, cy, cz, bx, by, bz
        area = -abs(area)
        if area > -1e-9:
            continue
        inverse = np.float32(1.0) / area
        # u, v and w are linear in x and y, and none may be negative inside; counted from the
        # corner x0, y0, so that float32 leaves no cracks far from the picture's origin
        ux, uy = -(cy - by) * inverse, (cx - bx) * inverse
        vx, vy = -(ay - cy) * inverse, (ax - cx) * inverse
        wx, wy = -ux - vx, -uy - vy
        left, top = np.float32(x0), np.float32(y0)
        u0 = ux * (left - bx) + uy * (top - by)
        v0 = vx * (left - cx) + vy * (top - cy)
        w0 = np.float32(1.0) - u0 - v0
        zx, zy = ux * az + vx * bz + wx * cz, uy * az + vy * bz + wy * cz
        z0 = u0 * az + v0 * bz + w0 * cz
        ul, ulk, uh, uhk = _edge(ux, uy, u0)
        vl, vlk, vh, vhk = _edge(vx, vy, v0)
        wl, wlk, wh, whk = _edge(wx, wy, w0)
        zero, last = np.float32(0.0), np.float32(x1 - x0)
        for y in range(y1 - y0 + 1):
            fy = np.float32(y)
            low = max(max(zero, ul + ulk * fy), max(vl + vlk * fy, wl + wlk * fy))
            high = min(min(last, uh + uhk * fy), min(vh + vhk * fy, wh + whk * fy))
            if high < low:
                continue
            row = z0 + zy * fy
            for x in range(np.int32(low + np.float32(0.9999)), np.int32(high) + 1):
                z = row + zx * np.float32(x)
                if z > depth[y0 + y, x0 + x]:
                    depth[y0 + y, x0 + x] = z
                    ids[y0 + y, x0 + x] = t


@compiled
def normals(points: Floats, triangles: Ints, out: Floats) -> None:
    """Area-weighted unit vertex normals of (V, 3) points into `out` (V, 3)."""
    out[:] = 0.0
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = points[a, 0], points[a, 1], points[a, 2]
        ux, uy, uz = points[b, 0] - ax, points[b, 1] - ay, points[b, 2] - az
        vx, vy, vz = points[c, 0] - ax, points[c, 1] - ay, points[c, 2] - az
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for i in (a, b, c):
            out[i, 0] += nx
            out[i, 1] += ny
            out[i, 2] += nz
    for i in range(out.shape[0]):
        length = math.sqrt(out[i, 0] ** 2 + out[i, 1] ** 2 + out[i, 2] ** 2) + 1e-12
        for k in range(3):
            out[i, k] /= length


@compiled
def look(points: Floats, matrix: Floats, shift: Floats, out: Floats) -> None:
    """Write points (V, 3) @ matrix (3, 3) + shift (3,) into `out` (V, 3)."""
    for i in range(points.shape[0]):
        for k in range(3):
            out[i, k] = shift[k] + (
                points[i, 0] * matrix[0, k]
                + points[i, 1] * matrix[1, k]
                + points[i, 2] * matrix[2, k]
            )


@compiled
def expose(
    at: Floats,
    facing: Floats,
    way: Floats,
    depth: Floats,
    basis: Floats,
    floor: Floats,
    soft: Floats,
    wide: Floats,
    openness: Floats,
) -> None:
    """Add one direction's share to every vertex's response to light.

    Args:
        at: (V, 3) places in the depth map, z towards the direction.
        facing: (V, 3) unit normals.
        way: (3,) the direction.
        depth: (S, S) the nearest surface seen from the direction.
        basis: (25,) the direction's polynomials times its solid angle over pi.
        floor: (V,) least share of light let through.
        soft: (V, 25) added to.
        wide: (V, 25) added to.
        openness: (V, 2) added to: light let through, and all that could come.
    """
    last = depth.shape[0] - 1
    for i in range(at.shape[0]):
        cosine = facing[i, 0] * way[0] + facing[i, 1] * way[1] + facing[i, 2] * way[2]
        if cosine < -0.45:
            continue
        x = min(max(int(at[i, 0] + 0.5), 0), last)
        y = min(max(int(at[i, 1] + 0.5), 0), last)
        seen = min(max(1.0 - (depth[y, x] - at[i, 2] - 0.18) / 0.40, 0.0), 1.0)
        seen = max(seen, floor[i])
        narrow = seen * max(0.0, (cosine + 0.06) / 1.06)
        broad = (0.35 + 0.65 * seen) * 0.80 * max(0.0, (cosine + 0.45) / 1.45)
        for k in range(basis.shape[0]):
            soft[i, k] += narrow * basis[k]
            wide[i, k] += broad * basis[k]
        if cosine > 0.0:
            openness[i, 0] += cosine * seen
            openness[i, 1] += cosine
