"""The torso: neck, shoulders and upper arms in one outline, so that cloth falls in one piece."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import skia

from generator.light import Light
from generator.people.wardrobe import HEM_Y, TOP_Y, TORSO_W, Outfit, fabric, lit, shade
from generator.textures import F32, RGB, mix, smoothstep

Points = list[tuple[float, float]]
SHOULDER, ELBOW = (0.174, 1.372), (0.222, 1.110)  # metres, image-right; the left is mirrored
ARM = (0.061, 0.050)  # radii of the sleeve there

_TRUNK: Points = [
    (0.0, 1.43),
    (0.06, 1.490),
    (0.082, 1.482),
    (0.125, 1.456),
    (0.180, 1.432),
    (0.226, 1.395),
    (0.216, 1.31),
    (0.186, 1.22),
    (0.170, 1.12),
    (0.162, 1.02),
    (0.174, 0.90),
    (0.186, 0.765),
    (0.10, 0.76),
]
_OPENING: Points = [(0.0, 1.405), (0.05, 1.43), (0.068, 1.50), (0.0, 1.56), (-0.068, 1.50)]
_OPENING += [(-0.05, 1.43)]
_FRONT: Points = [(0.045, 1.50), (0.03, 1.40), (0.052, 1.20), (0.03, 0.98), (0.06, 0.70)]
_FRONT += [(0.40, 0.70), (0.40, 1.30), (0.30, 1.50), (0.10, 1.53)]
_LAPEL: Points = [(0.048, 1.50), (0.026, 1.42), (0.125, 1.385), (0.098, 1.40), (0.108, 1.455)]
_LAPEL += [(0.075, 1.50)]
_NECK: Points = [(0.052, 1.61), (0.053, 1.545), (0.060, 1.495), (0.10, 1.46), (0.06, 1.39)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sleeve:
    """An upper arm: its matte (h, w) and the x of its normals (h, w)."""

    matte: F32
    across: F32


class _Sheet:
    """A sheet to cut cloth from: points are metres, x from the middle, y above the ground."""

    def __init__(self, ppm: float) -> None:
        self.ppm = ppm
        self.w, self.h = round(TORSO_W * ppm), round((TOP_Y - HEM_Y) * ppm)

    def point(self, p: tuple[float, float]) -> tuple[float, float]:
        return ((p[0] + TORSO_W / 2) * self.ppm, (TOP_Y - p[1]) * self.ppm)

    def rows(self) -> F32:
        """Height above the ground of every row, metres (h, 1)."""
        return (TOP_Y - (np.arange(self.h, dtype=np.float32) + 0.5) / self.ppm)[:, None]

    def fill(self, points: Points, *, mirror: bool = False) -> F32:
        """Return the matte of a smooth closed outline through the points."""
        loops = [points, [(-x, y) for x, y in points]] if mirror else [points]
        surface = skia.Surface(self.w, self.h)
        for loop in loops:
            surface.getCanvas().drawPath(self._smooth(loop), skia.Paint(AntiAlias=True))
        return _matte(surface)

    def sleeve(self, sign: int) -> Sleeve:
        """Return an upper arm: a tapered capsule, round across and level along."""
        a = self.point((sign * SHOULDER[0], SHOULDER[1]))
        b = self.point((sign * ELBOW[0], ELBOW[1]))
        y, x = np.mgrid[: self.h, : self.w].astype(np.float32)
        dx, dy = b[0] - a[0], b[1] - a[1]
        u = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy), 0, 1)
        ox, oy = x - a[0] - u * dx, y - a[1] - u * dy
        radius = (ARM[0] + (ARM[1] - ARM[0]) * u) * self.ppm
        matte = np.clip(radius - np.hypot(ox, oy) + 0.5, 0, 1).astype(np.float32)
        across = (ox * dy - oy * dx) / np.hypot(dx, dy) / radius
        return Sleeve(matte=matte, across=(0.9 * np.clip(across, -1, 1)).astype(np.float32))

    def _smooth(self, points: Points) -> skia.Path:
        px = [self.point(p) for p in points]
        n = len(px)
        path = skia.Path()
        ends = [
            ((px[i][0] + px[(i + 1) % n][0]) / 2, (px[i][1] + px[(i + 1) % n][1]) / 2)
            for i in range(n)
        ]
        path.moveTo(*ends[-1])
        for corner, end in zip(px, ends, strict=True):
            path.quadTo(*corner, *end)
        path.close()
        return path


def _matte(surface: skia.Surface) -> F32:
    return np.asarray(surface.makeImageSnapshot().toarray()[..., 3] / 255.0, np.float32)


def _whole(half: Points) -> Points:
    return [*half, *((-x, y) for x, y in reversed(half) if x > 0)]


def _over(under: F32, top: F32, matte: F32) -> F32:
    return np.asarray(under * (1 - matte[..., None]) + top * matte[..., None], np.float32)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tailor:
    """What the layers of one top share."""

    sheet: _Sheet
    light: Light
    skin: RGB
    seed: int
    trunk: F32
    sleeves: tuple[Sleeve, ...]

    @property
    def _trim(self) -> Light:
        """The light for narrow pieces, which catch little of the light from behind."""
        return replace(self.light, rim=0.2 * self.light.rim)

    def body(self) -> F32:
        """The matte of everything made of cloth."""
        out = self.trunk
        for sleeve in self.sleeves:
            out = np.maximum(out, sleeve.matte)
        return out

    def cloth(self, colour: RGB, *, knit: bool = False) -> F32:
        """Light a layer of cloth: one piece over the shoulders, sleeves apart below them."""
        ppm = self.sheet.ppm
        texture = fabric((self.sheet.h, self.sheet.w), self.seed, ppm)[..., None]
        if knit:
            x = np.arange(self.sheet.w, dtype=np.float32)[None, :, None] / ppm
            y = self.sheet.rows()[..., None]
            texture = texture * (
                1 + 0.05 * np.sin(x * 2 * np.pi / 0.012) * np.sin(y * 2 * np.pi / 0.016)
            )
        albedo = np.array(colour, np.float32) * texture
        out = lit(albedo, self.body(), self.light, 0.10 * ppm)
        apart = smoothstep(1.36, 1.25, self.sheet.rows())
        for sleeve in self.sleeves:
            alone = shade(albedo, (sleeve.across, np.zeros_like(sleeve.across)), self.light)
            out = _over(out, alone, sleeve.matte * apart)
            near = cv2.GaussianBlur(sleeve.matte, (0, 0), 0.014 * ppm) * (1 - sleeve.matte) * apart
            out = out * (1 - 0.75 * near[..., None])
        return out

    def neck(self, out: F32) -> tuple[F32, F32]:
        """Put the neck behind the collar; return colours and the whole matte."""
        ppm, light = self.sheet.ppm, self.light
        matte = self.sheet.fill(_whole(_NECK))
        tint = np.array(mix(light.ambient, (1.0, 1.0, 1.0), 0.42), np.float32)
        skin = np.array(self.skin, np.float32) * tint
        x = (np.arange(self.sheet.w, dtype=np.float32)[None, :, None] / ppm - TORSO_W / 2) / 0.07
        round_off = 0.98 - 0.22 * np.clip(np.abs(x), 0, 1.2) ** 2 + 0.10 * light.side * x
        chin = 1 - 0.16 * smoothstep(1.44, 1.50, self.sheet.rows())[..., None]
        flesh = np.clip(skin * round_off * chin, 0, 255)
        opening = self.sheet.fill(_OPENING)
        above = np.clip(matte - self.trunk, 0, 1)
        out = _over(out, flesh, np.maximum(above, opening * matte))
        return out, np.maximum(self.body() * (1 - opening), matte)

    def collar(self, out: F32, colour: RGB) -> F32:
        """Lay a band of cloth along the opening of the neck."""
        ppm = self.sheet.ppm
        opening = self.sheet.fill(_OPENING)
        band = cv2.dilate(opening, np.ones((max(2, round(0.022 * ppm)),) * 2, np.uint8))
        band = np.clip(band - opening, 0, 1) * (self.sheet.rows() < 1.496)
        cloth = np.ones_like(out) * np.array(colour, np.float32) * 1.04
        return _over(out, lit(cloth, (band > 0.4) * np.float32(1), self._trim, 0.008 * ppm), band)

    def jacket(self, under: F32, colour: RGB, low: float) -> F32:
        """Lay an open jacket over what is worn below; its lapels end at `low` metres."""
        ppm = self.sheet.ppm
        front = np.maximum(self.sheet.fill(_FRONT, mirror=True), 0)
        for sleeve in self.sleeves:
            front = np.maximum(front, sleeve.matte)
        dark = cv2.GaussianBlur(front, (0, 0), 0.018 * ppm)[..., None]
        out = _over(under * (1 - 0.55 * dark), self.cloth(colour), front)
        lapel = self.sheet.fill(
            [*_LAPEL[:2], (0.045, low), (0.082, low + 0.11), *_LAPEL[2:]], mirror=True
        )
        fall = cv2.GaussianBlur(lapel, (0, 0), 0.012 * ppm) * (1 - lapel) * front
        out = out * (1 - 0.5 * fall[..., None])
        flap = np.ones_like(out) * np.array(colour, np.float32) * 1.07
        out = _over(out, lit(flap, lapel, self._trim, 0.025 * ppm), lapel)
        self._buttons(out)
        return out

    def _buttons(self, out: F32) -> None:
        for y in (1.12, 1.00, 0.88):
            x0, y0 = self.sheet.point((0.078, y))
            tone = (np.array(self.light.ambient) * 46).tolist()
            spot, r = (round(x0 * 16), round(y0 * 16)), round(max(0.008 * self.sheet.ppm, 1.0) * 16)
            cv2.circle(out, spot, r, tone, -1, cv2.LINE_AA, 4)


def torso(
    wear: Outfit, light: Light, *, skin: RGB, ppm: float, seed: int, sleeves: tuple[int, ...]
) -> tuple[F32, F32]:
    """Draw neck, trunk and upper arms.

    Args:
        wear: what is worn.
        light: the scene's light.
        skin: colour of the skin.
        ppm: pixels a metre.
        seed: folds are drawn from it.
        sleeves: the sides (-1, +1) whose upper arm hangs; another arm is drawn elsewhere.

    Returns:
        Colours (h, w, 3), 0..255, and matte (h, w), 0..1.
    """
    sheet = _Sheet(ppm)
    tailor = _Tailor(
        sheet=sheet,
        light=light,
        skin=skin,
        seed=seed,
        trunk=sheet.fill(_whole(_TRUNK)),
        sleeves=tuple(sheet.sleeve(sign) for sign in sleeves),
    )
    if wear.cut == "knit":
        out, matte = tailor.neck(tailor.cloth(wear.outer, knit=True))
        return tailor.collar(out, wear.outer), matte
    out, matte = tailor.neck(tailor.cloth(wear.inner))
    out = tailor.collar(out, wear.inner)
    return tailor.jacket(out, wear.outer, 1.18 if wear.cut == "jacket" else 1.27), matte
