"""The skin as a grid of rays cast from inside the head, slit open at the eyes and the mouth.

Rows are cones of rays around a vertical axis, columns are angles about it. Two rows are doubled:
one runs through the eyes and one through the mouth; between the corners the two copies part, so
that lids and lips have clean edges and can move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.heads import anatomy
from generator.heads.arrays import Floats, Ints
from generator.heads.features import Shape
from generator.heads.mesh import Motion, grid_triangles

SKIN_TEXELS = 1024  # the skin fills the upper square of the atlas

# front elevation, back elevation (degrees), origin y, origin z (cm), rows to the next line
_ROWS: tuple[tuple[float, float, float, float, int], ...] = (
    (90.0, 90.0, -1.0, -0.5, 18),  # crown
    (42.0, 32.0, -1.0, -0.5, 14),  # hairline
    (19.2, 12.0, -1.0, -0.5, 18),  # brows
    (6.5, 0.0, -1.0, -0.5, 32),  # eyes
    (-22.7, -12.0, -1.0, -0.5, 20),  # under the nose
    (-33.8, -20.0, -1.0, -0.5, 16),  # mouth
    (-41.2, -25.0, -1.0, -0.5, 16),  # over the chin
    (-54.7, -30.0, -1.0, -0.5, 10),  # under the chin
    (-62.0, -30.0, -3.0, -1.0, 8),
    (-46.0, -18.0, -8.0, -2.0, 6),
    (-3.0, -3.0, -14.0, -3.0, 6),
    (0.0, 0.0, -20.5, -3.6, 0),  # inside the collar
)
_EYE_LINE, _MOUTH_LINE = 3, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Slit:
    """The two lips of an opening: vertex numbers from the image's left to its right."""

    upper: Ints
    lower: Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Skin:
    """The skin mesh and where its openings are.

    Attributes:
        points: (n, 3) cm.
        triangles: (t, 3).
        uv: (n, 2) texels.
        grid: (rows, columns) vertex numbers.
        elevation: (rows, columns) degrees of each ray, before lids are opened.
        eye_row: the row of the upper lids' edges.
        azimuth: (columns,) degrees, 0 at the nose, positive to the image's right.
        motion: weights.
        eyes: slits at image left and image right.
        mouth: the mouth's slit.
    """

    points: Floats
    triangles: Ints
    uv: Floats
    grid: Ints
    elevation: Floats
    eye_row: int
    azimuth: Floats
    motion: Motion
    eyes: tuple[Slit, Slit]
    mouth: Slit


def _columns() -> Floats:
    """Azimuths (degrees) of the columns: dense over the face, symmetric, closed at the back."""
    dense = np.arange(0.0, 36.0, 0.86)
    side = np.linspace(36.0, 100.0, 28)
    back = np.linspace(100.0, 180.0, 13)[1:]
    half = np.concatenate([dense, side, back])
    return np.concatenate([-half[:0:-1], half])


def _rows() -> tuple[Floats, Floats, Floats, int, int]:
    """Front and back elevation, origins (r, 2), and the rows of the eye and mouth lines."""
    table = np.array([row[:4] for row in _ROWS])
    counts = [row[4] for row in _ROWS]
    pieces: list[Floats] = []
    eye_row = mouth_row = 0
    for k in range(len(_ROWS) - 1):
        t = np.linspace(0, 1, counts[k], endpoint=False)[:, None]
        if k == _EYE_LINE:
            eye_row = sum(len(p) for p in pieces)
        if k == _MOUTH_LINE:
            mouth_row = sum(len(p) for p in pieces)
        pieces.append(table[k] * (1 - t) + table[k + 1] * t)
    rows = np.concatenate([*pieces, table[-1:]])
    rows = np.insert(rows, [eye_row, mouth_row], rows[[eye_row, mouth_row]], axis=0)
    return rows[:, 0], rows[:, 1], rows[:, 2:], eye_row, mouth_row + 1


def lid_span(shape: Shape) -> tuple[float, float]:
    """Azimuth of the eye's middle and half the width of its opening, degrees."""
    eye = anatomy.eye_centre(shape, 1)
    middle = float(np.degrees(np.arctan2(eye[0], eye[2] + 1.1 + 0.5)))
    return middle, 10.0 * shape.eye_width


