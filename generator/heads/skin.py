"""The atlas: the skin with everything painted on it, the eyes, and a white corner."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from generator.heads import anatomy, surface
from generator.heads.arrays import Floats
from generator.heads.details import EYE_ORIGIN, EYE_TEXELS, WHITE
from generator.heads.features import Person
from generator.heads.mesh import linear
from generator.heads.surface import SKIN_TEXELS, Skin

ATLAS_ROWS = SKIN_TEXELS + 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Canvas:
    """Rest positions (S, S) of every skin texel, and noise to paint with."""

    x: Floats
    y: Floats
    z: Floats
    row: Floats
    column: Floats
    rng: np.random.Generator

    def near(self, centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Floats:
        """A soft blob of weight 1 at `centre`; the same on both sides of the face."""
        dx = (np.abs(self.x) - centre[0]) / radii[0]
        dy = (self.y - centre[1]) / radii[1]
        dz = (self.z - centre[2]) / radii[2]
        return np.exp(-(dx * dx + dy * dy + dz * dz))

    def noise(self, cells: int) -> Floats:
        """Smooth noise of unit spread with about `cells` cells across."""
        low = self.rng.standard_normal((cells, cells)).astype(np.float32)
        low = np.pad(low, ((0, 1), (0, 1)), "wrap")
        u = np.arctan2(self.x, self.z + 1.0) * 7.0 * cells / 30.0
        v = (self.y + 0.5 * self.z) * cells / 30.0
        big = cv2.remap(
            low,
            np.mod(u, cells).astype(np.float32),
            np.mod(v, cells).astype(np.float32),
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_WRAP,
        )
        return np.asarray(big / (big.std() + 1e-6), np.float32)


def _canvas(skin: Skin, seed: int) -> Canvas:
    rows, columns = skin.grid.shape
    grid = skin.points.reshape(rows, columns, 3)
    place = (np.arange(SKIN_TEXELS, dtype=np.float32) - 2) / (SKIN_TEXELS - 5)
    mx, my = np.meshgrid(place * (columns - 1), place * (rows - 1))
    mx = np.clip(mx, 0, columns - 1).astype(np.float32)
    my = np.clip(my, 0, rows - 1).astype(np.float32)
    at = cv2.remap(grid, mx, my, cv2.INTER_LINEAR)
    return Canvas(
        x=at[..., 0], y=at[..., 1], z=at[..., 2], row=my, column=mx, rng=np.random.default_rng(seed)
    )


def _mix(base: Floats, colour: Floats | tuple[float, ...], weight: Floats) -> Floats:
    w = np.clip(weight, 0, 1)[..., None]
    return np.asarray(base * (1 - w) + np.asarray(colour, np.float32) * w, np.float32)


def step(x: Floats, low: float | Floats, high: float | Floats) -> Floats:
    """0 below `low`, 1 above `high`, smooth between; also falls where low > high."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def atlas(person: Person, skin: Skin, hair_root: Floats) -> npt.NDArray[np.uint8]:
    """The person's atlas (ATLAS_ROWS, 1024, 4): sRGB colour and, as alpha, gloss.

    Args:
        person: whose.
        skin: the mesh that it will cover.
        hair_root: (rows, columns) of the skin's grid, 0..1: how densely hair roots there.
    """
    c = _canvas(skin, person.seed)
    colour = _complexion(c, person)
    colour = _lips(c, person, colour)
    colour = _around_eyes(c, person, skin, colour)
    colour = _marks(c, person, colour)
    colour = _roots(c, person, colour, hair_root)
    gloss = _gloss(c, person)
    out = np.full((ATLAS_ROWS, SKIN_TEXELS, 4), 255, np.uint8)
    out[:SKIN_TEXELS, :, :3] = np.clip(_srgb(colour), 0, 255)
    out[:SKIN_TEXELS, :, 3] = np.clip(gloss * 255, 0, 255)
    x, y = EYE_ORIGIN
    out[y : y + EYE_TEXELS, x : x + EYE_TEXELS, :3] = _eye(person)
    out[WHITE[1] - 8 : WHITE[1] + 8, WHITE[0] - 8 : WHITE[0] + 8] = 255
    return out


def _srgb(value: Floats) -> Floats:
    value = np.clip(value, 0, 1)
    return np.asarray(
        255 * np.where(value < 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055),
        np.float32,
    )


