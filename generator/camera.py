"""The camera: a pinhole with a shifted lens, and the paths it takes.

The camera never tilts: the lens is shifted instead (as an architect's camera does), so uprights
stay upright and the horizon is a straight row of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import skia

from generator.people.gait import travelled
from generator.scene import CameraMove, SceneSpec, Setting
from generator.staging import APPROACH, close, spacing, walk_of

Vec = tuple[float, float, float]
EYE_LEVEL = 1.60  # metres; the horizon of a medium shot runs behind the eyes
FACE = 0.19  # metres, the height a face detector's box has on a figure
MEDIUM_FACE = 0.215  # share of the picture's height a face takes in a medium shot


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One frame's camera: picture size, focal length and centre in pixels, place in metres.

    Attributes:
        yaw: radians, positive to the right.
    """

    width: int
    height: int
    focal: float
    cx: float
    cy: float
    x: float
    y: float
    z: float
    yaw: float

    def turn(self, p: Vec) -> Vec:
        """Rotate a world vector into the camera's axes (right, down, forward)."""
        s, c = math.sin(self.yaw), math.cos(self.yaw)
        return (c * p[0] - s * p[2], -p[1], s * p[0] + c * p[2])

    def depth(self, p: Vec) -> float:
        """Metres in front of the camera."""
        return self.turn((p[0] - self.x, p[1] - self.y, p[2] - self.z))[2]

    def project(self, p: Vec) -> tuple[float, float, float]:
        """Return the pixel x, y and the pixels a metre takes there (never nearer than 0.2 m)."""
        a, b, d = self.turn((p[0] - self.x, p[1] - self.y, p[2] - self.z))
        d = max(d, 0.2)
        k = self.focal / d
        return (self.cx + k * a, self.cy + k * b, k)

    def plane(self, origin: Vec, u: Vec, v: Vec) -> skia.Matrix:
        """Return the map from a texture to the picture; `u`, `v` are metres a texture pixel."""
        cu, cv = self.turn(u), self.turn(v)
        co = self.turn((origin[0] - self.x, origin[1] - self.y, origin[2] - self.z))
        rows: list[float] = []
        for axis, centre in ((0, self.cx), (1, self.cy)):
            rows.extend(self.focal * w[axis] + centre * w[2] for w in (cu, cv, co))
        rows.extend(w[2] for w in (cu, cv, co))
        matrix = skia.Matrix()
        matrix.setAll(*rows)
        return matrix

    def scaled(self, k: float, width: int, height: int) -> View:
        """Return the same view for a picture `k` times as large."""
        return replace(
            self,
            width=width,
            height=height,
            focal=self.focal * k,
            cx=self.cx * k,
            cy=self.cy * k,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """How the scene is framed: focal length and horizon as shares of the height, distance, eye."""

    focal: float
    horizon: float
    distance: float
    eye: float


def shot(spec: SceneSpec) -> Shot:
    """Choose the framing from who is in the scene and from the aspect of the picture."""
    width, height = spec.size
    if not spec.actors:
        upright = width < height
        focal = {Setting.ROOM: 0.92, Setting.SHORE: 0.95}.get(spec.setting, 1.0)
        return Shot(
            focal=focal * (0.8 if upright else 1.0),
            horizon=0.55 if upright else 0.52,
            distance=3.3 if spec.setting is Setting.ROOM else 4.0,
            eye=1.30 if spec.setting is Setting.ROOM else 1.55,
        )
    across = spacing(spec) * (len(spec.actors) - 1) + (0.44 if len(spec.actors) > 1 else 0.36)
    if close(spec):
        focal = 1.55
        needed = across * focal * height / width
        return Shot(
            focal=focal,
            horizon=0.40,
            distance=max(FACE * focal / MEDIUM_FACE, needed),
            eye=EYE_LEVEL,
        )
    focal = 1.25
    needed = (across + 0.3) * focal * height / width
    return Shot(focal=focal, horizon=0.40, distance=max(2.15, needed), eye=1.5)


def _ease(u: float) -> float:
    return u * u * (3 - 2 * u)


def _sway(t: float, a: float, b: float) -> float:
    return 0.6 * math.sin(a * t + 0.7) + 0.4 * math.sin(b * t + 2.1)


@dataclass(slots=True)
class _Rig:
    """The camera's place relative to its mark, which the moves change."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    yaw: float = 0.0


def view_at(spec: SceneSpec, t: float) -> View:
    """Return the camera at `t` seconds; a pure function of the scene."""
    width, height = spec.size
    framing = shot(spec)
    rig = _Rig()
    _move(rig, spec, framing, t)
    return View(
        width=width,
        height=height,
        focal=framing.focal * height,
        cx=width / 2,
        cy=framing.horizon * height,
        x=rig.x,
        y=framing.eye + rig.y,
        z=_stand(spec, framing, t) + rig.z,
        yaw=rig.yaw,
    )


def body_z(spec: SceneSpec, index: int, t: float) -> float:
    """Where the actor at `index` is along z at `t`: 0 at the mark of a standing scene."""
    walk = walk_of(spec, index)
    if walk is None:
        return 0.0
    if spec.setting is Setting.ROOM:
        return walk.length - travelled(walk, t)
    return -travelled(walk, t)


def _stand(spec: SceneSpec, framing: Shot, t: float) -> float:
    """Where the camera stands along z before its own move: it retreats before long walks."""
    if not spec.actors:
        return -framing.distance
    if spec.setting is Setting.ROOM or walk_of(spec, 0) is None:
        return -framing.distance
    if close(spec):
        return body_z(spec, 0, t) - framing.distance
    # Let the walkers come closer first, then keep the distance: a smooth blend of the two.
    gone = -body_z(spec, 0, t)
    closer = APPROACH * (1 - math.exp(-gone / APPROACH))
    return body_z(spec, 0, t) - framing.distance - APPROACH + closer


def _move(rig: _Rig, spec: SceneSpec, framing: Shot, t: float) -> None:
    u = min(t / spec.seconds, 1.0)
    populated = bool(spec.actors)
    reach = 0.05 if populated else min(0.30, 0.05 * spec.seconds)
    depth = framing.distance
    move = spec.camera
    if move in (CameraMove.PAN_LEFT, CameraMove.PAN_RIGHT):
        sign = 1 if move is CameraMove.PAN_RIGHT else -1
        rig.yaw = sign * reach * (2 * _ease(u) - 1)
    elif move in (CameraMove.DOLLY_IN, CameraMove.DOLLY_OUT):
        way = (0.16 * depth) if populated else _travel(spec)
        progress = u if move is CameraMove.DOLLY_IN else 1 - u
        rig.z = way * (progress - (0.85 if populated else 0.0))
    elif move is CameraMove.TRACKING and not populated:
        rig.x = (_ease(u) - 0.5) * (0.8 if spec.setting is Setting.ROOM else 1.8)
    elif move is CameraMove.ORBIT:
        angle = (0.16 if populated else 0.10) * (2 * _ease(u) - 1)
        rig.x = -depth * math.sin(angle)
        rig.z = depth * (1 - math.cos(angle))
        rig.yaw = angle
    elif move is CameraMove.HANDHELD:
        k = depth / 4.0
        rig.x, rig.y = 0.035 * k * _sway(t, 1.7, 3.1), 0.025 * k * _sway(t, 2.3, 4.3)
        rig.yaw = 0.006 * _sway(t, 1.3, 2.9)


def _travel(spec: SceneSpec) -> float:
    return 0.9 if spec.setting is Setting.ROOM else 0.45 * min(spec.seconds, 20.0)
