"""The places a scene can be set in, each a module that bakes its assets once and then draws."""

from __future__ import annotations

from generator.light import Light
from generator.scene import SceneSpec, Setting
from generator.scenes.avenue import Avenue
from generator.scenes.place import Place
from generator.scenes.room import Room
from generator.scenes.shore import Shore
from generator.scenes.street import Street

__all__ = ["Place", "build"]

_PLACES: dict[Setting, type[Avenue] | type[Shore] | type[Street] | type[Room]] = {
    Setting.AVENUE: Avenue,
    Setting.SHORE: Shore,
    Setting.STREET: Street,
    Setting.ROOM: Room,
}


def build(spec: SceneSpec, light: Light) -> Place:
    """Bake the scene's place."""
    return _PLACES[spec.setting](spec, light)
