"""A person in a pose, as a picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from generator.heads import build, light, raster, shading, stage
from generator.heads.arrays import Floats, Frame
from generator.heads.errors import BadPictureError
from generator.heads.features import Person
from generator.heads.mesh import linear
from generator.heads.pose import Pose, take

_SUB = 2  # samples along a pixel's side
_DISTANCE = 72.0  # cm from the camera to the head's middle
_AIM = np.array([0.0, -3.9, 0.0], np.float32)  # what the camera looks at
_SPAN = 37.0  # cm of height that the picture shows at the depth of the face
_FACE_DEPTH = 5.0


def render(
    person: Person,
    pose: Pose,
    size: tuple[int, int] = (640, 480),
    background: Frame | None = None,
    noise_seed: int | None = None,
) -> Frame:
    """Draw one frame.

    Args:
        person: who, see `generator.heads.person`.
        pose: what the head does; positive yaw turns it to the person's own left, which moves the
            nose to the picture's right.
        size: width and height in pixels, at least 16 each.
        background: (H, W, 3) RGB of that size to stand before, or None for the person's room.
        noise_seed: draws the camera's noise; None for a picture without noise.

    Returns:
        (H, W, 3) uint8 RGB. The same arguments give the same picture in every process on one kind
        of processor (another may round a level differently).

    Raises:
        BadPictureError: for a size or background that cannot be drawn.
    """
    width, height = size
    if width < 16 or height < 16:
        raise BadPictureError(f"size {width}x{height} is too small")
    out = _behind(person, size, background)
    model = build.model(person)
    points, attributes = take(person, model, pose)
    screen = _project(points, size)
    depth = np.full((height * _SUB, width * _SUB), -1e9, np.float32)
    ids = np.full(depth.shape, raster.EMPTY, np.int32)
    raster.fill(screen, model.triangles, model.two_sided, depth, ids)
    shading.shade(
        ids,
        screen,
        model.triangles,
        model.material,
        attributes,
        model.atlas,
        _decode(),
        _glints(),
        _SUB,
        out,
    )
    if len(model.lens):
        _glare(model.lens, screen, depth, out)
    return stage.develop(out, noise_seed)


def _glare(lens: npt.NDArray[np.int32], screen: Floats, depth: Floats, out: Floats) -> None:
    """Add what glass panes reflect: a faint sheen and two slanting bands of window light."""
    ids = np.full(depth.shape, raster.EMPTY, np.int32)
    raster.fill(screen, lens, np.ones(len(lens), np.uint8), depth, ids)
    corners = screen[lens.ravel()]
    x0, y0 = np.maximum(corners[:, :2].min(0) // _SUB - 1, 0).astype(int)
    x1, y1 = (corners[:, :2].max(0) // _SUB + 2).astype(int)
    view = ids[y0 * _SUB : y1 * _SUB, x0 * _SUB : x1 * _SUB]
    rows, columns = view.shape[0] // _SUB, view.shape[1] // _SUB
    if rows == 0 or columns == 0:
        return
    cover = (view[: rows * _SUB, : columns * _SUB] >= 0).astype(np.float32)
    cover = cover.reshape(rows, _SUB, columns, _SUB).mean((1, 3))
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    slant = (x + 0.55 * y) / max(columns, 1)
    band = sum(np.exp(-(((slant - at) / 0.035) ** 2)) for at in (0.20, 0.29, 0.80, 0.89))
    sheen = cover * (0.012 + 0.075 * np.asarray(band, np.float32))
    out[y0 : y0 + rows, x0 : x0 + columns] += sheen[..., None]


def _behind(person: Person, size: tuple[int, int], background: Frame | None) -> Floats:
    if background is None:
        return stage.backdrop(person, size).copy()
    if background.shape != (size[1], size[0], 3) or background.dtype != np.uint8:
        raise BadPictureError(f"background {background.shape} does not fit {size}")
    return np.ascontiguousarray(stage.undevelop(background))


def _project(points: Floats, size: tuple[int, int]) -> Floats:
    """Camera space (V, 3) in cm to sample places (x right, y down) with z towards the viewer."""
    width, height = size
    scale = height * _SUB / _SPAN * (_DISTANCE - _FACE_DEPTH) / (_DISTANCE - points[:, 2])
    out = np.empty_like(points)
    out[:, 0] = width * _SUB / 2 - 0.5 + scale * (points[:, 0] - _AIM[0])
    out[:, 1] = height * _SUB / 2 - 0.5 - scale * (points[:, 1] - _AIM[1])
    out[:, 2] = points[:, 2]
    return out


@lru_cache(maxsize=1)
def _decode() -> Floats:
    return linear(np.arange(256, dtype=np.float32))


@lru_cache(maxsize=1)
def _glints() -> Floats:
    """Rows for `raster.shade`: direction, half-way direction to the viewer, colour."""
    view = np.array([0.0, 0.0, 1.0])
    rows = []
    for way, colour in (
        (light.KEY, (1.0, 0.95, 0.88)),
        (light.RIM, (0.9, 0.88, 0.85)),
    ):
        half = way + view
        rows.append([*way, *(half / np.linalg.norm(half)), *colour])
    return np.array(rows, np.float32)
