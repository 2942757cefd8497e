from __future__ import annotations

import cv2
import numpy as np
import pytest

from cameo.likeness.appearance import best_appearance, crop
from cameo.likeness.capture import Capture
from cameo.likeness.dlib_faces import FivePoints
from cameo.likeness.errors import NoFaceError
from cameo.likeness.faces import DetectedFace
from cameo.likeness.segments import Segment
from cameo.likeness.survey import Survey, survey


@pytest.fixture(scope="module")
def five() -> FivePoints:
    return FivePoints()


def take(faces, pictures) -> Survey:
    frames = [picture for picture in pictures for _ in range(8)]
    return survey(
        Capture(frames=frames, fps=16.0, samples=np.zeros(0, np.float32), rate=16_000), faces
    )


def test_crop_has_the_agreed_shape(faces, stage, five) -> None:
    frame = stage.person("bruno")(0, 0, 0)
    face = faces.detect(frame)[0]
    made = crop(frame, face, five)
    assert made.image.shape == (512, 512, 3)
    left, top, right, bottom = made.box
    assert (right - left) / 512 == pytest.approx(0.45, abs=0.005)
    assert (left + right) / 2 == pytest.approx(256, abs=1)
    assert left < made.points5[:, 0].min() < made.points5[:, 0].max() < right
    assert top < made.points5[:, 1].min() < made.points5[:, 1].max() < bottom
    again = faces.detect(made.image)[0]
    assert np.abs(again.points5 - made.points5).max() < 8


def test_other_layouts_are_converted_to_dlibs_points(faces, stage, five) -> None:
    frame = stage.person("bruno")(0, 0, 0)
    face = faces.detect(frame)[0]
    left, right = face.eyes
    down = np.array([0, face.eye_distance], np.float32)
    points = np.stack(
        [left, right, face.nose - 0.1 * down, left + 1.1 * down, right + 1.1 * down]
    ).astype(np.float32)
    other = DetectedFace(box=face.box, points5=points, score=1.0, layout="arcface5")
    made = crop(frame, other, five)
    assert made.points5[0, 0] > made.points5[1, 0] > made.points5[3, 0] > made.points5[2, 0]
    width = made.box[2] - made.box[0]
    assert width / 512 == pytest.approx(0.45, abs=0.005)


def test_picks_the_frontal_closed_sharp_picture(faces, stage, five) -> None:
    person = stage.person("bruno")
    good = person(0, 0, 0)
    seen = take(
        faces,
        [person(0, 20, 0), cv2.GaussianBlur(good, (0, 0), 3), good, person(0, 0, 1), good],
    )
    made = best_appearance(seen, [Segment(start_s=0.0, end_s=0.4)], five)
    wanted = crop(good, faces.detect(good)[0], five)
    assert np.abs(made.image.astype(int) - wanted.image).mean() < 2


def test_prefers_silence(faces, stage, five) -> None:
    person = stage.person("bruno")
    seen = take(faces, [person(0, 0, 0), *[person(0, 4, 0)] * 4])
    made = best_appearance(seen, [Segment(start_s=0.0, end_s=0.4)], five)
    turned = person(0, 4, 0)
    wanted = crop(turned, faces.detect(turned)[0], five)
    assert np.abs(made.image.astype(int) - wanted.image).mean() < 3


def test_without_a_face_there_is_none(faces, five) -> None:
    with pytest.raises(NoFaceError):
        best_appearance(take(faces, [np.zeros((120, 160, 3), np.uint8)] * 5), [], five)