def _complexion(c: Canvas, person: Person) -> Floats:
    looks, shape = person.looks, person.shape
    base = linear(looks.skin)
    out: Floats = np.ones((SKIN_TEXELS, SKIN_TEXELS, 3), np.float32) * base
    warm = base * np.array([1.0, 0.62, 0.55], np.float32)
    pale = np.clip(base * np.array([1.06, 1.07, 1.02], np.float32), 0, 1)
    out = _mix(out, pale, 0.5 * c.near((0, 6.0, 7.5), (4.5, 2.5, 3.0)))
    cheeks = c.near((4.0, -3.2, 6.6), (1.9, 1.5, 2.5))
    nose = c.near((0, -4.0 - shape.nose_length, 9.6), (1.3, 0.9, 1.3))
    out = _mix(out, warm, looks.blush * (0.42 * cheeks + 0.36 * nose))
    wings = c.near((1.3, -4.6 - shape.nose_length, 8.2), (0.6, 0.7, 0.8))
    out = _mix(out, warm * 0.85, 0.30 * wings + 0.20 * c.near((0, -10.3, 7.8), (1.2, 0.9, 1.2)))
    hole = c.near((0.62 * shape.nose_width, -5.0 - shape.nose_length, 8.65), (0.30, 0.24, 0.40))
    out = _mix(out, base * np.array([0.10, 0.05, 0.045], np.float32), 1.15 * hole)
    out = _mix(out, base * np.array([0.90, 0.90, 0.86], np.float32), 0.55 * step(c.y, -9, -13))
    blotch = 0.030 * c.noise(24) + 0.022 * c.noise(70)
    pores = 0.020 * c.noise(300)
    tone = np.stack([0.55 * blotch, 1.0 * blotch, 1.15 * blotch], -1)
    return np.asarray(out * (1 + tone + pores[..., None]), np.float32)


def _lips(c: Canvas, person: Person, out: Floats) -> Floats:
    s = person.shape
    y0 = anatomy.mouth_y(s)
    width = 2.55 * s.mouth_width
    t = np.clip(np.abs(c.x) / width, 0, 1.3)
    taper = np.clip(1 - t**2.0, 0, 1) ** 0.75
    bow = (
        0.92
        * s.upper_lip
        * taper
        * (
            1
            - 0.16 * np.exp(-((c.x / 0.32) ** 2))
            + 0.05 * np.exp(-(((np.abs(c.x) - 0.6) / 0.4) ** 2))
        )
    )
    low = 1.02 * s.lower_lip * taper
    rise = c.y - y0
    inside = np.where(rise > 0, bow - rise, low + rise)
    weight = step(inside, -0.07, 0.13) * (c.z > 4.5) * (t < 1.02)
    colour = linear(person.looks.lips)
    lines = 1 + 0.045 * c.noise(260)
    shade = 1 - 0.10 * step(rise, -0.1, 0.5)
    out = np.asarray(
        out * (1 - 0.92 * weight[..., None])
        + 0.92 * weight[..., None] * colour * (lines * shade)[..., None],
        np.float32,
    )
    seam = np.exp(-((rise / 0.07) ** 2)) * (t < 1.04) * (c.z > 5)
    return _mix(out, colour * 0.30, 0.30 * seam)


def _around_eyes(c: Canvas, person: Person, skin: Skin, out: Floats) -> Floats:
    s = person.shape
    eye = anatomy.eye_centre(s, 1)
    base = linear(person.looks.skin)
    shadow = base * np.array([0.70, 0.52, 0.50], np.float32)
    inner = c.near((eye[0] - 1.35, eye[1] - 0.1, 7.3), (0.55, 0.7, 1.0))
    lid = c.near((eye[0], eye[1] + 0.75, 7.5), (1.7, 0.42, 1.5))
    under = c.near((eye[0] - 0.2, eye[1] - 1.25, 7.2), (1.3, 0.45, 1.5))
    out = _mix(out, shadow, 0.30 * inner + 0.32 * lid + (0.16 + 0.22 * s.age) * under)
    middle, half = surface.lid_span(s)
    azimuth = np.interp(c.column, np.arange(len(skin.azimuth)), np.abs(skin.azimuth))
    across = (azimuth - middle) / half
    line = skin.eye_row - 5.4 + 1.6 * across**2
    crease = np.exp(-(((c.row - line) / 0.55) ** 2)) * step(np.abs(across), 1.15, 0.7)
    out = _mix(out, shadow * 0.62, (0.50 - 0.15 * s.lid_heavy) * crease.astype(np.float32))
    edge = step(np.abs(across), 1.06, 0.9)
    upper = step(c.row, skin.eye_row - 1.0, skin.eye_row - 0.35) * (c.row <= skin.eye_row + 0.5)
    lower = step(c.row, skin.eye_row + 2.0, skin.eye_row + 1.3) * (c.row > skin.eye_row + 0.5)
    out = _mix(out, base * np.array([0.10, 0.06, 0.05]), edge * (0.85 * upper + 0.30 * lower))
    if s.age > 0:
        lines = np.zeros_like(c.x)
        for k in range(4):
            y = eye[1] + 0.35 - 0.42 * k
            along = np.abs(c.x) - (eye[0] + 1.9)
            wave = np.abs(c.y - y + 0.20 * along * (k - 1.2) * 0.8)
            lines += np.exp(-((wave / 0.055) ** 2)) * step(along, 0.0, 0.4) * step(along, 2.0, 0.7)
        for k in range(3):
            y = 4.2 + 1.15 * k + 0.08 * np.sin(c.x * 1.3 + k)
            lines += (
                0.65 * np.exp(-(((c.y - y) / 0.07) ** 2)) * step(np.abs(c.x), 4.2, 2.0) * (c.z > 4)
            )
        fold = np.abs((np.abs(c.x) - 1.9) - 0.42 * (-4.9 - c.y))
        lines += 0.9 * np.exp(-((fold / 0.10) ** 2)) * step(c.y, -8.0, -7.2) * step(c.y, -4.5, -5.2)
        out = _mix(out, shadow * 0.75, 0.62 * s.age * np.clip(lines, 0, 1))
    return out


