from __future__ import annotations

import numpy as np
import pytest

from cameo.likeness.compare import compare_faces, compare_voices, judge
from cameo.likeness.errors import NoFaceError, SeveralFacesError, TooLittleSpeechError


@pytest.fixture(scope="module")
def portrait():
    from generator.heads import CAST, Pose, render

    def draw(name: str, yaw: float) -> np.ndarray:
        return np.asarray(render(CAST[name], Pose(yaw_deg=yaw), size=(480, 360)))

    return draw


def test_the_same_head_twice(faces, portrait) -> None:
    found = compare_faces(faces, portrait("bruno", 0.0), portrait("bruno", 10.0))
    assert found.verdict == "same"
    assert found.model == faces.name
    assert found.similarity >= found.threshold
    assert set(found.to_json()) == {"similarity", "threshold", "verdict", "model"}


def test_two_heads(faces, portrait) -> None:
    found = compare_faces(faces, portrait("bruno", 0.0), portrait("aiko", 0.0))
    assert found.verdict == "different"


def test_no_face_and_several(faces, portrait) -> None:
    one = portrait("bruno", 0.0)
    with pytest.raises(NoFaceError):
        compare_faces(faces, one, np.zeros_like(one))
    two = np.hstack([one[:, 120:360], portrait("dele", 0.0)[:, 120:360]])
    with pytest.raises(SeveralFacesError):
        compare_faces(faces, one, two)


def test_voices(voices, hearing, spoken_digits) -> None:
    one, same = spoken_digits("493021", "mai"), spoken_digits("8557661", "mai")
    other = spoken_digits("493021", "jun")
    assert compare_voices(voices, one, same, hearing).verdict == "same"
    assert compare_voices(voices, one, other, hearing).verdict == "different"
    assert compare_voices(voices, one, one).similarity == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(TooLittleSpeechError):
        compare_voices(voices, one, np.zeros(32_000, np.float32), hearing)


@pytest.mark.parametrize(
    ("similarity", "verdict"),
    [(0.56, "same"), (0.55, "same"), (0.549, "retry"), (0.50, "retry"), (0.49, "different")],
)
def test_verdicts_follow_the_engine(faces, similarity, verdict) -> None:
    assert judge(faces, similarity).verdict == verdict
