"""The checks one by one, on evidence made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from cameo.likeness.challenge import new_challenge
from cameo.likeness.checks.absent import absent_checks
from cameo.likeness.checks.check import Check, not_made
from cameo.likeness.checks.fresh import check_fresh
from cameo.likeness.checks.lips import check_lips
from cameo.likeness.checks.one_speaker import check_one_speaker
from cameo.likeness.checks.presence import check_face_present, check_one_face
from cameo.likeness.checks.same_face import check_same_face
from cameo.likeness.checks.solid import check_solid
from cameo.likeness.errors import TooLittleSpeechError
from cameo.likeness.faces import DetectedFace
from cameo.likeness.reasons import REASONS
from cameo.likeness.survey import Look, Survey

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FRAME = np.zeros((60, 80, 3), np.uint8)


def face(x: float = 20.0, width: float = 40.0) -> DetectedFace:
    points = np.array([[30, 20], [25, 20], [10, 20], [15, 20], [20, 27]], np.float32)
    return DetectedFace(
        box=(x, 10, x + width, 10 + width), points5=points * (width / 40) + x, score=1.0
    )


def survey_of(*counts: int, yaws: dict[int, float] | None = None, second=None) -> Survey:
    """A look for each number of faces, eight a second."""
    other = second or face(70.0)
    looks = tuple(
        Look(
            at=i / 8,
            frame=FRAME,
            grey=FRAME[:, :, 0],
            faces=(face(), other)[:count],
            yaw=(yaws or {}).get(i, 0.0) if count else float("nan"),
        )
        for i, count in enumerate(counts)
    )
    return Survey(looks=looks, seconds=(len(counts) - 1) / 8, mouth=np.zeros((0, 2)))


def test_a_face_throughout() -> None:
    check = check_face_present(survey_of(*[1] * 40))
    assert check.status == "passed"
    assert check.figure == 1.0


@pytest.mark.parametrize(
    ("counts", "yaws"),
    [
        ([0] * 40, {}),
        ([1] * 20 + [0] * 20, {}),
        ([1] * 10 + [0] * 10 + [1] * 20, {}),
        ([0] * 10 + [1] * 30, {}),
        ([1] * 10 + [0] * 18 + [1] * 40, {9: 25.0}),
    ],
)
def test_a_face_that_is_gone_too_long(counts, yaws) -> None:
    check = check_face_present(survey_of(*counts, yaws=yaws))
    assert (check.status, check.code) == ("failed", "capture.no_face")


def test_a_face_may_be_lost_longer_while_it_turns_away() -> None:
    counts = [1] * 10 + [0] * 12 + [1] * 30
    assert check_face_present(survey_of(*counts, yaws={9: 20.0})).status == "passed"
    assert check_face_present(survey_of(*counts, yaws={9: 3.0})).status == "failed"


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ([1] * 40, "passed"),
        ([1] * 10 + [2, 2] + [1] * 10 + [2] + [1] * 10, "passed"),
        ([1] * 10 + [2] * 3 + [1] * 20, "failed"),
        ([2] * 40, "failed"),
    ],
)
def test_second_faces(counts, status) -> None:
    check = check_one_face(survey_of(*counts))
    assert check.status == status
    assert check.code == (None if status == "passed" else "capture.two_faces")


@pytest.mark.parametrize("ghost", [face(30.0), face(70.0, 8.0)])
def test_boxes_inside_the_face_and_tiny_ones_are_no_second_face(ghost) -> None:
    assert check_one_face(survey_of(*[2] * 40, second=ghost)).status == "passed"


class Line:
    """Likenesses on a line: the further apart, the less alike."""

    name = "line"
    accept, retry, steady = 0.55, 0.5, 0.68

    def similarity(self, a, b) -> float:
        return 1.0 - float(abs(a[0] - b[0]))


def vectors(*places: float) -> list[np.ndarray]:
    return [np.array([p], np.float32) for p in places]


@pytest.mark.parametrize(
    ("places", "status"),
    [
        ((0, 0.1, 0.2, 0.1, 0), "passed"),
        ((0, 0.1, 0.9, 0.1, 0), "passed"),  # one blurred picture
        ((0, 0.1, 0.9, 0.8, 0, 0.1), "failed"),
        ((0, 0, 0, 0.6, 0.6, 0.6), "failed"),  # the mean would be near to both
        ((0, 0, 0, 0, 0, 0, 0.6, 0.6), "failed"),
        ((0, 0), "not_checked"),
        ((), "not_checked"),
    ],
)
def test_one_face_throughout(places, status) -> None:
    check = check_same_face(Line(), vectors(*places))
    assert check.status == status
    if status == "failed":
        assert check.code == "capture.changed_face"


class Pitch(Line):
    """Takes the mean of a recording for the voice."""

    def embed(self, samples) -> np.ndarray:
        if not np.abs(samples).max() > 0:
            raise TooLittleSpeechError
        return np.array([samples.mean()], np.float32)


@pytest.mark.parametrize(
    ("speech", "status", "code"),
    [
        (np.full(64_000, 0.3), "passed", None),
        (np.full(28_000, 0.3), "passed", None),
        (np.repeat([0.1, 0.9], 32_000), "failed", "capture.changed_voice"),
        (np.repeat([0.1, 0.9], 14_000), "failed", "capture.changed_voice"),
        (np.full(20_000, 0.3), "failed", "capture.silent"),
        (np.zeros(64_000), "failed", "capture.silent"),
        (np.zeros(0), "failed", "capture.silent"),
    ],
)
def test_one_speaker_throughout(speech, status, code) -> None:
    check = check_one_speaker(Pitch(), speech.astype(np.float32))
    assert (check.status, check.code) == (status, code)


def test_freshness() -> None:
    challenge = new_challenge(NOW, digits="493021", ttl_s=180)
    assert check_fresh(challenge, NOW + timedelta(seconds=20)).status == "passed"
    assert check_fresh(challenge, NOW + timedelta(seconds=180)).code == "challenge.expired"
    assert check_fresh(challenge, NOW - timedelta(hours=1)).code == "challenge.not_yet_valid"


@pytest.mark.parametrize("counts", [[0] * 10, [1] * 40])
def test_a_still_picture_is_flat(counts) -> None:
    check = check_solid(survey_of(*counts), ())
    assert (check.status, check.code) == ("failed", "capture.flat")


def talking(lag: float, eyes: float = 40.0) -> tuple[Survey, np.ndarray]:
    rng = np.random.default_rng(0)
    loud = np.repeat(rng.random(40), 4800).astype(np.float32)
    sound = loud * rng.normal(0, 0.2, loud.size).astype(np.float32)
    at = np.arange(0, 11.8, 0.04)
    move = np.interp(at - lag, np.arange(loud.size) / 16_000, loud)
    base = survey_of(*[1] * 96)
    points = np.array([[eyes, 0], [eyes - 4, 0], [0, 0], [4, 0], [eyes / 2, 9]], np.float32)
    big = DetectedFace(box=(0, 0, 90, 90), points5=points, score=1.0)
    looks = tuple(
        Look(at=x.at, frame=x.frame, grey=x.grey, faces=(big,), yaw=0.0) for x in base.looks
    )
    return Survey(looks=looks, seconds=11.8, mouth=np.column_stack([at, move])), sound


def test_a_mouth_that_moves_with_the_sound() -> None:
    check = check_lips(*talking(0.1))
    assert check.status == "passed"
    assert check.figure > 0.8
    assert not check.required


def test_a_mouth_that_moves_with_another_sound_is_a_hint_only() -> None:
    survey, sound = talking(0.0)
    check = check_lips(survey, sound[::-1].copy())
    assert check.status == "failed"
    assert check.code == "capture.mouth_unrelated"
    assert check.stands


def test_small_mouths_and_silence_are_not_checked() -> None:
    survey, sound = talking(0.0, eyes=20.0)
    assert check_lips(survey, sound).status == "not_checked"
    survey, sound = talking(0.0)
    assert check_lips(survey, sound[:0]).status == "not_checked"
    assert check_lips(survey, np.zeros(16_000, np.float32)).status == "not_checked"


def test_absent_models_are_never_a_pass() -> None:
    checks = absent_checks()
    assert {check.name for check in checks} == {"presentation_attack", "voice_spoof"}
    assert all(check.status == "not_checked" for check in checks)
    assert all(check.figure is None for check in checks)
    assert all(check.code in REASONS for check in checks)


def test_a_required_check_that_was_not_made_does_not_stand() -> None:
    assert not not_made("x", "").stands
    assert not_made("x", "", required=False).stands


def test_json_of_a_check() -> None:
    check = Check(name="x", status="passed", figure=1 / 3, limit=0.3, detail="y")
    assert check.to_json()["figure"] == 0.3333
