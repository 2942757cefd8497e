"""Synthetic people: six heads of nobody, as closed 3-D meshes that are drawn here.

They exist so that the demo and the tests can enrol somebody without enrolling anybody. A head is
a blend of solids (`anatomy`) that rays turn into a mesh (`surface`), painted (`skin`), with eyes,
teeth and ears (`details`, `ears`), grown hair (`growth`, `hair`, `beard`), glasses and clothes; its
response to light is baked once (`light`), and a small compiled rasteriser draws it (`raster`).

    >>> frame = render(person("aiko"), Pose(yaw_deg=12.0))  # (480, 640, 3) uint8 RGB

Sides: a positive yaw turns the head to the person's OWN left: the nose moves to the right of the
picture, which is not mirrored.
"""

from __future__ import annotations

from generator.heads.errors import (
    BadPerformanceError,
    BadPictureError,
    HeadsError,
    UnknownPersonError,
)
from generator.heads.features import Looks, Person, Shape
from generator.heads.people import CAST, DEMO_PAIR, person
from generator.heads.perform import Performance, Timeline, TurnPeak, perform
from generator.heads.pose import Pose
from generator.heads.render import render

__all__ = [
    "CAST",
    "DEMO_PAIR",
    "BadPerformanceError",
    "BadPictureError",
    "HeadsError",
    "Looks",
    "Performance",
    "Person",
    "Pose",
    "Shape",
    "Timeline",
    "TurnPeak",
    "UnknownPersonError",
    "perform",
    "person",
    "render",
]
