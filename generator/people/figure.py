"""A whole person: a skeleton in the world, dressed, with the cut-out head on its shoulders."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
import skia

from generator.camera import Vec, body_z, shot
from generator.light import Light
from generator.looks.look import Look
from generator.paint import Easel
from generator.people import hands
from generator.people.cutout import IOD_METRES, cut_out
from generator.people.mouth import Expression, Face, blink
from generator.people.pose import FORE, UPPER, Pose, pose_at, waving_side
from generator.people.torso import ARM, torso
from generator.people.wardrobe import HEM_Y, TOP_Y, TORSO_W, limb, outfit
from generator.request import Appearance, CastMember
from generator.scene import Actor, SceneSpec
from generator.staging import mark
from generator.textures import F32, SMOOTH, U8, cut, inflate, mix, raster


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limb:
    picture: skia.Image
    length: float
    top: float
    ppm: float


class Figure:
    """One actor; `draw` is a pure function of the moment and of the mouth's opening."""

    def __init__(
        self, spec: SceneSpec, index: int, member: CastMember, *, light: Light, look: Look
    ) -> None:
        """Cut out, dress and light the person once."""
        framing = shot(spec)
        ppm = framing.focal * spec.size[1] / framing.distance * 1.06
        self._spec, self._index = spec, index
        self._actor: Actor = spec.actors[index]
        self._light = light
        self._seed = zlib.crc32(f"{spec.seed}:{self._actor.handle}".encode())
        self._mark = mark(spec, index)
        self._ppm = min(ppm, 900.0)
        self._bake_head(member.appearance, look)
        self._bake_body(look)

    def _bake_head(self, appearance: Appearance, look: Look) -> None:
        iod = min(IOD_METRES * self._ppm, 1.5 * _iod(appearance))
        self._head = cut_out(appearance, iod)
        rgb = look.asset(self._head.rgb, line=0.011 * iod)
        self._face = Face(self._head, _relit(rgb, self._head.alpha, self._light, iod), (58, 24, 26))

    def _bake_body(self, look: Look) -> None:
        light, ppm, skin = self._light, self._ppm, self._head.skin
        wear = outfit(self._seed)

        def sprite(made: tuple[F32, F32]) -> skia.Image:
            return cut(look.asset(made[0], line=0.0), made[1])

        def bone(
            colour: tuple[float, float, float], length: float, top: float, end: float
        ) -> _Limb:
            made = limb(colour, light, length=length, radii=(top, end), ppm=ppm, seed=self._seed)
            return _Limb(picture=sprite(made), length=length, top=top, ppm=ppm)

        self._waving = waving_side(self._spec, self._index)
        sleeves = tuple(2 * side - 1 for side in (0, 1) if side != self._waving)
        self._torso = sprite(
            torso(wear, light, skin=self._head.throat, ppm=ppm, seed=self._seed, sleeves=sleeves)
        )
        self._arm = (bone(wear.outer, UPPER, *ARM), bone(wear.outer, FORE, 0.053, 0.041))
        self._leg = (
            bone(wear.trousers, 0.42, 0.094, 0.068),
            bone(wear.trousers, 0.41, 0.068, 0.050),
        )
        self._shoe = bone(wear.shoes, 0.15, 0.050, 0.043)
        self._hand = sprite(hands.hanging(skin, light, ppm))
        self._palm = sprite(hands.waving(skin, light, ppm))

    @property
    def handle(self) -> str:
        """Whose figure it is."""
        return self._actor.handle

    def place(self, t: float) -> tuple[float, float]:
        """Where the body stands at `t`: x and z in metres."""
        return (self._mark.x, self._mark.z + body_z(self._spec, self._index, t))

    def ground(self, easel: Easel, t: float) -> None:
        """Lay the shadow on the ground."""
        x, z = self.place(t)
        light = self._light
        strength = 0.62 if light.rim > 0.5 else 0.45
        lean = math.tan(max(-0.9, min(0.9, light.azimuth)))
        if light.rim > 0.3 and light.elevation < 0.5:
            long = 1.5 if light.elevation < 0.2 else 0.8
            easel.pool((x - lean * long, z - long), (0.26, long), (22, 12, 28), strength, lean=lean)
        easel.pool((x, z), (0.42, 0.34), (16, 10, 20), strength)

    def draw(self, easel: Easel, t: float, opening: float) -> None:
        """Draw the person, the mouth open by `opening` (0..1)."""
        pose = pose_at(self._spec, self._index, t, place=self.place(t), seed=self._seed)
        for side in pose.leg_order:
            self._draw_leg(easel, pose, side)
        for side in (0, 1):
            if side == self._waving:
                self._bone(easel, self._arm[0], *pose.arms[side][:2])
            else:
                self._draw_forearm(easel, pose, side)
        self._draw_torso(easel, pose)
        self._draw_head(easel, pose, t, opening)
        if self._waving is not None:
            self._draw_forearm(easel, pose, self._waving)

    def _draw_leg(self, easel: Easel, pose: Pose, side: int) -> None:
        hip, knee, ankle = pose.legs[side]
        heel, toe = pose.feet[side]
        self._bone(easel, self._leg[1], knee, ankle)
        self._bone(easel, self._shoe, heel, toe)
        self._bone(easel, self._leg[0], hip, knee)

    def _draw_forearm(self, easel: Easel, pose: Pose, side: int) -> None:
        _, elbow, wrist = pose.arms[side]
        self._draw_hand(easel, pose, side)
        self._bone(easel, self._arm[1], elbow, wrist)

    def _draw_hand(self, easel: Easel, pose: Pose, side: int) -> None:
        _, elbow, wrist = pose.arms[side]
        x0, y0, _ = easel.view.project(elbow)
        x1, y1, k = easel.view.project(wrist)
        up = y1 < y0
        picture = self._palm if up else self._hand
        canvas = easel.canvas
        canvas.save()
        canvas.translate(x1, y1)
        angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
        canvas.rotate(angle + 90 if up else angle - 90)
        mirror = -1 if (side == 0) != up else 1
        canvas.scale(mirror * k / self._ppm, k / self._ppm)
        w, h = picture.width(), picture.height()
        canvas.drawImage(
            picture, -w / 2, -h + 0.012 * self._ppm if up else -0.012 * self._ppm, SMOOTH
        )
        canvas.restore()

    def _draw_torso(self, easel: Easel, pose: Pose) -> None:
        x, y, k = easel.view.project(pose.chest)
        canvas = easel.canvas
        canvas.save()
        canvas.translate(x, y)
        canvas.rotate(pose.lean)
        canvas.scale(1.0, pose.breath)
        top, height = 1.20 - TOP_Y, TOP_Y - HEM_Y
        box = skia.Rect.MakeXYWH(-TORSO_W / 2 * k, top * k, TORSO_W * k, height * k)
        canvas.drawImageRect(self._torso, box, SMOOTH)
        canvas.restore()

    def _draw_head(self, easel: Easel, pose: Pose, t: float, opening: float) -> None:
        head = self._head
        face = Expression(
            mouth=float(np.clip(opening, 0, 1)),
            lids=blink(self._seed, t),
            turn=pose.turn,
            nod=pose.nod,
        )
        picture: U8 = self._face.sprite(face)
        x, y, k = easel.view.project(pose.eyes)
        size = k * IOD_METRES / head.iod
        canvas = easel.canvas
        canvas.save()
        canvas.translate(x, y)
        canvas.rotate(pose.tilt)
        canvas.scale(size, size)
        canvas.drawImage(raster(picture), -head.eyes[0], -head.eyes[1], _sampling(size))
        canvas.restore()

    def _bone(self, easel: Easel, part: _Limb, a: Vec, b: Vec) -> None:
        x0, y0, k0 = easel.view.project(a)
        x1, y1, k1 = easel.view.project(b)
        canvas = easel.canvas
        canvas.save()
        canvas.translate(x0, y0)
        canvas.rotate(math.degrees(math.atan2(y1 - y0, x1 - x0)) - 90)
        wide = (k0 + k1) / 2 / part.ppm
        long = math.hypot(x1 - x0, y1 - y0) / (part.length * part.ppm)
        canvas.scale(wide, max(long, 0.12 * wide))
        canvas.drawImage(part.picture, -part.picture.width() / 2, -part.top * part.ppm, SMOOTH)
        canvas.restore()


