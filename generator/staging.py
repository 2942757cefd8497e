"""Where the people are: marks, walks and the distance the camera keeps, from the scene alone.

World axes: x to the right, y up, z away from the camera; metres. People face the camera, so a
walk goes towards smaller z and the camera retreats before it when the walk is long.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.scene import Action, Actor, SceneSpec, Setting

SPEED = {Setting.AVENUE: 1.2, Setting.SHORE: 1.05, Setting.STREET: 1.25, Setting.ROOM: 0.85}
STEP_PER_SPEED = 0.56  # seconds a step takes: its length is the speed times this
ROOM_STEPS = 5.1  # steps from the far side of the room to the mark; ends with both feet down
SLOWING = 0.7  # seconds in which a walk comes to its end
APPROACH = 2.6  # metres by which a walker outside comes closer before the camera retreats


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """A straight walk towards the camera.

    Attributes:
        speed: metres a second before the slowing.
        length: metres walked in all; the clip's length times the speed where it never stops.
        shift: where in the cycle of two steps the walk begins, 0..1.
    """

    speed: float
    length: float
    shift: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Where one actor is: x and z in metres at the end of the approach, and the walk if any."""

    x: float
    z: float
    walk: Walk | None


def speaks(actor: Actor) -> bool:
    """Say whether the actor's mouth moves."""
    return bool(actor.lines)


def close(spec: SceneSpec) -> bool:
    """Say whether the scene is a medium shot (someone speaks, or nobody walks)."""
    return any(speaks(actor) for actor in spec.actors) or not any(
        actor.action is Action.WALK for actor in spec.actors
    )


def walk_of(spec: SceneSpec, index: int) -> Walk | None:
    """Return the walk of the actor at `index`, or None for one who stays where they are."""
    if not any(actor.action is Action.WALK for actor in spec.actors):
        return None
    if spec.actors[index].action is not Action.WALK and spec.setting is Setting.ROOM:
        return None
    # Outside, whoever walks sets the pace for both: the camera follows them together.
    speed = SPEED[spec.setting]
    shift = (0.0, 0.41)[index % 2]
    length = speed * (spec.seconds + 1.0)
    if spec.setting is Setting.ROOM:
        length = (ROOM_STEPS - 2 * shift) * speed * STEP_PER_SPEED
    return Walk(speed=speed, length=length, shift=shift)


def spacing(spec: SceneSpec) -> float:
    """Metres between two people, closer in an upright picture so that both heads fit."""
    width, height = spec.size
    if width < height:
        return 0.46 if close(spec) else 0.62
    return 0.62 if width == height else 0.72


def mark(spec: SceneSpec, index: int) -> Mark:
    """Return where the actor at `index` is: side by side, a hand's breadth apart in depth."""
    people = len(spec.actors)
    x = (index - (people - 1) / 2) * spacing(spec)
    return Mark(x=x, z=0.12 * (index % 2), walk=walk_of(spec, index))