def _lid_offsets(azimuth: Floats, shape: Shape) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Degrees by which the upper and lower lid edges leave the eye line, and where it is open."""
    middle, half = lid_span(shape)
    side = (np.abs(azimuth) - middle) / half  # -1 inner corner, 1 outer corner
    open_ = np.abs(side) < 1.0
    s = np.clip(side, -1, 1)
    upper = 3.9 * shape.eye_open * (1 - np.abs(s + 0.08 * (1 - s * s)) ** 2.3) ** 0.72
    lower = -2.7 * shape.eye_open**0.5 * (1 - np.abs(s - 0.10 * (1 - s * s)) ** 2.2) ** 0.85
    lean = np.tan(np.radians(shape.eye_tilt + 2.0)) * half * np.clip(side, -1.5, 1.5)
    lean = lean * np.clip(2.4 - np.abs(side), 0, 1)
    lift = np.degrees(shape.eye_height / 9.0) * np.exp(-((np.clip(np.abs(side) - 1, 0, 9)) ** 2))
    zero = np.zeros_like(s)
    base = lean + lift - 0.25
    return base + np.where(open_, upper, zero), base + np.where(open_, lower, zero), open_


def _cast(origins: Floats, directions: Floats, shape: Shape) -> Floats:
    """Where rays from inside meet the surface: (n, 3)."""
    o = origins.astype(np.float32)
    d = directions.astype(np.float32)
    t = np.full(len(o), 2.0, np.float32)
    active = np.arange(len(o))
    for _ in range(70):
        gap = anatomy.distance(o[active] + t[active, None] * d[active], shape)
        t[active] = np.clip(t[active] - gap * 0.9, 0.3, 24.0)
        active = active[np.abs(gap) > 0.004]
        if not len(active):
            break
    return o + t[:, None] * d


def _elevations(azimuth: Floats, shape: Shape) -> tuple[Floats, Floats, Floats, int, int]:
    front, back, origins, eye_row, mouth_row = _rows()
    turn = (1 - np.cos(np.radians(azimuth))) / 2
    plain = front[:, None] * (1 - turn) + back[:, None] * turn
    upper, lower, _ = _lid_offsets(azimuth, shape)
    bent = plain.copy()
    above = (plain[: eye_row + 1] - plain[eye_row]) / 9.5
    below = (plain[eye_row] - plain[eye_row + 1 :]) / 13.0
    bent[: eye_row + 1] += upper * np.clip(1 - above, 0, 1) ** 2
    bent[eye_row + 1 :] += lower * np.clip(1 - below, 0, 1) ** 2
    drop = anatomy.mouth_y(shape) + 1.0
    radius = 9.05 - 1.6 * (1 - np.exp(-((azimuth / 19.0) ** 2)))
    lift = np.degrees(np.arctan2(drop, radius)) - plain[mouth_row]
    lift = lift * np.exp(-((np.clip(np.abs(azimuth) - 24, 0, 99) / 16) ** 2))
    gap = np.abs(plain - plain[mouth_row]) / 11.0
    bent += lift * np.clip(1 - gap, 0, 1) ** 2
    return plain, bent, origins, eye_row, mouth_row


def _calm(points: Floats, azimuth: Floats, mouth_row: int, shape: Shape) -> Floats:
    """Half a grid (r, c, 3), from the middle outwards, evened out where rays graze the surface.

    That is the throat and neck, the sides of the nose and the line between the lips; the lids keep
    their edges, and the two copies of the mouth's row stay together.
    """
    rows = np.arange(len(points))[:, None]
    throat = (rows >= mouth_row + 26).astype(np.float32)
    away = (points - np.array([0.0, -3.4, 8.8])) / np.array([2.1, 2.3, 3.0])
    nose = 0.60 * np.exp(-np.einsum("ijk,ijk->ij", away, away))
    seam = np.exp(-(((rows - mouth_row - 0.5) / 2.2) ** 2)) * (azimuth < mouth_span(shape))
    weight = np.maximum(np.maximum(throat, nose), 0.55 * seam)
    weight[[0, -1]] = 0.0
    weight[:, -1] = 0.0
    out = points
    for _ in range(6):
        mirrored = out[:, 1:2] * np.array([-1, 1, 1], np.float32)
        wide = np.concatenate([mirrored, out, out[:, -1:]], 1)
        up = np.concatenate([out[:1], out[:-1]])
        down = np.concatenate([out[1:], out[-1:]])
        mean = (wide[:, :-2] + wide[:, 2:] + up + down) * 0.25
        out = out + 0.5 * weight[..., None] * (mean - out)
        both = 0.5 * (out[mouth_row] + out[mouth_row + 1])
        out[mouth_row] = out[mouth_row + 1] = both
    return np.asarray(out, np.float32)


def build(shape: Shape) -> Skin:
    """The skin of a head of the given shape."""
    azimuth = _columns()
    plain, bent, origins, eye_row, mouth_row = _elevations(azimuth, shape)
    rows, columns = bent.shape
    half = azimuth >= 0
    angle = np.radians(azimuth[half])[None, :]
    lift = np.radians(bent[:, half])
    ways = np.stack([np.cos(lift) * np.sin(angle), np.sin(lift), np.cos(lift) * np.cos(angle)], -1)
    starts = np.zeros_like(ways)
    starts[..., 1:] = origins[:, None, :]
    right = _cast(starts.reshape(-1, 3), ways.reshape(-1, 3), shape).reshape(rows, -1, 3)
    right = _calm(right, azimuth[half], mouth_row, shape)
    points = np.concatenate([right[:, :0:-1] * np.array([-1, 1, 1], np.float32), right], 1)
    grid = _weld(rows, azimuth, eye_row, mouth_row, shape)
    uv = np.stack(
        np.meshgrid(
            np.linspace(2, SKIN_TEXELS - 3, columns), np.linspace(2, SKIN_TEXELS - 3, rows)
        ),
        -1,
    ).reshape(-1, 2)
    flat = points.reshape(-1, 3)
    eyes, mouth = _slits(grid, azimuth, eye_row, mouth_row, shape)
    motion = _motion(
        flat, plain, azimuth, grid=grid, lines=(eye_row, mouth_row), shape=shape, eyes=eyes
    )
    return Skin(
        points=flat,
        triangles=_triangles(grid, eye_row, mouth_row),
        uv=uv.astype(np.float32),
        grid=grid,
        elevation=plain,
        eye_row=eye_row,
        azimuth=azimuth,
        motion=motion,
        eyes=eyes,
        mouth=mouth,
    )


def _triangles(grid: Ints, eye_row: int, mouth_row: int) -> Ints:
    """Triangles of the three bands between the doubled rows."""
    bands = (grid[: eye_row + 1], grid[eye_row + 1 : mouth_row + 1], grid[mouth_row + 1 :])
    return np.concatenate([grid_triangles(band) for band in bands])


def mouth_span(shape: Shape) -> float:
    """Half the mouth slit's width, degrees."""
    return float(np.degrees(np.arctan2(2.28 * shape.mouth_width, 7.6)))


