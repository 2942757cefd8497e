"""The compiled colour loops: vertices turned and lit, pixels shaded."""

# ruff: noqa: C901, PLR0912, PLR0917
# The loops are compiled: one long loop body with plain positional arrays is what makes them fast.

from __future__ import annotations

import math

import numpy as np

from generator.heads.arrays import Bytes, Floats, Ints
from generator.heads.raster import EMPTY, compiled


@compiled
def _texel(atlas: Bytes, decode: Floats, u: float, v: float, out: Floats) -> None:
    """Bilinear colour (linear) and gloss at texel place u, v into `out` (4,)."""
    rows, columns = atlas.shape[0], atlas.shape[1]
    u = min(max(u, 0.0), columns - 1.001)
    v = min(max(v, 0.0), rows - 1.001)
    x, y = int(u), int(v)
    fx, fy = u - x, v - y
    w00, w01, w10, w11 = (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy
    for k in range(4):
        out[k] = (
            w00 * decode[atlas[y, x, k]]
            + w01 * decode[atlas[y, x + 1, k]]
            + w10 * decode[atlas[y + 1, x, k]]
            + w11 * decode[atlas[y + 1, x + 1, k]]
        )


@compiled
def _shine(
    kind: int,
    n: Floats,
    along: Floats,
    c: Floats,
    e: Floats,
    sky: float,
    lights: Floats,
    col: Floats,
) -> None:
    """Add what glints to colour `col` (3,): albedo `c`, light `e`, unit normal `n`.

    `lights` is (L, 9): direction, half-way direction to the viewer, colour.
    """
    bright = 0.30 * e[0] + 0.55 * e[1] + 0.15 * e[2]
    facing = min(max(n[2], 0.0), 1.0)
    edge = (1.0 - facing) ** 4
    for i in range(lights.shape[0]):
        nl = n[0] * lights[i, 0] + n[1] * lights[i, 1] + n[2] * lights[i, 2]
        nh = n[0] * lights[i, 3] + n[1] * lights[i, 4] + n[2] * lights[i, 5]
        nh = min(max(nh, 0.0), 1.0)
        lit = min(max(nl * 2.0 + 0.3, 0.0), 1.0) * min(max(sky * 1.8 - 0.35, 0.0), 1.0)
        tinted = 0.0
        plain = 0.0
        if kind == 0:
            plain = c[3] * lit * (0.055 * nh**14 + 0.10 * nh**46)
        elif kind == 1:
            th = along[0] * lights[i, 3] + along[1] * lights[i, 4] + along[2] * lights[i, 5]
            s = math.sqrt(max(0.0, 1.0 - th * th))
            lit = min(max(nl + 0.55, 0.0), 1.0) * min(1.0, bright * 1.1)
            plain = lit * 0.060 * s**70
            tinted = lit * 0.85 * s**16
        elif kind == 2:
            plain = 0.05 * nh**30 * sky
            if nh > 0.9935:
                plain += 2.4 * min(1.0, (nh - 0.9935) / 0.0015) * (1.0 if i == 0 else 0.25)
        elif kind == 3:
            plain = 0.006 * nh**6 * lit
        elif kind == 4:
            plain = 0.9 * nh**60 * lit + 0.10 * nh**8
        else:
            plain = 0.16 * nh**40 * min(1.0, sky * 2.0)
        for k in range(3):
            col[k] += lights[i, 6 + k] * (plain + tinted * c[k])
    if kind == 0:
        for k in range(3):
            col[k] += edge * 0.16 * e[k] * (0.25 + c[k])
    elif kind == 3:
        for k in range(3):
            col[k] += edge * 0.35 * e[k] * c[k]


@compiled
def _one(
    t: int, px: float, py: float, points: Floats, triangles: Ints, attributes: Floats, out: Floats
) -> None:
    """Attributes of triangle `t` at a screen place, into `out` (15,)."""
    a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
    ax, ay = points[a, 0], points[a, 1]
    bx, by = points[b, 0], points[b, 1]
    cx, cy = points[c, 0], points[c, 1]
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    flip = 1.0 if area < 0.0 else -1.0
    u = ((cx - bx) * (py - by) - (cy - by) * (px - bx)) / area
    v = ((ax - cx) * (py - cy) - (ay - cy) * (px - cx)) / area
    u = min(max(u, 0.0), 1.0)
    v = min(max(v, 0.0), 1.0 - u)
    w = 1.0 - u - v
    for k in range(15):
        out[k] = u * attributes[a, k] + v * attributes[b, k] + w * attributes[c, k]
    length = math.sqrt(out[8] ** 2 + out[9] ** 2 + out[10] ** 2) + 1e-9
    if out[10] > 0.0:
        flip = 1.0
    for k in range(3):
        out[8 + k] *= flip / length


@compiled
def shade(
    ids: Ints,
    points: Floats,
    triangles: Ints,
    material: Bytes,
    attributes: Floats,
    atlas: Bytes,
    decode: Floats,
    lights: Floats,
    sub: int,
    out: Floats,
) -> None:
    """Colour every pixel from the triangles its samples show, over what `out` already holds.

    Args:
        ids: (H * sub, W * sub) triangle numbers.
        points: (V, 3) as `fill` saw them.
        triangles: (T, 3).
        material: (T,).
        attributes: (V, 15): uv, tint, light, normal, fibre, sky openness.
        atlas: (R, C, 4).
        decode: (256,) from bytes to linear.
        lights: (L, 9), see `_shine`.
        sub: samples along a pixel's side.
        out: (H, W, 3) linear colour, changed in place.
    """
    height, width = out.shape[0], out.shape[1]
    near = np.empty(sub * sub, np.int32)
    texel = np.empty(4, np.float32)
    a15 = np.empty(15, np.float32)
    col = np.empty(3, np.float32)
    total = np.empty(3, np.float32)
    share = np.float32(1.0) / (sub * sub)
    for y in range(height):
        for x in range(width):
            any_ = False
            for j in range(sub):
                for i in range(sub):
                    near[j * sub + i] = ids[y * sub + j, x * sub + i]
                    any_ = any_ or near[j * sub + i] >= 0
            if not any_:
                continue
            total[:] = 0.0
            for m in range(sub * sub):
                t = near[m]
                if t == -2:
                    continue
                if t == EMPTY:
                    for k in range(3):
                        total[k] += share * out[y, x, k]
                    continue
                count, sx, sy = 0, 0.0, 0.0
                smooth, fibre = material[t] == 0 or material[t] == 3, material[t] == 1
                for q in range(m, sub * sub):
                    same = near[q] == t
                    if not same and near[q] >= 0 and material[near[q]] == material[t]:
                        same = smooth or (fibre and q % sub == m % sub)
                    if same:
                        near[q] = -2
                        count += 1
                        sx += x * sub + q % sub
                        sy += y * sub + q // sub
                _one(t, sx / count, sy / count, points, triangles, attributes, a15)
                _texel(atlas, decode, a15[0], a15[1], texel)
                for k in range(3):
                    texel[k] *= a15[2 + k]
                    col[k] = texel[k] * a15[5 + k]
                _shine(material[t], a15[8:11], a15[11:14], texel, a15[5:8], a15[14], lights, col)
                for k in range(3):
                    total[k] += share * count * col[k]
            for k in range(3):
                out[y, x, k] = total[k]


@compiled
def _turn(angles: Floats, s: float, rows: Floats) -> None:
    """The matrix of a share `s` of a turn: nod, then yaw, then lean."""
    ca, sa = math.cos(angles[0] * s), math.sin(angles[0] * s)
    cb, sb = math.cos(angles[1] * s), math.sin(angles[1] * s)
    cc, sc = math.cos(-angles[2] * s), math.sin(-angles[2] * s)
    x0, x1, x2 = ca, sa * sb, sa * cb
    y0, y1, y2 = 0.0, cb, -sb
    rows[0, 0], rows[0, 1], rows[0, 2] = cc * x0 - sc * y0, cc * x1 - sc * y1, cc * x2 - sc * y2
    rows[1, 0], rows[1, 1], rows[1, 2] = sc * x0 + cc * y0, sc * x1 + cc * y1, sc * x2 + cc * y2
    rows[2, 0], rows[2, 1], rows[2, 2] = -sa, ca * sb, ca * cb


@compiled
def _gather(response: Floats, i: int, suns: Floats, s: float, out: Floats) -> None:
    """Light (3,) on vertex i: its response times the light, between chest and head."""
    for j in range(suns.shape[1]):
        r = response[i, j]
        if s > 0.999:
            for k in range(3):
                out[k] += r * suns[0, j, k]
        else:
            for k in range(3):
                out[k] += r * (s * suns[0, j, k] + (1 - s) * suns[1, j, k])


@compiled
def stand(
    rest: Floats,
    facing: Floats,
    along: Floats,
    share: Floats,
    angles: Floats,
    soft: Floats,
    wide: Floats,
    suns: Floats,
    mix: Floats,
    points: Floats,
    attributes: Floats,
) -> None:
    """Turn every vertex with the head, and light it.

    Args:
        rest: (V, 3) points relative to the pivot.
        facing: (V, 3) unit normals.
        along: (V, 3) fibres, zero where there are none.
        share: (V,) how much of the turn a vertex takes part in.
        angles: (3,) yaw, pitch and roll in radians.
        soft: (V, 25) response to light.
        wide: (V, 25) response that reaches round corners.
        suns: (2, 25, 3) the light seen from the head and from the chest.
        mix: (3,) share of the wide response in red, green and blue.
        points: (V, 3) written: turned points relative to the pivot.
        attributes: (V, 15) written: columns 5..13, see `shade`.
    """
    rows = np.empty((3, 3), np.float32)
    last = np.float32(-1.0)
    e = np.empty((2, 3), np.float32)
    for i in range(rest.shape[0]):
        s = share[i]
        if s != last:
            _turn(angles, s, rows)
            last = s
        for k in range(3):
            r0, r1, r2 = rows[k, 0], rows[k, 1], rows[k, 2]
            points[i, k] = r0 * rest[i, 0] + r1 * rest[i, 1] + r2 * rest[i, 2]
            attributes[i, 8 + k] = r0 * facing[i, 0] + r1 * facing[i, 1] + r2 * facing[i, 2]
            attributes[i, 11 + k] = r0 * along[i, 0] + r1 * along[i, 1] + r2 * along[i, 2]
        fibre = along[i, 0] != 0.0 or along[i, 1] != 0.0
        if attributes[i, 10] < -0.4 and not fibre:
            attributes[i, 5:8] = np.float32(0.08)  # turned away: seen only inside collars
            continue
        e[:] = 0.0
        _gather(soft, i, suns, s, e[0])
        if fibre:
            e[1] = e[0]
        else:
            _gather(wide, i, suns, s, e[1])
        for k in range(3):
            attributes[i, 5 + k] = max(0.01, e[0, k] * (1 - mix[k]) + e[1, k] * mix[k])