def _marks(c: Canvas, person: Person, out: Floats) -> Floats:
    looks = person.looks
    base = linear(looks.skin)
    brown = base * np.array([0.58, 0.40, 0.30], np.float32)
    sheet = np.zeros_like(c.x)
    count = int(520 * looks.freckles)
    rows, columns = SKIN_TEXELS, SKIN_TEXELS
    for k in range(count + int(26 * looks.spots)):
        spot = k >= count
        u = c.rng.uniform(0.28, 0.72) * columns
        v = c.rng.uniform(0.20, 0.75) * rows
        size = c.rng.uniform(4.0, 9.0) if spot else c.rng.uniform(1.2, 3.0)
        alpha = c.rng.uniform(0.25, 0.5) if spot else c.rng.uniform(0.25, 0.75)
        axes = (size, size * c.rng.uniform(0.7, 1.1))
        layer = (int(u * 16), int(v * 16)), (int(axes[0] * 16), int(axes[1] * 16))
        cv2.ellipse(sheet, layer[0], layer[1], 0, 0, 360, float(alpha), -1, cv2.LINE_AA, 4)
    sheet = cv2.GaussianBlur(sheet, (0, 0), 0.9)
    where = c.near((2.6, -2.4, 7.6), (3.4, 2.2, 4.0)) if looks.freckles > looks.spots else 0.9
    return _mix(out, brown, sheet * where * (c.z > 3))


def _roots(c: Canvas, person: Person, out: Floats, hair_root: Floats) -> Floats:
    dense = cv2.remap(hair_root.astype(np.float32), c.column, c.row, cv2.INTER_LINEAR)
    colour = linear(person.looks.hair) * 0.75
    grain = np.clip(0.85 + 0.35 * c.noise(380), 0, 1.5)
    out = _mix(out, colour, np.clip(dense * (grain + 1.2 * dense - 0.6), 0, 0.95))
    beard = beard_mask(c.x, c.y, c.z, person)
    strength = {"none": 0.0, "stubble": 0.50, "full": 0.88, "goatee": 0.6, "moustache": 0.6}
    tint = linear(person.looks.beard_colour or person.looks.hair)
    tint = tint * 0.5 + linear(person.looks.skin) * np.array([0.20, 0.19, 0.21], np.float32)
    out = _mix(out, tint, strength[person.looks.beard] * beard * grain)
    brow = brow_mask(c.x, c.y, c.z, person)
    return _mix(out, linear(person.looks.brows), 0.62 * brow * np.clip(grain, 0.5, 1.1))


def brow_mask(x: Floats, y: Floats, z: Floats, person: Person) -> Floats:
    """0..1: where the eyebrows grow."""
    s = person.shape
    along = (np.abs(x) - 1.15 - 0.5 * s.eye_spacing) / 3.9
    middle = brow_line(along, person)
    half = (
        0.36 * person.looks.brow_weight * np.clip(1.05 - 0.75 * np.clip(along, 0, 1) ** 1.6, 0.1, 1)
    )
    away = np.abs(y - middle) / half
    return step(away, 1.25, 0.45) * step(along, -0.03, 0.08) * step(along, 1.02, 0.85) * (z > 2)


def brow_line(along: Floats, person: Person) -> Floats:
    """Height of the eyebrow's middle; `along` runs 0..1 from nose to temple."""
    t = np.clip(along, 0, 1)
    arch = person.looks.brow_arch
    peak = (0.30 + 0.65 * arch) * np.sin(np.pi * np.clip(t / 1.25, 0, 1)) ** 1.2
    fall = 0.75 * np.clip(t - 0.62, 0, 1) ** 1.4 * 2
    return np.asarray(
        1.75 + person.shape.brow_height + person.shape.eye_height + peak - fall, np.float32
    )