def _weld(rows: int, azimuth: Floats, eye_row: int, mouth_row: int, shape: Shape) -> Ints:
    """Vertex numbers where the doubled rows share vertices outside the openings."""
    grid = np.arange(rows * len(azimuth), dtype=np.int32).reshape(rows, -1)
    _, _, open_ = _lid_offsets(azimuth, shape)
    grid[eye_row + 1, ~open_] = grid[eye_row, ~open_]
    closed = np.abs(azimuth) >= mouth_span(shape)
    grid[mouth_row + 1, closed] = grid[mouth_row, closed]
    return grid


def _slits(
    grid: Ints, azimuth: Floats, eye_row: int, mouth_row: int, shape: Shape
) -> tuple[tuple[Slit, Slit], Slit]:
    middle, half = lid_span(shape)

    def slit(row: int, low: float, high: float) -> Slit:
        inside = np.flatnonzero((azimuth > low) & (azimuth < high))
        span = np.arange(inside[0] - 1, inside[-1] + 2)
        return Slit(upper=grid[row, span], lower=grid[row + 1, span])

    left = slit(eye_row, -middle - half, -middle + half)
    right = slit(eye_row, middle - half, middle + half)
    reach = mouth_span(shape)
    return (left, right), slit(mouth_row, -reach, reach)


