from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from typing import Any

import dlib
import numpy as np
import pytest

from generator.heads import (
    CAST,
    DEMO_PAIR,
    BadPictureError,
    HeadsError,
    Pose,
    UnknownPersonError,
    person,
    render,
)
from generator.heads.errors import BadPerformanceError


class Recogniser:
    """dlib's frontal detector, 5-point predictor and 128-d network."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("face_recognition_models")
        assert spec is not None
        assert spec.origin is not None
        models = Path(spec.origin).parent / "models"
        self.detect = dlib.get_frontal_face_detector()
        self.predict = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
        self.net = dlib.face_recognition_model_v1(
            str(models / "dlib_face_recognition_resnet_model_v1.dat")
        )

    def points(self, frame: np.ndarray) -> Any:
        found = self.detect(frame, 0)
        assert len(found) == 1
        return self.predict(frame, found[0])

    def vector(self, frame: np.ndarray) -> np.ndarray:
        return np.array(self.net.compute_face_descriptor(frame, self.points(frame)))

    def turn(self, frame: np.ndarray) -> float:
        """(nose - middle of the eyes) / distance of the eyes, along the picture's x."""
        p = [(q.x, q.y) for q in self.points(frame).parts()]
        eyes = sorted(((p[0][0] + p[1][0]) / 2, (p[2][0] + p[3][0]) / 2))
        return (p[4][0] - sum(eyes) / 2) / (eyes[1] - eyes[0])


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


@pytest.fixture(scope="module")
def neutral() -> dict[str, np.ndarray]:
    return {name: render(who, Pose()) for name, who in CAST.items()}


def test_the_cast_has_six_people(neutral: dict[str, np.ndarray]) -> None:
    assert set(CAST) == {"aiko", "bruno", "chiyo", "dele", "emre", "freya"}
    for frame in neutral.values():
        assert frame.shape == (480, 640, 3)
        assert frame.dtype == np.uint8


def test_the_same_arguments_give_the_same_picture(neutral: dict[str, np.ndarray]) -> None:
    from generator.heads import build

    build.model.cache_clear()
    assert np.array_equal(render(person("dele"), Pose()), neutral["dele"])
    noisy = [render(person("dele"), Pose(), noise_seed=seed) for seed in (1, 1, 2)]
    assert np.array_equal(noisy[0], noisy[1])
    assert not np.array_equal(noisy[0], noisy[2])


def test_every_person_is_found_and_no_two_are_alike(
    neutral: dict[str, np.ndarray], recogniser: Recogniser
) -> None:
    vectors = {name: recogniser.vector(frame) for name, frame in neutral.items()}
    for a, b in itertools.combinations(vectors, 2):
        assert np.linalg.norm(vectors[a] - vectors[b]) > 0.50, (a, b)
    assert np.linalg.norm(vectors[DEMO_PAIR[0]] - vectors[DEMO_PAIR[1]]) > 0.60


@pytest.mark.parametrize("name", DEMO_PAIR)
def test_a_person_stays_the_same_person(
    name: str, neutral: dict[str, np.ndarray], recogniser: Recogniser
) -> None:
    first = recogniser.vector(neutral[name])
    for pose in (Pose(yaw_deg=22), Pose(yaw_deg=-22), Pose(mouth=0.7), Pose(smile=1.0)):
        other = recogniser.vector(render(CAST[name], pose))
        assert np.linalg.norm(first - other) <= 0.40, pose


@pytest.mark.parametrize("name", DEMO_PAIR)
def test_a_turn_to_the_own_left_moves_the_nose_to_the_right_of_the_picture(
    name: str, neutral: dict[str, np.ndarray], recogniser: Recogniser
) -> None:
    straight = recogniser.turn(neutral[name])
    assert abs(straight) < 0.06
    assert recogniser.turn(render(CAST[name], Pose(yaw_deg=15))) > straight + 0.07
    assert recogniser.turn(render(CAST[name], Pose(yaw_deg=-15))) < straight - 0.07


def _changed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(int) - b.astype(int)).max(2) > 12


def test_a_blink_changes_the_eyes_alone(
    neutral: dict[str, np.ndarray], recogniser: Recogniser
) -> None:
    changed = _changed(neutral["aiko"], render(CAST["aiko"], Pose(blink=1.0)))
    p = recogniser.points(neutral["aiko"]).parts()
    rows = np.flatnonzero(changed.any(1))
    assert changed.sum() > 300
    assert rows.min() > p[0].y - 40
    assert rows.max() < p[4].y


def test_an_open_mouth_changes_the_lower_face_alone(
    neutral: dict[str, np.ndarray], recogniser: Recogniser
) -> None:
    changed = _changed(neutral["emre"], render(CAST["emre"], Pose(mouth=0.8)))
    p = recogniser.points(neutral["emre"]).parts()
    assert changed.sum() > 1500
    assert np.flatnonzero(changed.any(1)).min() > (p[0].y + p[4].y) / 2


def test_size_and_background_are_obeyed() -> None:
    blue = np.full((120, 160, 3), (20, 40, 200), np.uint8)
    frame = render(person("aiko"), Pose(), (160, 120), background=blue)
    assert frame.shape == (120, 160, 3)
    assert np.abs(frame[2, 2].astype(int) - blue[2, 2]).max() <= 2
    with pytest.raises(BadPictureError):
        render(person("aiko"), Pose(), (160, 100), background=blue)
    with pytest.raises(BadPictureError):
        render(person("aiko"), Pose(), (8, 8))


def test_errors_carry_codes() -> None:
    with pytest.raises(UnknownPersonError, match="zoe"):
        person("zoe")
    for error in (UnknownPersonError, BadPictureError, BadPerformanceError):
        assert issubclass(error, HeadsError)
        assert error.code.startswith("heads.")
