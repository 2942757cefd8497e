"""From a person's numbers to a model that is ready to be posed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from generator.heads import (
    beard,
    clothes,
    details,
    ears,
    glasses,
    growth,
    hair,
    light,
    raster,
    skin,
    surface,
)
from generator.heads.features import Person
from generator.heads.mesh import Model, Part, assemble, grid_triangles, vertex_normals


def _parts(person: Person, hide: surface.Skin) -> list[Part]:
    """Every piece of a person, the skin first."""
    count = len(hide.points)
    normals = vertex_normals(hide.points, hide.triangles)
    shirt = clothes.clothes(person)
    head = growth.ground(hide.points, normals)
    whole = growth.ground(
        np.concatenate([hide.points, shirt[0].points]),
        np.concatenate([normals, vertex_normals(shirt[0].points, shirt[0].triangles)]),
    )
    both_ears = ears.ears(person, hide)
    body = Part(
        points=hide.points,
        triangles=hide.triangles,
        uv=hide.uv,
        tint=np.ones((count, 3), np.float32),
        material=raster.SKIN,
        motion=hide.motion,
        shadow=grid_triangles(hide.grid[::3, ::3]),
    )
    return [
        body,
        *(details.eyeball(person.shape, side) for side in (-1, 1)),
        *details.lid_rims(person, hide),
        *details.lashes(person, hide),
        *details.mouth_inside(person, hide),
        *both_ears,
        *shirt,
        *hair.hair(person, hide, normals, whole),
        *beard.eyebrows(person, hide, head),
        *beard.beard(person, hide, normals, head),
        *glasses.glasses(person, float(np.median(both_ears[1].points[:, 0]))),
    ]


@lru_cache(maxsize=8)
def model(person: Person) -> Model:
    """The person's model, lit and ready; built once a process (about 2 s), then kept."""
    hide = surface.build(person.shape)
    roots = hair.scalp_mask(hide.points, person).reshape(hide.grid.shape)
    return light.bake(assemble(_parts(person, hide), skin.atlas(person, hide, roots)))
