"""Real clips: nobody turns or says our digits in them, so parts of the checks are looked at."""

from __future__ import annotations

import pytest

from cameo.likeness.checks.lips import check_lips
from cameo.likeness.checks.presence import check_face_present, check_one_face
from cameo.likeness.checks.same_face import check_same_face
from cameo.likeness.liveness import _facing_vectors, assess
from cameo.likeness.survey import survey
from cameo.likeness.turning import find_turns

pytestmark = [pytest.mark.sharedata, pytest.mark.slow]
HEADS = ["d6.mp4", "d10.mp4", "d14.mp4", "d18.mp4"]
SPEAKERS = ["bbaf2n.mpg", "brbk7n.mpg", "lbax4n.mpg", "lbbc2a.mpg", "lrwp9a.mpg"]


@pytest.mark.parametrize("name", HEADS)
def test_grimacing_heads_are_one_face_and_no_turn(faces, video, name) -> None:
    """Measured over the whole clips: same face .589 and more; yaw within -5 and 13 degrees."""
    seen = survey(video(name), faces)
    assert check_face_present(seen).status == "passed"
    assert check_one_face(seen).status == "passed"
    assert check_same_face(faces, _facing_vectors(seen, faces)).status == "passed"
    assert find_turns(seen.yaws) == ()


@pytest.mark.parametrize("name", SPEAKERS)
def test_mouths_of_speakers_move_with_the_sound(faces, video, name) -> None:
    """Measured: correlation .75-.85 with the own sound, .52-.75 with another sentence's."""
    clip = video(name)
    seen = survey(clip, faces)
    check = check_lips(seen, clip.speech_samples())
    assert check.status == "passed"
    assert check.figure > 0.5


@pytest.mark.parametrize(("one", "other"), [("d10.mp4", "d14.mp4"), ("brbk7n.mpg", "lrwp9a.mpg")])
def test_two_people_are_not_one_face(faces, video, one, other) -> None:
    """Measured over 36 pairs of the clips: .403 at most."""
    vectors = [
        vector
        for name in (one, other)
        for vector in _facing_vectors(survey(video(name, 3.0), faces), faces)
    ]
    assert check_same_face(faces, vectors).code == "capture.changed_face"


def test_a_clip_of_somebody_is_no_answer(faces, voices, hearing, video, stage) -> None:
    report = assess(video("d14.mp4"), stage.challenge(), faces, voices, hearing, now=stage.now)
    assert not report.passed
    assert {"capture.wrong_turns", "capture.flat"} <= set(report.reasons)
    assert {"capture.wrong_digits", "capture.silent"} & set(report.reasons)