def _iod(appearance: Appearance) -> float:
    p = appearance.landmarks5
    return float(np.hypot(*((p[0] + p[1]) / 2 - (p[2] + p[3]) / 2)))


def _sampling(size: float) -> skia.SamplingOptions:
    if size < 0.75:
        return SMOOTH
    return skia.SamplingOptions(skia.CubicResampler.Mitchell())


def _relit(rgb: F32, alpha: F32, light: Light, iod: float) -> F32:
    """Bring the head into the scene's light; gentle inside the face, a bright edge behind it."""
    h, w = alpha.shape
    tint = np.array(mix(light.ambient, (1.0, 1.0, 1.0), 0.42), np.float32)
    across = (np.arange(w, dtype=np.float32)[None, :, None] / w - 0.5) * 2 * light.side
    down = np.arange(h, dtype=np.float32)[:, None, None] / h - 0.5
    key = np.array(light.key, np.float32)
    shade = 1.0 + 0.20 * np.clip(across * 1.4, -1, 1) * key - 0.10 * down
    out = np.clip(rgb, 0, 255) * tint * shade * 0.95
    nx, ny = inflate(alpha, 0.34 * iod)
    rim = np.clip(0.95 * light.side * nx - 0.4 * ny - 0.50, 0, 1)[..., None] * 1.5 * light.rim
    glow = np.array(light.sun, np.float32) * np.array([1.0, 0.86, 0.72], np.float32)
    return np.asarray(np.clip(out + 0.62 * rim * glow, 0, 255), np.float32)
