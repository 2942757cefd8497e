"""Every large enough face must be somebody who consented."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from moderation.output import AllowedFace, FaceHit, check_frames, check_transcript
from moderation.text import Moderator

ALICE = np.array([1, 0, 0], dtype=np.float32)
ALICE_SIDE = np.array([0.8, 0.6, 0], dtype=np.float32)
BOB = np.array([0, 1, 0], dtype=np.float32)
BLANK = np.zeros((8, 8, 3), dtype=np.uint8)


class PaintedFaces:
    """Reads faces from the frame: channel 0 says which vector, channel 1 how wide the face is."""

    vectors: ClassVar = {1: ALICE, 2: ALICE_SIDE, 3: BOB, 4: np.full(3, np.nan, dtype=np.float32)}

    def faces(self, frame: np.ndarray) -> list[FaceHit]:
        hits = []
        for which, side, _ in frame.reshape(-1, 3):
            if which == 9:
                raise RuntimeError("boom")
            if which:
                box = (0.0, 0.0, float(side) / 2, float(side))
                hits.append(FaceHit(box=box, vector=self.vectors[int(which)]))
        return hits

    def similarity(self, left: np.ndarray, right: np.ndarray) -> float:
        return float(left @ right)


def frame(*faces: tuple[int, int]) -> np.ndarray:
    picture = BLANK.copy()
    for i, (which, side) in enumerate(faces):
        picture[0, i] = (which, side, 0)
    return picture


CAST = [
    AllowedFace(
        person_id="prs_alice", templates=(BLANK[0, 0].astype(np.float32), ALICE), threshold=0.7
    )
]


def test_the_cast_passes() -> None:
    frames = [(0.0, frame((1, 100))), (1.0, frame((2, 100))), (2.0, frame())]
    result = check_frames(frames, CAST, PaintedFaces())
    assert result.decision == "allow"
    assert result.people == {"prs_alice"}
    assert (result.frames, result.faces, result.faces_too_small) == (3, 2, 0)


def test_a_stranger_blocks_and_every_miss_is_counted() -> None:
    frames = [(1.5, frame((1, 90), (3, 90))), (0.5, frame((3, 90)))]
    result = check_frames(frames, CAST, PaintedFaces())
    assert result.decision == "block"
    assert [r.code for r in result.reasons] == ["output.unknown_face"]
    assert result.reasons[0].detail == "2 unknown, first at 0.50 s"
    assert [miss.second for miss in result.misses] == [0.5, 1.5]
    assert result.misses[0].nearest == "prs_alice"
    assert result.misses[0].similarity == 0.0


def test_without_a_cast_any_face_blocks() -> None:
    result = check_frames([(0.0, frame((1, 90)))], [], PaintedFaces())
    assert result.decision == "block"
    assert result.misses[0].nearest is None


def test_small_faces_are_counted_not_compared() -> None:
    frames = [(0.0, frame((3, 47))), (1.0, frame((1, 48)))]
    result = check_frames(frames, CAST, PaintedFaces(), min_side_px=48)
    assert result.decision == "allow"
    assert (result.faces, result.faces_too_small) == (1, 1)


def test_a_similarity_that_is_no_number_matches_nobody() -> None:
    result = check_frames([(0.0, frame((4, 90)))], CAST, PaintedFaces())
    assert result.decision == "block"


@pytest.mark.parametrize("frames", [[], [(0.0, frame((9, 90)))]])
def test_what_was_not_checked_is_refused(frames: list[tuple[float, np.ndarray]]) -> None:
    result = check_frames(frames, CAST, PaintedFaces())
    assert result.decision == "block"
    assert [r.code for r in result.reasons] == ["output.not_checked"]


def test_a_person_without_templates_is_matched_by_nobody() -> None:
    empty = [AllowedFace(person_id="prs_x", templates=(), threshold=0.0)]
    result = check_frames([(0.0, frame((1, 90)))], empty, PaintedFaces())
    assert result.decision == "block"


def test_spoken_lines_take_the_text_path(moderator: Moderator) -> None:
    assert check_transcript("hello there", moderator).decision == "allow"
    assert check_transcript("I am Pikachu", moderator).decision == "block"
    consented = frozenset({"Alice Smith"})
    assert check_transcript("I am Alice Smith", moderator, consented).decision == "allow"
