"""The head as a signed distance: rounded solids blended into each other.

Units are centimetres. x points to the image's right (the person's own left), y up, z towards the
camera; the origin lies between the eyes' heights, midway between the ears. Proportions follow
common anthropometric means (bizygomatic width 13-14, pupil distance 6.3, eye at half the height).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.heads.arrays import Floats
from generator.heads.features import Shape

Point = Sequence[float]

EYE_RADIUS = 1.28
LID_RADIUS = 1.42


def eye_centre(shape: Shape, side: int) -> Floats:
    """Centre (3,) of the eyeball at image side -1 (left) or 1 (right)."""
    return np.array([side * (3.18 + shape.eye_spacing), shape.eye_height, 6.35], np.float32)


def mouth_y(shape: Shape) -> float:
    """Height in cm of the line between the lips at the middle."""
    return -7.05 + shape.mouth_height


def _length(v: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", v, v)))


def ellipsoid(p: Floats, centre: Point, radii: Point) -> Floats:
    """Approximate distance of (n, 3) points to an ellipsoid."""
    d = p - np.asarray(centre, np.float32)
    r = np.asarray(radii, np.float32)
    k0 = _length(d / r)
    k1 = _length(d / (r * r)) + 1e-6
    return np.asarray(k0 * (k0 - 1.0) / k1, np.float32)


def capsule(p: Floats, a: Point, b: Point, ra: float, rb: float) -> Floats:
    """Distance of (n, 3) points to a rod from `a` to `b` whose radius runs from `ra` to `rb`."""
    pa = p - np.asarray(a, np.float32)
    ba = np.asarray(b, np.float32) - np.asarray(a, np.float32)
    h = np.clip(pa @ ba / float(ba @ ba), 0.0, 1.0)
    return np.asarray(_length(pa - h[:, None] * ba) - (ra + (rb - ra) * h), np.float32)


def blend(a: Floats, b: Floats, k: float) -> Floats:
    """Smooth union over a seam of width k."""
    h = np.maximum(k - np.abs(a - b), 0.0) / k
    return np.asarray(np.minimum(a, b) - h * h * k * 0.25, np.float32)


def carve(a: Floats, b: Floats, k: float) -> Floats:
    """Smoothly take solid b out of a."""
    return -blend(-a, b, k)


def distance(points: Floats, shape: Shape) -> Floats:
    """Signed distance in cm of (n, 3) points to the head and neck (negative inside)."""
    p = np.ascontiguousarray(points, np.float32)
    ax = p.copy()
    ax[:, 0] = np.abs(p[:, 0])
    d = _skull(p, ax, shape)
    d = _flesh(ax, shape, d)
    d = _nose(p, ax, shape, d)
    d = _eyes(ax, shape, d)
    d = _mouth(p, ax, shape, d)
    return _neck(p, ax, shape, d)


def _skull(p: Floats, ax: Floats, s: Shape) -> Floats:
    w = s.face_width
    d = ellipsoid(p, (0, 2.5, -1.2), (7.3 * (0.5 + 0.5 * w), 8.2, 9.2))
    d = blend(d, ellipsoid(p, (0, 3.2, 2.2 + s.forehead), (6.2 * w, 5.4, 5.9)), 1.5)
    d = blend(d, ellipsoid(p, (0, -2.7, 1.6), (6.2 * w, 6.2, 6.1)), 1.6)
    jaw = 3.5 * s.jaw_width
    gonion = (jaw, -6.9 - s.jaw_drop, 0.6)
    chin = (1.15 * s.chin_width, -9.9 - s.chin_drop, 6.1 + s.chin_forward)
    d = blend(d, capsule(ax, gonion, chin, 1.6, 1.3), 3.0)
    d = blend(d, capsule(ax, gonion, (4.9 * w, -1.5, 0.4), 1.25, 1.25), 2.6)
    d = blend(d, ellipsoid(p, (0, -6.7, 4.4), (3.9, 3.9, 3.7)), 2.2)
    chin_ball = (0, -10.0 - s.chin_drop, 6.55 + s.chin_forward)
    d = blend(d, ellipsoid(p, chin_ball, (1.55 * s.chin_width, 1.25, 1.35)), 1.4)
    ridge = capsule(ax, (0.9, 1.75, 7.1 + s.brow_ridge), (4.7, 1.95, 5.0), 0.85, 0.75)
    return blend(d, ridge, 1.6)


def _flesh(ax: Floats, s: Shape, d: Floats) -> Floats:
    bone = (4.45 * s.face_width + s.cheekbone, -2.35, 4.75)
    d = blend(d, ellipsoid(ax, bone, (1.75, 1.25, 1.75)), 1.8)
    apple = (3.0, -4.1, 6.0 + 0.4 * s.cheek_full)
    d = blend(d, ellipsoid(ax, apple, (1.8, 1.5, 1.35)), 1.8)
    if s.cheek_full > 0:
        full = (4.2 * s.face_width, -5.8, 4.0)
        r = 1.4 + 0.6 * s.cheek_full
        d = blend(d, ellipsoid(ax, full, (r, r * 1.2, r)), 2.2)
    elif s.cheek_full < 0:
        hollow = ellipsoid(ax, (6.9 * s.face_width, -5.4, 4.6), (1.5, 2.2, 2.0))
        d = carve(d, hollow + 0.4 + 0.8 * s.cheek_full, 2.4)
    if s.age > 0:
        fold = capsule(ax, (1.75, -4.7, 8.0), (3.1, -7.6, 7.35), 0.10, 0.10)
        d = carve(d, fold + 0.34 - 0.30 * s.age, 0.8)
        jowl = ellipsoid(ax, (3.3, -8.6, 4.6), (1.2, 1.2, 1.2))
        d = blend(d, jowl + 0.5 * (1 - s.age), 1.5)
    return d


def _nose(p: Floats, ax: Floats, s: Shape, d: Floats) -> Floats:
    tip_y = -3.75 - s.nose_length + s.nose_up
    tip_z = 9.45 + s.nose_forward
    w = s.nose_width
    root = (0, 0.9, 6.95 + s.nose_bridge)
    middle = (0, -1.5 - 0.4 * s.nose_length, 8.0 + 0.6 * s.nose_bridge + s.nose_hump)
    tip = (0, tip_y, tip_z - 0.1)
    wing_y = -4.35 - s.nose_length
    d = blend(d, capsule(p, root, middle, 0.66, 0.66), 1.5)
    d = blend(d, capsule(p, middle, tip, 0.64, 0.74 * s.nose_tip), 1.0)
    d = blend(d, ellipsoid(p, tip, (1.0 * s.nose_tip, 0.82 * s.nose_tip, 0.85)), 0.6)
    base = ellipsoid(p, (0, wing_y + 0.12, 8.1), (1.15 * w, 0.62, 1.25))
    d = blend(d, base, 0.6)
    d = blend(d, ellipsoid(ax, (1.25 * w, wing_y + 0.05, 8.05), (0.56, 0.66, 0.80)), 0.40)
    nostril = ellipsoid(ax, (0.60 * w, wing_y - 0.62, 8.60), (0.30, 0.26, 0.42))
    return carve(d, nostril, 0.30)


def _eyes(ax: Floats, s: Shape, d: Floats) -> Floats:
    eye = eye_centre(s, 1)
    socket = ellipsoid(ax, (eye[0] - 0.1, eye[1] + 0.15, 8.55), (2.1, 1.25, 1.75))
    d = carve(d, socket, 1.5)
    inner = ellipsoid(ax, (1.55 + 0.5 * s.eye_spacing, eye[1], 8.2), (0.6, 0.9, 0.9))
    d = carve(d, inner, 1.0)
    d = blend(d, _length(ax - eye) - LID_RADIUS, 0.35)
    if s.lid_heavy > 0:
        hood = capsule(
            ax, (eye[0] - 0.9, 1.15 + eye[1], 7.25), (eye[0] + 1.3, 0.95 + eye[1], 6.75), 0.45, 0.45
        )
        d = blend(d, hood + 0.45 - s.lid_heavy, 0.5)
    if s.age > 0:
        bag = capsule(
            ax, (eye[0] - 0.8, -1.45 + eye[1], 7.05), (eye[0] + 0.9, -1.4 + eye[1], 6.75), 0.3, 0.3
        )
        d = blend(d, bag + 0.45 * (1 - s.age), 0.4)
    return d


def _mouth(p: Floats, ax: Floats, s: Shape, d: Floats) -> Floats:
    y = mouth_y(s)
    w = 2.35 * s.mouth_width
    up, low = s.upper_lip, s.lower_lip
    peak = (0.45, y + 0.52 * up, 8.02)
    d = blend(d, capsule(ax, (0, y + 0.40 * up, 8.12), peak, 0.42 * up, 0.40 * up), 0.35)
    d = blend(d, capsule(ax, peak, (w, y + 0.08, 6.75), 0.40 * up, 0.16), 0.40)
    d = blend(
        d,
        capsule(ax, (0, y - 0.52 * low, 7.95), (0.9, y - 0.47 * low, 7.75), *(0.52 * low,) * 2),
        0.40,
    )
    d = blend(
        d,
        capsule(ax, (0.9, y - 0.47 * low, 7.75), (w * 0.97, y - 0.05, 6.7), 0.48 * low, 0.15),
        0.40,
    )
    groove = capsule(ax, (0, y, 8.78), (w - 0.15, y + 0.03, 7.30), 0.10, 0.04)
    d = carve(d, groove, 0.30)
    corner = ellipsoid(ax, (w + 0.42, y - 0.1, 7.35), (0.25, 0.5, 0.3))
    d = carve(d, corner, 0.9)
    philtrum = capsule(p, (0, -5.0 - s.nose_length, 8.65), (0, y + 1.0 * up, 8.72), 0.14, 0.2)
    d = carve(d, philtrum, 0.45)
    under = capsule(ax, (0, y - 1.55 * low, 8.35), (1.2, y - 1.45 * low, 7.95), 0.35, 0.3)
    return carve(d, under, 1.0)


def _neck(p: Floats, ax: Floats, s: Shape, d: Floats) -> Floats:
    r = 5.0 * s.neck
    lean = p.copy()
    lean[:, 2] -= 0.16 * (p[:, 1] + 8.0)
    neck = np.asarray(_length(lean[:, [0, 2]] - np.array([0, -2.3], np.float32)) - r, np.float32)
    neck = np.maximum(neck, p[:, 1] + 3.0)
    d = blend(d, neck, 1.6)
    cord = capsule(ax, (5.2 * s.neck, -7.0, -2.6), (1.1, -18.5, 0.6), 0.8, 0.75)
    d = blend(d, cord, 1.4)
    if s.larynx > 0:
        d = blend(d, ellipsoid(p, (0, -14.0, 1.6), (0.7, 1.0, 0.6 + 0.5 * s.larynx)), 1.0)
    return d
