"""Pieces of surface and how they become one model: positions, colours, motion weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from generator.heads import raster
from generator.heads.arrays import Bytes, Floats, Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Motion:
    """How each of n vertices moves with the face; zeros where it does not.

    Attributes:
        jaw: (n,) share of the jaw's rotation, 0..1.
        lid: (n,) radians that a full blink turns the vertex about its eye's axis.
        eye: (n,) which eye's axis: -1 image left, 1 image right.
        gaze: (n,) 1 for parts of the eyeballs, which follow the camera.
        smile: (n, 3) cm of displacement at a full smile.
    """

    jaw: Floats
    lid: Floats
    eye: Floats
    gaze: Floats
    smile: Floats

    @staticmethod
    def still(count: int) -> Motion:
        """No motion for `count` vertices."""
        zero = np.zeros(count, np.float32)
        return Motion(
            jaw=zero, lid=zero, eye=zero, gaze=zero, smile=np.zeros((count, 3), np.float32)
        )

    def take(self, index: npt.NDArray[np.intp]) -> Motion:
        """The motion of the vertices that `index` names."""
        return Motion(
            jaw=self.jaw[index],
            lid=self.lid[index],
            eye=self.eye[index],
            gaze=self.gaze[index],
            smile=self.smile[index],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One piece of surface.

    Attributes:
        points: (n, 3) rest positions, cm.
        triangles: (t, 3), counter-clockwise seen from outside.
        uv: (n, 2) place in the atlas, texels.
        tint: (n, 3) linear colour that multiplies the atlas.
        material: one of the raster materials.
        two_sided: whether the back shows.
        along: (n, 3) direction of the fibre (hair) or zeros.
        facing: (n, 3) fixed normals, or None to take them from the surface.
        motion: how the vertices follow the face.
        casts: whether the part darkens others.
        shadow: (t, 3) fewer triangles to cast the part's shadow with, or None for its own.
        floor: light (0..1) that reaches the part however hidden it is in the rest pose.
    """

    points: Floats
    triangles: Ints
    uv: Floats
    tint: Floats
    material: int
    two_sided: bool = False
    along: Floats | None = None
    facing: Floats | None = None
    motion: Motion | None = None
    casts: bool = True
    shadow: Ints | None = None
    floor: float = 0.0


def flat(count: int, colour: Sequence[float] | Floats) -> Floats:
    """`count` rows of one linear colour."""
    return np.tile(np.asarray(colour, np.float32), (count, 1))


def linear(colour: Sequence[float] | Floats) -> Floats:
    """SRGB 0..255 to linear 0..1."""
    value = np.asarray(colour, np.float32) / 255.0
    return np.asarray(
        np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4), np.float32
    )


def grid_triangles(index: Ints) -> Ints:
    """Triangles of an (r, c) grid of vertex numbers, facing out when columns run to the right."""
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, :-1].ravel(), index[1:, 1:].ravel()
    faces = np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)])
    distinct = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 0] != faces[:, 2])
    )
    return np.ascontiguousarray(faces[distinct], np.int32)


def sheet(rows: int, columns: int) -> Ints:
    """Triangles of a plain grid of rows x columns vertices."""
    return grid_triangles(np.arange(rows * columns, dtype=np.int32).reshape(rows, columns))


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """All parts of a person as single arrays (V vertices, T triangles); see `Part`."""

    points: Floats
    triangles: Ints
    along: Floats
    facing: Floats
    fixed_facing: npt.NDArray[np.bool_]
    material: Bytes
    two_sided: Bytes
    shadow: Ints
    lens: Ints
    floor: Floats
    motion: Motion
    atlas: Bytes
    share: Floats
    attributes: Floats
    soft: Floats
    wide: Floats


def neck_share(points: Floats) -> Floats:
    """How much of the head's turn each rest point (n, 3) takes part in: 1 head, 0 chest."""
    height = points[:, 1] + 0.25 * (points[:, 2] + 2.0)
    t = np.clip((height + 17.5) / 7.0, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def vertex_normals(points: Floats, triangles: Ints) -> Floats:
    """Unit normals (n, 3) of a mesh."""
    out = np.zeros_like(points)
    raster.normals(np.ascontiguousarray(points, np.float32), triangles, out)
    return out


def assemble(parts: Sequence[Part], atlas: Bytes) -> Model:
    """Join parts, in order, into one model."""
    start = np.cumsum([0, *(len(p.points) for p in parts)])
    motions = [p.motion or Motion.still(len(p.points)) for p in parts]
    facing = [
        p.facing if p.facing is not None else vertex_normals(p.points, p.triangles) for p in parts
    ]
    faces = [p.triangles + s for p, s in zip(parts, start[:-1], strict=True)]
    solid = [k for k, p in enumerate(parts) if p.material != raster.LENS]
    none = np.zeros((0, 3), np.int32)
    lens = [none, *(faces[k] for k in range(len(parts)) if k not in solid)]
    points = np.concatenate([p.points for p in parts]).astype(np.float32)
    attributes = np.zeros((len(points), 15), np.float32)
    attributes[:, 0:2] = np.concatenate([p.uv for p in parts])
    attributes[:, 2:5] = np.concatenate([p.tint for p in parts])
    empty = np.zeros((0, 0), np.float32)
    return Model(
        share=neck_share(points),
        attributes=attributes,
        soft=empty,
        wide=empty,
        points=points,
        triangles=np.ascontiguousarray(np.concatenate([faces[k] for k in solid]), np.int32),
        lens=np.ascontiguousarray(np.concatenate(lens), np.int32),
        along=np.concatenate(
            [p.along if p.along is not None else np.zeros_like(p.points) for p in parts]
        ).astype(np.float32),
        facing=np.concatenate(facing).astype(np.float32),
        fixed_facing=np.concatenate([np.full(len(p.points), p.facing is not None) for p in parts]),
        material=np.concatenate(
            [np.full(len(parts[k].triangles), parts[k].material, np.uint8) for k in solid]
        ),
        two_sided=np.concatenate(
            [np.full(len(parts[k].triangles), parts[k].two_sided, np.uint8) for k in solid]
        ),
        floor=np.concatenate([np.full(len(p.points), p.floor, np.float32) for p in parts]),
        shadow=np.ascontiguousarray(
            np.concatenate(
                [
                    (p.triangles if p.shadow is None else p.shadow) + s
                    for p, s in zip(parts, start[:-1], strict=True)
                    if p.casts
                ]
            ),
            np.int32,
        ),
        motion=Motion(
            jaw=np.concatenate([m.jaw for m in motions]).astype(np.float32),
            lid=np.concatenate([m.lid for m in motions]).astype(np.float32),
            eye=np.concatenate([m.eye for m in motions]).astype(np.float32),
            gaze=np.concatenate([m.gaze for m in motions]).astype(np.float32),
            smile=np.concatenate([m.smile for m in motions]).astype(np.float32),
        ),
        atlas=atlas,
    )


def with_light(model: Model, *, soft: Floats, wide: Floats, open_sky: Floats) -> Model:
    """The model with its baked response to light, (V, 25) twice, and openness (V,)."""
    attributes = model.attributes.copy()
    attributes[:, 14] = open_sky
    return replace(
        model,
        soft=np.ascontiguousarray(soft, np.float32),
        wide=np.ascontiguousarray(wide, np.float32),
        attributes=attributes,
    )
