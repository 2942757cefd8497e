"""A chunk: labelled, checked, marked, encoded - in this order, whatever generator drew it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest

from cameo.flows.chunks import ChunkTask, make_chunk
from cameo.media.decode import FrameStream
from cameo.media.limits import Limits
from generator.request import Style
from generator.scene import CameraMove, SceneSpec, Setting, TimeOfDay, Weather
from moderation.output import AllowedFace, FaceHit
from provenance.watermark.detect import Detector

KEY, PAYLOAD = bytes(range(32)), 0xFEEDC0DE12345678
SIZE = (640, 360)


class Source:
    """Draws noise that moves: a generator that knows nothing of labels or marks."""

    def frames(self, spec, cast, mouth, start, count):
        field = np.random.default_rng(1).integers(60, 180, (360 + 64, 640 + 64, 3), np.uint8)
        return np.stack(
            [field[i % 64 :][:360, i % 64 :][:, :640] for i in range(start, start + count)]
        )


class Matcher:
    """Sees one face a frame, with a fixed similarity to everybody."""

    def __init__(self, similarity: float | None = None) -> None:
        self.value = similarity
        self.seen = 0

    def faces(self, frame):
        self.seen += 1
        assert int(frame[-40:, -140:].max()) > 200, "checked before it was labelled"
        if self.value is None:
            return []
        return [FaceHit(box=(10.0, 10.0, 90.0, 90.0), vector=np.zeros(1, np.float32))]

    def similarity(self, left, right):
        return self.value


def task(**changes) -> ChunkTask:
    spec = SceneSpec(
        setting=Setting.SHORE,
        time_of_day=TimeOfDay.DAY,
        weather=Weather.CLEAR,
        camera=CameraMove.STATIC,
        style=Style.PHOTOREAL,
        size=SIZE,
        fps=24,
        seconds=4.0,
        seed=1,
        actors=(),
        prompt_lang="en",
        explanation=(),
    )
    values = {
        "spec": spec,
        "cast": (),
        "mouth": {},
        "allowed": (),
        "start": 0,
        "count": 24,
        "label": "AI generated",
        "payload": PAYLOAD,
        "mark_key": KEY,
        "psnr_db": 43.0,
        "work": Path(tempfile.gettempdir()),
    }
    return ChunkTask(**{**values, **changes})


def decoded(segment: bytes, tmp_path: Path) -> list[np.ndarray]:
    path = tmp_path / "segment.mp4"
    path.write_bytes(segment)
    with FrameStream(path, Limits(), pixels="luma") as stream:
        return list(stream)


def test_what_leaves_carries_label_and_mark(tmp_path: Path):
    result = make_chunk(task(), Source(), Matcher())
    frames = decoded(result.segment, tmp_path)
    assert len(frames) == 24
    assert all(int(frame[-40:, -140:].max()) > 190 for frame in frames)
    found = Detector(KEY).detect(iter(frames), 24.0)
    assert (found.found, found.payload) == (True, PAYLOAD)


def test_a_face_of_nobody_leaves_nothing():
    result = make_chunk(task(), Source(), Matcher(similarity=0.9))
    assert result.output.decision == "block"
    assert result.segment == b""


def test_a_consenting_face_passes():
    allowed = AllowedFace(person_id="prs_a", templates=(np.zeros(1, np.float32),), threshold=0.55)
    result = make_chunk(task(allowed=(allowed,)), Source(), Matcher(similarity=0.9))
    assert result.output.people == {"prs_a"}
    assert result.segment


@pytest.mark.parametrize(("start", "count"), [(0, 24), (24, 24), (72, 5), (95, 1)])
def test_every_chunk_is_looked_at(start: int, count: int):
    matcher = Matcher()
    result = make_chunk(task(start=start, count=count), Source(), matcher)
    assert matcher.seen >= 1
    assert result.output.frames == matcher.seen