def _smooth(x: Floats, low: float, high: float) -> Floats:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _motion(
    points: Floats,
    plain: Floats,
    azimuth: Floats,
    *,
    grid: Ints,
    lines: tuple[int, int],
    shape: Shape,
    eyes: tuple[Slit, Slit],
) -> Motion:
    rows, columns = plain.shape
    eye_row, mouth_row = lines
    motion = Motion.still(rows * columns)
    jaw = _jaw(points, plain, azimuth, mouth_row, shape)
    lid = np.zeros((rows, columns))
    side = np.broadcast_to(np.sign(azimuth), (rows, columns))
    for sign, slit in zip((-1, 1), eyes, strict=True):
        centre = anatomy.eye_centre(shape, sign)
        here = np.isin(grid[eye_row], slit.upper)
        angle = []
        for edge in (slit.upper, slit.lower):
            d = points[edge] - centre
            angle.append(np.arctan2(d[:, 1], d[:, 2]))
        travel = np.clip(angle[0] - angle[1], 0, 2)
        above = (plain[: eye_row + 1, here] - plain[eye_row, here]) / 9.5
        below = (plain[eye_row, here] - plain[eye_row + 1 :, here]) / 13.0
        lid[: eye_row + 1, here] = 0.83 * travel * (1 - _smooth(above, 0.02, 0.42))
        lid[eye_row + 1 :, here] = -0.09 * travel * (1 - _smooth(below, 0.0, 0.5))
    return Motion(
        jaw=jaw.ravel().astype(np.float32),
        lid=lid.ravel().astype(np.float32),
        eye=side.ravel().astype(np.float32),
        gaze=motion.gaze,
        smile=smile_field(points, shape),
    )


def _jaw(points: Floats, plain: Floats, azimuth: Floats, mouth_row: int, shape: Shape) -> Floats:
    """Share of the jaw's turn: all below the mouth, some at the corners, none on the neck."""
    s = np.abs(azimuth) / mouth_span(shape)
    corner = 0.42 * _smooth(s, 0.55, 1.0)
    fade = 1 - _smooth(s, 1.0, 5.0)
    up = (plain[: mouth_row + 1] - plain[mouth_row]) / 15.0
    down = (plain[mouth_row] - plain[mouth_row + 1 :]) / 9.0
    out = np.zeros_like(plain)
    out[: mouth_row + 1] = corner * fade * (1 - _smooth(up, 0.0, 1.0))
    edge = 1 - 0.58 * _smooth(s, 0.55, 1.0)
    out[mouth_row + 1 :] = (edge + (1 - edge) * _smooth(down, 0, 1)) * (0.25 + 0.75 * fade)
    z = points[:, 2].reshape(plain.shape)
    y = points[:, 1].reshape(plain.shape)
    neck = _smooth(y + 0.55 * z, -10.2, -7.4)
    return np.asarray(out * neck * _smooth(z, -1.5, 3.0))


def smile_field(points: Floats, shape: Shape) -> Floats:
    """Displacement (n, 3) in cm of a full smile: corners out and up, cheeks up and forward."""
    out = np.zeros_like(points)
    y = anatomy.mouth_y(shape)
    for sign in (-1, 1):
        corner = np.array([sign * 2.35 * shape.mouth_width, y, 7.0], np.float32)
        d = (points - corner) / np.array([1.9, 1.5, 2.0], np.float32)
        weight = np.exp(-np.einsum("ij,ij->i", d, d))[:, None]
        out += weight * np.array([sign * 0.48, 0.46, -0.28], np.float32)
        cheek = np.array([sign * 3.6, -3.6, 6.8], np.float32)
        d = (points - cheek) / np.array([1.7, 1.5, 2.2], np.float32)
        weight = np.exp(-np.einsum("ij,ij->i", d, d))[:, None]
        out += weight * np.array([sign * 0.10, 0.24, 0.30], np.float32)
    return out