def beard_mask(x: Floats, y: Floats, z: Floats, person: Person) -> Floats:
    """0..1: where the beard grows, by its style."""
    s, style = person.shape, person.looks.beard
    if style == "none":
        return np.zeros_like(x)
    y0 = anatomy.mouth_y(s)
    ax = np.abs(x)
    lips = step(np.hypot(ax / (2.75 * s.mouth_width), (y - y0 + 0.1) / 1.05), 0.82, 1.08)
    moustache = (
        step(ax, 3.1, 2.5) * step(y, y0 - 0.4, y0 + 0.1) * step(y, y0 + 2.0, y0 + 1.35) * (z > 5)
    )
    chin = (
        step(np.hypot(ax / 2.5, (y - y0 + 3.0) / 2.3), 1.1, 0.85)
        * step(y + 0.35 * z, -9.6, -8.6)
        * (z > 3)
    )
    line = y0 + 1.5 + 0.65 * np.clip(ax - 3.2, 0, 4)
    jaw = step(y, line + 0.5, line - 0.6) * step(y + 0.40 * z, -9.8, -8.6) * step(z, -0.6, 0.6)
    side = (
        step(ax, 5.2, 5.9)
        * step(z, -0.6, 0.3)
        * step(z, 3.0, 2.0)
        * step(y, -0.5, -1.5)
        * step(y, -9, -7)
    )
    sides = {
        "moustache": moustache,
        "goatee": np.maximum(moustache, chin),
        "stubble": np.maximum(np.maximum(moustache, jaw), side),
        "full": np.maximum(np.maximum(moustache, jaw), side),
    }
    return np.asarray(sides[style] * lips, np.float32)


def _gloss(c: Canvas, person: Person) -> Floats:
    """How strongly the skin shines: forehead, nose and lips most."""
    s = person.shape
    g = np.full_like(c.x, 0.34)
    g += 0.22 * c.near((0, 4.5, 8.0), (3.0, 2.0, 3.0)) + 0.34 * c.near(
        (0, -2.5, 9.0), (0.9, 2.8, 2.0)
    )
    g += 0.16 * c.near((4.2, -2.4, 6.6), (1.6, 1.0, 2.0))
    lip = c.near((0, anatomy.mouth_y(s) - 0.4, 8.4), (2.2, 0.55, 1.5))
    g = g + 0.42 * lip
    return np.asarray(
        np.clip(g * (1 + 0.22 * c.noise(330) + 0.10 * c.noise(120)), 0.05, 1), np.float32
    )


def _eye(person: Person) -> npt.NDArray[np.uint8]:
    """The picture (EYE_TEXELS, EYE_TEXELS, 3) of an eye seen from the front."""
    rng = np.random.default_rng(person.seed + 3)
    n = EYE_TEXELS
    y, x = np.mgrid[0:n, 0:n].astype(np.float32) - (n - 1) / 2
    r = np.hypot(x, y) / (n / 2 - 3) * (np.pi * 0.62)  # angle on the ball
    turn = np.arctan2(y, x)
    white = np.array([0.76, 0.72, 0.70], np.float32)
    out = np.ones((n, n, 3), np.float32) * white
    out = _mix(out, (0.62, 0.36, 0.33), 0.55 * step(r, 0.75, 1.25))
    iris = linear(person.looks.iris)
    rays = np.zeros_like(r)
    for k in range(9):
        rays += np.sin(turn * (7 + 5 * k) + rng.uniform(0, 6.3) + 2 * np.sin(r * 14 + k)) / 9
    ring = np.clip(r / 0.50, 0, 1)
    body = iris * (1.05 + 1.1 * rays[..., None]) * (0.75 + 0.75 * np.sin(ring * np.pi))[..., None]
    lighter = np.clip((y + n * 0.02) / (n * 0.2), 0, 1)[..., None]
    body = body * (0.85 + 0.7 * lighter)
    rim = iris * 0.16
    weight = step(r, 0.535, 0.495)
    out = out * (1 - weight[..., None]) + np.clip(body, 0, 1) * weight[..., None]
    out = _mix(out, rim, 0.80 * np.exp(-(((r - 0.50) / 0.055) ** 2)))
    out = _mix(out, (0.004, 0.004, 0.005), step(r, 0.225, 0.195))
    return np.clip(_srgb(np.asarray(out, np.float32)), 0, 255).astype(np.uint8)
