from __future__ import annotations

import numpy as np
import pytest

from cameo.likeness.faces import DetectedFace
from cameo.likeness.pose import frontal, raw_yaw, smoothed

FRONTAL = np.array([[130, 100], [102, 100], [40, 100], [68, 100], [85, 130]], np.float32)


def face(points: np.ndarray, layout: str = "dlib5") -> DetectedFace:
    return DetectedFace(box=(0, 0, 170, 170), points5=points, score=1.0, layout=layout)


def test_a_symmetric_face_looks_ahead() -> None:
    assert raw_yaw(face(FRONTAL)) == pytest.approx(0.0, abs=0.1)


def test_the_nose_moves_to_the_right_of_the_picture_for_a_turn_to_the_persons_left() -> None:
    turned = FRONTAL + np.array([[0, 0], [0, 0], [0, 0], [0, 0], [12, 0]], np.float32)
    assert raw_yaw(face(turned)) > 8
    mirrored = FRONTAL - np.array([[0, 0], [0, 0], [0, 0], [0, 0], [12, 0]], np.float32)
    assert raw_yaw(face(mirrored)) == pytest.approx(-raw_yaw(face(turned)), abs=0.1)


def test_leaning_and_size_do_not_matter() -> None:
    turned = FRONTAL + np.array([[0, 0], [0, 0], [0, 0], [0, 0], [12, 0]], np.float32)
    a = np.deg2rad(25)
    lean = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]], np.float32)
    assert raw_yaw(face(turned @ lean.T * 2.5)) == pytest.approx(raw_yaw(face(turned)), abs=0.2)


def test_the_other_layout_gives_the_same_sides() -> None:
    points = np.array([[54, 100], [116, 100], [97, 130], [60, 150], [110, 150]], np.float32)
    assert raw_yaw(face(points, "arcface5")) > 8


@pytest.mark.parametrize("name", ["aiko", "bruno", "dele", "emre"])
def test_angles_of_known_heads(faces, name) -> None:
    """Measured over six heads, -30..30: off by about a third at most, never to the wrong side."""
    from generator.heads import CAST, Pose, render

    found = {}
    for yaw in (-24, 0, 24):
        frame = np.asarray(render(CAST[name], Pose(yaw_deg=float(yaw)), size=(480, 360)))
        found[yaw] = raw_yaw(faces.detect(frame)[0])
    assert found[-24] - found[0] < -12
    assert found[24] - found[0] > 10
    assert abs(found[0]) < 8


def test_frontal_ignores_long_turns_to_one_side() -> None:
    yaws = [4.0, 5.0, 4.5, 4.0] * 5 + [30.0] * 30
    assert frontal(yaws) == pytest.approx(4.3, abs=0.5)


def test_somebody_who_never_faces_the_camera_has_another_rest() -> None:
    assert frontal([25.0, 26.0, 25.5, 24.5, 40.0]) == pytest.approx(25.0, abs=1.0)


def test_smoothing_drops_single_outliers_and_keeps_gaps() -> None:
    values = smoothed(np.array([0, 0, 40, 0, np.nan, 10, 10.0]))
    assert values[2] == 0
    assert np.isnan(values[4])
    assert values[5] == 10
