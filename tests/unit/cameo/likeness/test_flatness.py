"""Known heads and flat copies of them, turned the same way."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from cameo.likeness.flatness import plane_residual
from cameo.likeness.survey import Look

ANGLES = (0, 3, 6, 9, 12, 15, 18, 21, 24)


def looks(faces, pictures) -> list[Look]:
    rng, result = np.random.default_rng(0), []
    for i, picture in enumerate(pictures):
        noise = rng.normal(0, 2, (*picture.shape[:2], 1))
        frame = np.clip(picture + noise, 0, 255).astype(np.uint8)
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        found = tuple(faces.detect(frame)) if i == 0 else ()
        result.append(Look(at=i / 8, frame=frame, grey=grey, faces=found, yaw=float(ANGLES[i])))
    return result


@pytest.fixture(scope="module")
def pictures():
    from generator.heads import CAST, Pose, render

    def turn(name: str) -> list[np.ndarray]:
        poses = [Pose(yaw_deg=float(a)) for a in ANGLES]
        return [np.asarray(render(CAST[name], pose, size=(480, 360))) for pose in poses]

    return turn


@pytest.mark.parametrize("name", ["bruno", "dele"])
def test_a_head_is_solid(faces, pictures, name) -> None:
    found = plane_residual(looks(faces, pictures(name)))
    assert found.value > 0.03
    assert found.points >= 14


@pytest.mark.parametrize("much", [1.0, 2.0])
def test_a_turned_print_is_flat(faces, pictures, flat, much) -> None:
    image = pictures("bruno")[0]
    found = plane_residual(looks(faces, [flat(image, much * a) for a in ANGLES]))
    assert found.value < 0.01


def test_nothing_to_follow_is_no_answer(faces, pictures) -> None:
    start = looks(faces, pictures("bruno"))[:1]
    assert plane_residual(start) is None
    rng = np.random.default_rng(1)
    other = rng.integers(0, 255, start[0].frame.shape, dtype=np.uint8)
    noise = Look(
        at=1.0, frame=other, grey=cv2.cvtColor(other, cv2.COLOR_RGB2GRAY), faces=(), yaw=20.0
    )
    assert plane_residual([*start, noise]) is None
