"""What a head does in one frame, and where that puts every vertex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generator.heads import anatomy, light, shading
from generator.heads.arrays import Floats
from generator.heads.features import Person
from generator.heads.mesh import Model, vertex_normals

NECK = np.array([0.0, -9.5, -2.6], np.float32)  # the head turns about this point
JAW = np.array([0.0, -2.6, -0.6], np.float32)
JAW_REACH = 17.0  # degrees at mouth = 1
# Red travels further under the skin than blue, so red takes more of the wide response to light:
# the edge of the shadow turns warm.
SKIN_MIX = np.array([0.50, 0.24, 0.14], np.float32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pose:
    """One moment of a head.

    Attributes:
        yaw_deg: turn about the neck. Positive: towards the person's OWN left, which in the
            (unmirrored) picture moves the nose to the right.
        pitch_deg: positive looks down.
        roll_deg: positive leans the crown to the picture's right.
        mouth: 0 closed .. 1 wide open.
        blink: 0 open .. 1 both eyes shut.
        smile: 0 .. 1.
        shift_cm: sway of the whole body to the picture's right and up.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    mouth: float = 0.0
    blink: float = 0.0
    smile: float = 0.0
    shift_cm: tuple[float, float] = (0.0, 0.0)


def rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Floats:
    """The (3, 3) turn of a head; applied as `points @ r.T`."""
    a, b, c = np.radians([yaw_deg, pitch_deg, -roll_deg])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    lean = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(lean @ turn @ nod, np.float32)


def _about_x(points: Floats, centre: Floats, angle: Floats) -> Floats:
    """Points (n, 3) turned by `angle` (n,) radians about the x axis through `centre`."""
    d = points - centre
    cos, sin = np.cos(angle), np.sin(angle)
    out = d.copy()
    out[:, 1] = d[:, 1] * cos - d[:, 2] * sin
    out[:, 2] = d[:, 1] * sin + d[:, 2] * cos
    return out + centre


def _expression(person: Person, model: Model, pose: Pose) -> Floats:
    """Rest points moved by smile, lids, gaze and jaw."""
    points = model.points.copy()
    m = model.motion
    if pose.smile:
        points += m.smile * np.float32(pose.smile)
    lids = m.lid * np.float32(min(1.0, pose.blink + 0.10 * pose.smile))
    for side in (-1, 1):
        centre = anatomy.eye_centre(person.shape, side)
        moved = np.flatnonzero((m.eye == side) & (lids != 0))
        if len(moved):
            points[moved] = _about_x(points[moved], centre, lids[moved])
        ball = np.flatnonzero((m.eye == side) & (m.gaze > 0))
        back = rotation(-0.55 * pose.yaw_deg - 2.0 * side, -0.6 * pose.pitch_deg, 0)
        points[ball] = (points[ball] - centre) @ back.T + centre
    if pose.mouth:
        jaw = np.flatnonzero(m.jaw > 1e-4)
        angle = m.jaw[jaw] * np.float32(np.radians(JAW_REACH * pose.mouth))
        points[jaw] = _about_x(points[jaw], JAW, angle)
    return points


def take(person: Person, model: Model, pose: Pose) -> tuple[Floats, Floats]:
    """The model in the pose: points (V, 3) in the camera's axes and attributes for shading."""
    rest = _expression(person, model, pose)
    fresh = vertex_normals(rest, model.triangles)
    facing = np.where(model.fixed_facing[:, None], model.facing, fresh)
    head = light.coefficients(rotation(pose.yaw_deg, pose.pitch_deg, pose.roll_deg))
    body = light.coefficients(np.eye(3, dtype=np.float32))
    angles = np.radians([pose.yaw_deg, pose.pitch_deg, pose.roll_deg]).astype(np.float32)
    points = np.empty_like(rest)
    attributes = model.attributes.copy()
    shading.stand(
        rest - NECK, facing, model.along, model.share, angles, model.soft, model.wide,
        np.stack([head, body]), SKIN_MIX, points, attributes,
    )  # fmt: skip
    sway = 0.25 + 0.75 * model.share
    points += NECK
    points[:, 0] += sway * np.float32(pose.shift_cm[0])
    points[:, 1] += sway * np.float32(pose.shift_cm[1])
    return points, attributes
