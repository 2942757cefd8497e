"""A face in doubt counts only where frames nearby confirm it."""

from __future__ import annotations

import numpy as np
import pytest

from moderation.output import AllowedFace, FaceHit, check_frames

HERE, ELSEWHERE = (100.0, 100.0, 200.0, 200.0), (300.0, 100.0, 400.0, 200.0)
FRAME = np.zeros((8, 8, 3), np.uint8)


class Scripted:
    """Finds what the script says for each frame; a vector is its own similarity."""

    def __init__(self, *frames: list[tuple[tuple[float, ...], float]]) -> None:
        self._frames = iter(frames)

    def faces(self, frame):
        return [
            FaceHit(box=box, vector=np.array([value], np.float32))
            for box, value in next(self._frames)
        ]

    def similarity(self, left, right):
        return float(right[0])


def outcome(*frames, doubtful=0.5, apart=0.25) -> str:
    allowed = AllowedFace(
        person_id="prs_a",
        templates=(np.array([1.0], np.float32),),
        threshold=0.55,
        doubtful=doubtful,
    )
    timed = [(number * apart, FRAME) for number in range(len(frames))]
    return check_frames(timed, [allowed], Scripted(*frames)).decision


def test_a_blink_between_two_sure_frames_is_confirmed():
    assert outcome([(HERE, 0.7)], [(HERE, 0.52)], [(HERE, 0.7)]) == "allow"


def test_it_is_not_confirmed_from_elsewhere_in_the_picture():
    assert outcome([(ELSEWHERE, 0.7)], [(HERE, 0.52)]) == "block"


def test_it_is_not_confirmed_from_long_ago():
    assert outcome([(HERE, 0.7)], [(HERE, 0.52)], apart=1.5) == "block"


def test_a_face_that_is_clearly_another_is_never_confirmed():
    assert outcome([(HERE, 0.7)], [(HERE, 0.4)], [(HERE, 0.7)]) == "block"


def test_only_doubt_confirms_nothing():
    assert outcome([(HERE, 0.52)], [(HERE, 0.53)]) == "block"


@pytest.mark.parametrize("doubtful", [None])
def test_without_room_for_doubt_one_frame_blocks(doubtful):
    assert outcome([(HERE, 0.7)], [(HERE, 0.54)], doubtful=doubtful) == "block"
