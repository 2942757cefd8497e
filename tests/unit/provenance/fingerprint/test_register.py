import math

import cv2
import numpy as np
import pytest

from provenance.fingerprint import register
from provenance.fingerprint.picture import STRIP, Strip
from provenance.watermark.geometry import Geometry
from provenance.watermark.grid import cell_px
from provenance.watermark.placement import ORIENTATIONS, Orientation, whole_copy

SIZE = (1280, 720)


def geometry(linear: np.ndarray, origin: np.ndarray) -> Geometry:
    """Where a marked picture of 1280 x 720 lies: pixel = linear @ cell + origin."""
    (a, b), (d, e) = linear.tolist()
    c, f = origin.tolist()
    return Geometry(
        matrix=(a, b, c, d, e, f),
        scale_x=1.0,
        scale_y=1.0,
        flip=False,
        rotation_quarter=0,
        rotation_deg=0.0,
        offset=(0.0, 0.0),
        cell_px=math.sqrt(abs(a * e - b * d)),
    )


def picture() -> np.ndarray:
    noise = np.random.default_rng(1).normal(size=(9, 16)).astype(np.float32)
    return cv2.resize(noise, SIZE, interpolation=cv2.INTER_CUBIC)


def strip_of(frame: np.ndarray) -> Strip:
    small = cv2.resize(frame, STRIP, interpolation=cv2.INTER_AREA)
    return Strip(pictures=small[None], size=frame.shape[::-1])


def likeness(frame: np.ndarray, where: Geometry) -> tuple[float, float]:
    ((pictures, shown),) = register.laid_out(strip_of(frame), SIZE, where)
    reference = strip_of(picture()).pictures[0]
    inside = shown > 0.99
    return float(np.corrcoef(pictures[0][inside], reference[inside])[0, 1]), float(inside.mean())


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_turned_copy_is_turned_back(orientation: Orientation) -> None:
    copy = orientation.apply(picture())
    placed = whole_copy(copy.shape[::-1], orientation, cell_px(SIZE))
    alike, share = likeness(copy, geometry(placed.linear, placed.origin))
    assert alike > 0.98
    assert share > 0.9


def test_a_crop_lies_where_it_was_cut() -> None:
    copy = picture()[100:500, 300:1100]
    where = geometry(np.eye(2) * 8.0, np.array([-300.0, -100.0]))
    alike, share = likeness(copy, where)
    assert alike > 0.99
    assert share == pytest.approx(400 * 800 / 1280 / 720, abs=0.05)


def test_a_border_is_left_out() -> None:
    inner = cv2.resize(picture(), (640, 360), interpolation=cv2.INTER_AREA)
    copy = cv2.copyMakeBorder(inner, 200, 160, 300, 340, cv2.BORDER_CONSTANT, value=0.0)
    alike, _ = likeness(copy, geometry(np.eye(2) * 4.0, np.array([300.0, 200.0])))
    assert alike > 0.97


def test_a_rotation_is_undone() -> None:
    turn = cv2.getRotationMatrix2D((640, 360), 8.0, 1.0)
    copy = cv2.warpAffine(picture(), turn, SIZE)
    alike, _ = likeness(copy, geometry(turn[:, :2] * 8.0, turn[:, 2]))
    assert alike > 0.98


def test_what_shows_nothing_of_the_reference_gives_nothing() -> None:
    where = geometry(np.eye(2) * 8.0, np.array([-5000.0, 0.0]))
    assert register.laid_out(strip_of(picture()), SIZE, where) == []


def test_a_very_wide_picture_has_several_positions() -> None:
    wide = Strip(pictures=np.zeros((1, 72, 128), np.float32), size=(1280, 360))
    where = geometry(np.eye(2) * 4.0, np.zeros(2))
    assert len(register.laid_out(wide, (1280, 360), where)) == 3
