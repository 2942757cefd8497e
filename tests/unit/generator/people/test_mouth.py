from __future__ import annotations

import numpy as np
import pytest

from generator.people.cutout import cut_out
from generator.people.mouth import Expression, Face, blink


@pytest.fixture(scope="module")
def face(appearance):
    head = cut_out(appearance, 60.0)
    return head, Face(head, head.rgb, (58, 24, 26))


def test_a_face_at_rest_is_the_cut_out_itself(face):
    _, moving = face
    assert (moving.sprite(Expression()) == moving.still).all()


def test_the_mouth_opens_with_the_track(face):
    head, moving = face
    x, y = round(head.mouth[0]), round(head.mouth[1])
    dark = []
    for mouth in (0.0, 0.3, 0.6, 1.0):
        column = moving.sprite(Expression(mouth=mouth))[y - 10 : y + 40, x, :3]
        dark.append(int((np.abs(column.astype(int) - [58, 24, 26]).max(axis=1) < 40).sum()))
    assert dark[0] <= 4  # the drawn line between the lips
    assert dark == sorted(dark)
    assert dark[-1] >= 6


def test_the_chin_falls_and_the_eyes_do_not(face):
    head, moving = face
    still, wide = moving.still, moving.sprite(Expression(mouth=1.0))
    top = round(head.eyes[1] + 0.3 * head.iod)
    assert (still[:top] == wide[:top]).all()
    assert wide[round(head.chin) :, :, 3].sum() > still[round(head.chin) :, :, 3].sum()


def test_lids_close(face):
    head, moving = face
    y, x = round(head.eyes[1]), round(head.eyes[0] - head.iod / 2)
    shut = moving.sprite(Expression(lids=1.0))[y, x, :3].astype(int)
    assert np.abs(shut - np.array(head.skin)).max() < 60
    assert np.abs(moving.still[y, x, :3].astype(int) - np.array(head.skin)).max() > 60


def test_blinks_are_short_and_come_back():
    closed = np.array([blink(12345, t) > 0.5 for t in np.arange(0, 60, 1 / 24)])
    assert 0.005 < closed.mean() < 0.08
    assert closed.any()
