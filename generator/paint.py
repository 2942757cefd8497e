"""Drawing in the world: planes, cards, fog and soft shadows on a skia canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import skia

from generator.camera import Vec, View
from generator.light import Light
from generator.textures import LINEAR, RGB, SMOOTH, image, ink

Corners = tuple[Vec, Vec, Vec]  # top left, top right, bottom left


def blob(size: int = 96, power: float = 2.0) -> skia.Image:
    """Return a soft round white spot with premultiplied alpha."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    a = np.clip(1 - np.hypot(x, y), 0, 1) ** power * 255
    return image(np.dstack([a, a, a, a]))


SOFT = blob()


def modulated(colour: RGB, alpha: float, *, add: bool) -> skia.Paint:
    """Return a paint that gives a white sprite a colour, adding light where asked."""
    paint = skia.Paint(Alphaf=max(0.0, min(1.0, alpha)))
    paint.setColorFilter(skia.ColorFilters.Blend(ink(colour), skia.BlendMode.kModulate))
    if add:
        paint.setBlendMode(skia.BlendMode.kPlus)
    return paint


@dataclass(frozen=True, kw_only=True, slots=True)
class Easel:
    """A canvas with the camera and the light that everything on it shares."""

    canvas: skia.Canvas
    view: View
    light: Light

    def fade(self, distance: float) -> float:
        """How much of a thing `distance` metres away the fog has taken, 0..0.92."""
        return min(0.92, 1 - math.exp(-max(distance - 3.0, 0.0) / (self.light.haze * 1.44)))

    def fogged(self, distance: float) -> skia.Paint:
        """Return a paint that tints whatever it draws towards the fog."""
        paint = skia.Paint(AntiAlias=True)
        amount = self.fade(distance)
        if amount > 0.015:
            colour = ink(self.light.fog, 255 * amount)
            paint.setColorFilter(skia.ColorFilters.Blend(colour, skia.BlendMode.kSrcATop))
        return paint

    def board(self, picture: skia.Image, corners: Corners, paint: skia.Paint | None = None) -> None:
        """Draw a picture on a parallelogram in the world."""
        o, a, b = corners
        w, h = picture.width(), picture.height()
        u = ((a[0] - o[0]) / w, (a[1] - o[1]) / w, (a[2] - o[2]) / w)
        v = ((b[0] - o[0]) / h, (b[1] - o[1]) / h, (b[2] - o[2]) / h)
        self.canvas.save()
        self.canvas.concat(self.view.plane(o, u, v))
        self.canvas.drawImage(picture, 0, 0, SMOOTH, paint)
        self.canvas.restore()

    def veil(self, corners: Corners) -> None:
        """Lay fog over a parallelogram, by the distance of its left and its right edge."""
        o, a, b = corners
        u = (a[0] - o[0], a[1] - o[1], a[2] - o[2])
        v = (b[0] - o[0], b[1] - o[1], b[2] - o[2])
        fog = [ink(self.light.fog, 255 * self.fade(self.view.depth(p))) for p in (o, a)]
        shader = skia.GradientShader.MakeLinear([skia.Point(0, 0), skia.Point(1, 0)], fog)
        self.canvas.save()
        self.canvas.concat(self.view.plane(o, u, v))
        self.canvas.drawRect(skia.Rect.MakeWH(1, 1), skia.Paint(Shader=shader))
        self.canvas.restore()

    def card(
        self,
        picture: skia.Image,
        foot: Vec,
        size: tuple[float, float],
        *,
        sway: float = 0.0,
        clear: bool = False,
        appear: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Draw an upright picture that always faces the camera, standing on `foot`.

        `size` is metres; `sway` leans the top; `clear` leaves the fog out; between the two
        distances `appear` it fades in, so that nothing pops into a picture whose camera moves.
        """
        distance = self.view.depth(foot)
        if distance < max(0.35, appear[0]):
            return
        x, y, k = self.view.project(foot)
        w, h = size[0] * k, size[1] * k
        if x + w < 0 or x - w > self.view.width or y < 0:
            return
        paint = skia.Paint(AntiAlias=True) if clear else self.fogged(distance)
        if distance < appear[1]:
            paint.setAlphaf((distance - appear[0]) / (appear[1] - appear[0]))
        self.canvas.save()
        self.canvas.translate(x, y)
        if sway:
            self.canvas.skew(sway, 0)
        box = skia.Rect.MakeXYWH(-w / 2, -h, w, h)
        self.canvas.drawImageRect(picture, box, SMOOTH, paint)
        self.canvas.restore()

    def haze(self, start: float = 4.0) -> None:
        """Fog the ground: a gradient from the horizon down to where `start` metres begin."""
        view, far = self.view, (400.0, 60.0, 25.0, 12.0, start)
        rows = [view.cy + view.focal * view.y / d for d in far]
        stops = [(r - rows[0]) / (rows[-1] - rows[0]) for r in rows]
        ends = [skia.Point(0, rows[0]), skia.Point(0, rows[-1])]
        inks = [ink(self.light.fog, 255 * self.fade(d)) for d in far]
        shader = skia.GradientShader.MakeLinear(ends, inks, stops)
        box = skia.Rect.MakeLTRB(0, rows[0], view.width, rows[-1])
        self.canvas.drawRect(box, skia.Paint(Shader=shader))

    def glow(self, place: Vec, radius: float, colour: RGB, alpha: float) -> None:
        """Add a soft light of `radius` metres around a place."""
        if self.view.depth(place) < 0.35:
            return
        x, y, k = self.view.project(place)
        r = radius * k
        if -r < x < self.view.width + r:
            box = skia.Rect.MakeXYWH(x - r, y - r, 2 * r, 2 * r)
            paint = modulated(colour, alpha, add=True)
            self.canvas.drawImageRect(SOFT, box, LINEAR, paint)

    def pool(
        self,
        centre: tuple[float, float],
        radius: tuple[float, float],
        colour: RGB,
        alpha: float,
        *,
        add: bool = False,
        lean: float = 0.0,
        y: float = 0.004,
    ) -> None:
        """Lay a soft spot on the ground around x, z: shadow, or light where `add`.

        `lean` shears it along x per metre of z, for shadows that fall aslant.
        """
        (x, z), (rx, rz) = centre, radius
        if self.view.depth((x, 0.0, z + rz)) < 0.3:
            return
        corners = (
            (x - rx + lean * rz, y, z + rz),
            (x + rx + lean * rz, y, z + rz),
            (x - rx - lean * rz, y, z - rz),
        )
        self.board(SOFT, corners, modulated(colour, alpha, add=add))
