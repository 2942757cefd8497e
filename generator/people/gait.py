"""How people walk: feet that stay where they are put, and when they come down.

The walk is driven by the distance covered, not by time: a foot is planted at a point of the
ground and does not move until it is lifted, whatever the speed. `footfalls` gives the sound its
times from the very same function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.scene import SceneSpec
from generator.staging import SLOWING, STEP_PER_SPEED, Walk, walk_of

LIFT = 0.075  # metres a foot rises in its swing
PLANTED = 1.2  # steps of body travel a foot stays down, of the two in a cycle
AHEAD = 0.58  # steps by which a foot lands before the body


@dataclass(frozen=True, kw_only=True, slots=True)
class Foot:
    """A foot relative to the body: metres ahead, metres above the ground, down or not."""

    ahead: float
    height: float
    planted: bool


def travelled(walk: Walk, t: float) -> float:
    """Metres walked `t` seconds after the start, easing to the walk's end."""
    coast = walk.length - walk.speed * SLOWING / 2
    until = coast / walk.speed
    if t <= until:
        return walk.speed * max(t, 0.0)
    late = min((t - until) / SLOWING, 1.0)
    return coast + walk.speed * SLOWING * (late - late * late / 2)


def _when(walk: Walk, distance: float) -> float:
    coast = walk.length - walk.speed * SLOWING / 2
    if distance <= coast:
        return distance / walk.speed
    rest = (distance - coast) / (walk.speed * SLOWING)
    return coast / walk.speed + SLOWING * (1 - math.sqrt(max(1 - 2 * rest, 0.0)))


def step_length(walk: Walk) -> float:
    """Metres from one footfall to the next."""
    return walk.speed * STEP_PER_SPEED


def pace(walk: Walk, t: float) -> float:
    """Speed at `t` as a share of the walk's speed, 0..1."""
    return min(1.0, (travelled(walk, t + 0.04) - travelled(walk, t - 0.04)) / (0.08 * walk.speed))


def steps(walk: Walk, t: float) -> float:
    """Steps taken at `t`, a real number; whole numbers are the left foot's and right's turns."""
    return travelled(walk, t) / step_length(walk) + 2 * walk.shift


def foot(walk: Walk, t: float, side: int) -> Foot:
    """Return the foot of `side` (0 or 1) at `t`.

    While planted, `ahead` shrinks by exactly what the body travels, so the foot is at rest on
    the ground.
    """
    length = step_length(walk)
    cycle = (steps(walk, t) - side) % 2.0
    if cycle < PLANTED:
        return Foot(ahead=(AHEAD - cycle) * length, height=0.0, planted=True)
    swing = (cycle - PLANTED) / (2.0 - PLANTED)
    ease = swing * swing * (3 - 2 * swing)
    behind = AHEAD - PLANTED
    return Foot(
        ahead=(behind + (AHEAD - behind) * ease) * length,
        height=LIFT * math.sin(math.pi * swing) ** 0.8,
        planted=False,
    )


def footfalls(spec: SceneSpec) -> dict[str, tuple[float, ...]]:
    """Return when feet come down, per handle: seconds from the start, rising, inside the clip.

    Actors who do not walk have an empty tuple.
    """
    return {actor.handle: _falls(spec, index) for index, actor in enumerate(spec.actors)}


def _falls(spec: SceneSpec, index: int) -> tuple[float, ...]:
    walk = walk_of(spec, index)
    if walk is None:
        return ()
    length = step_length(walk)
    first = math.ceil(2 * walk.shift)
    times = []
    for count in range(first, first + int(walk.length / length) + 2):
        distance = (count - 2 * walk.shift) * length
        if distance > walk.length - 1e-9:
            break
        when = _when(walk, distance)
        if when < spec.seconds:
            times.append(round(when, 6))
    return tuple(times)
