"""Where every joint is at a moment: walking, standing, talking, waving."""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.camera import Vec
from generator.people import gait
from generator.people.torso import ELBOW, SHOULDER
from generator.scene import Action, SceneSpec
from generator.staging import Walk, speaks, walk_of

Chain = tuple[Vec, Vec, Vec]
THIGH, SHIN, UPPER, FORE = 0.43, 0.42, 0.28, 0.24  # metres
EYES = 1.635
WAVE_EVERY, WAVE_LASTS = 6.0, 3.4  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Pose:
    """The joints in the world, and the angles (degrees) of what is drawn as a whole.

    Attributes:
        legs: hip, knee, ankle of the image-left and image-right leg.
        feet: heel and toe of each.
        arms: shoulder, elbow, wrist of each.
        leg_order: which leg to draw first.
        chest: a point 1.2 m above the ground in the body's middle.
        eyes: between the eyes.
        lean: of the torso.
        breath: factor on the torso's height.
        tilt: of the head.
        turn: of the face, -1..1.
        nod: of the face, -1..1.
    """

    legs: tuple[Chain, Chain]
    feet: tuple[tuple[Vec, Vec], tuple[Vec, Vec]]
    arms: tuple[Chain, Chain]
    leg_order: tuple[int, int]
    chest: Vec
    eyes: Vec
    lean: float
    breath: float
    tilt: float
    turn: float
    nod: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Body:
    x: float
    z: float
    rise: float
    beat: float
    pace: float


def pose_at(
    spec: SceneSpec, index: int, t: float, *, place: tuple[float, float], seed: int
) -> Pose:
    """Return the pose of the actor at `index`; `place` is x and z of the body."""
    walk = walk_of(spec, index)
    own = seed % 1000 / 1000 * 6.28
    pace = gait.pace(walk, t) if walk else 0.0
    beat = gait.steps(walk, t) if walk else 0.0
    body = _Body(
        x=place[0] + 0.016 * pace * math.sin(math.pi * beat) + 0.006 * math.sin(0.9 * t + own),
        z=place[1],
        rise=-0.016 * pace * math.cos(2 * math.pi * beat),
        beat=beat,
        pace=pace,
    )
    actor = spec.actors[index]
    talk = 1.0 if speaks(actor) else 0.4
    legs, feet = _legs(body, walk, t)
    sway = math.sin(0.8 * t + own)
    head = 0.010 * talk * math.sin(1.9 * t + own) + 0.006 * sway
    eyes = (body.x + head, EYES + body.rise + 0.003 * math.sin(2.3 * t + own), body.z - 0.02)
    return Pose(
        legs=legs,
        feet=feet,
        arms=(
            _arm(spec, index, body, t, side=0, own=own),
            _arm(spec, index, body, t, side=1, own=own),
        ),
        leg_order=(0, 1) if legs[0][2][2] > legs[1][2][2] else (1, 0),
        chest=(body.x, 1.20 + body.rise, body.z),
        eyes=eyes,
        lean=1.1 * pace * math.sin(math.pi * beat) + 0.4 * sway,
        breath=1 + 0.004 * math.sin(1.6 * t + own),
        tilt=1.6 * talk * math.sin(1.15 * t + own) * math.sin(0.43 * t + 1) - 0.6 * sway,
        turn=talk * 0.75 * math.sin(0.93 * t + own) * math.cos(0.31 * t + own),
        nod=talk * 0.55 * math.sin(2.1 * t + own) * math.sin(0.7 * t),
    )


def _legs(
    body: _Body, walk: Walk | None, t: float
) -> tuple[tuple[Chain, Chain], tuple[tuple[Vec, Vec], tuple[Vec, Vec]]]:
    chains: list[Chain] = []
    feet: list[tuple[Vec, Vec]] = []
    for side in (0, 1):
        sign = 2 * side - 1
        ahead, height = 0.0, 0.0
        if walk:
            step = gait.foot(walk, t, side)
            ahead, height = step.ahead, step.height
        x = body.x + sign * (0.085 if walk else 0.105)
        z = body.z - ahead
        ankle = (x, 0.095 + height, z)
        hip = (body.x + sign * 0.092, 0.90 + body.rise, body.z)
        chains.append((hip, _knee(hip, ankle), ankle))
        drop = min(height * 0.5, 0.03)
        feet.append(
            ((x, 0.052 + height, z + 0.02), (x + 0.03 * sign, 0.045 + height - drop, z - 0.14))
        )
    return (chains[0], chains[1]), (feet[0], feet[1])


def _knee(hip: Vec, ankle: Vec) -> Vec:
    """Bend the knee towards the camera so that both bones keep their lengths."""
    dx, dy, dz = (ankle[0] - hip[0], ankle[1] - hip[1], ankle[2] - hip[2])
    reach = min(math.sqrt(dx * dx + dy * dy + dz * dz), THIGH + SHIN - 1e-4)
    along = (reach * reach + THIGH * THIGH - SHIN * SHIN) / (2 * reach)
    out = math.sqrt(max(THIGH * THIGH - along * along, 0.0))
    u = along / reach
    flat = math.hypot(dy, dz) or 1.0
    return (
        hip[0] + dx * u,
        hip[1] + dy * u + out * dz / flat,
        hip[2] + dz * u + out * dy / flat,
    )


def waving_side(spec: SceneSpec, index: int) -> int | None:
    """Which arm (0 image-left, 1 image-right) waves; None where nobody does.

    Of two people the inner arm, so that the hand stays inside the picture.
    """
    if spec.actors[index].action is not Action.WAVE:
        return None
    return 1 - index if len(spec.actors) > 1 else 1


def _arm(spec: SceneSpec, index: int, body: _Body, t: float, *, side: int, own: float) -> Chain:
    sign = 2 * side - 1
    shoulder = (body.x + sign * SHOULDER[0], SHOULDER[1] + body.rise, body.z)
    swing = -0.42 * body.pace * math.cos(math.pi * (body.beat - side))
    elbow = (body.x + sign * ELBOW[0], ELBOW[1] + body.rise, body.z - 0.28 * math.sin(swing))
    fore = swing + 0.26 + 0.25 * body.pace + 0.05 * math.sin(0.9 * t + own + side)
    wrist = (
        elbow[0] - sign * 0.010,
        elbow[1] - FORE * math.cos(fore),
        elbow[2] - FORE * math.sin(fore),
    )
    if side != waving_side(spec, index):
        return (shoulder, elbow, wrist)
    return _waving((shoulder, elbow, wrist), t, sign)


def _waving(rest: Chain, t: float, sign: int) -> Chain:
    """Raise the arm and swing the forearm, again and again with pauses between."""
    phase = (t - 0.4) % WAVE_EVERY
    up = min(max(phase / 0.55, 0.0), 1.0) * min(max((WAVE_LASTS - phase) / 0.55, 0.0), 1.0)
    if t < 0.4:
        up = 0.0
    k = up * up * (3 - 2 * up)
    angle = 0.06 + 0.30 * math.sin(phase * 2 * math.pi * 1.25)
    s = rest[0]
    elbow = (s[0] + sign * 0.105, s[1] - 0.215, s[2] - 0.13)
    wrist = (
        elbow[0] + sign * FORE * math.sin(angle),
        elbow[1] + FORE * math.cos(angle),
        elbow[2] - 0.05,
    )
    return (s, _between(rest[1], elbow, k), _between(rest[2], wrist, k))


def _between(a: Vec, b: Vec, k: float) -> Vec:
    return (a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k, a[2] + (b[2] - a[2]) * k)
