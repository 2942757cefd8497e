from __future__ import annotations

import numpy as np
import pytest

from generator.looks import look_for
from generator.request import Style


@pytest.fixture(scope="module")
def picture():
    y, x = np.mgrid[0:360, 0:640]
    return np.dstack([x % 256, y % 256, (x + y) % 256]).astype(np.uint8)


@pytest.mark.parametrize("style", list(Style))
def test_a_grade_depends_on_picture_and_frame_alone(make_spec, picture, style):
    a, b = look_for(make_spec(style=style)), look_for(make_spec(style=style))
    before = picture.copy()
    assert (a.grade(picture, 7) == b.grade(picture, 7)).all()
    assert (picture == before).all()
    assert a.grade(picture, 7).shape == picture.shape


@pytest.mark.parametrize("style", [Style.PHOTOREAL, Style.CINEMATIC])
def test_grain_changes_from_frame_to_frame(make_spec, picture, style):
    look = look_for(make_spec(style=style))
    assert (look.grade(picture, 1) != look.grade(picture, 2)).any()


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (360, 360)])
def test_the_letterbox_lies_inside_the_frame(make_spec, size):
    w, h = size
    look = look_for(make_spec(style=Style.CINEMATIC, size=size))
    out = look.grade(np.full((h, w, 3), 160, np.uint8), 0)
    rows = out.max(axis=(1, 2))
    assert out.shape == (h, w, 3)
    assert rows[0] == rows[-1] == 0
    assert rows[h // 2] > 60
    assert 0.05 * h < (rows == 0).sum() / 2 < 0.16 * h


def test_anime_has_fewer_tones(make_spec):
    look = look_for(make_spec(style=Style.ANIME))
    ramp = np.repeat(np.linspace(0, 255, 400, dtype=np.float32)[None, :, None], 60, 0).repeat(3, 2)
    flat = look.asset(ramp, line=0.0)
    steps = np.abs(np.diff(flat[30, :, 0]))
    assert (steps < 0.5).mean() > 0.4
