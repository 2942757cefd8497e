from __future__ import annotations

import itertools

import numpy as np
import pytest
import skia

from generator.camera import FACE, body_z, shot, view_at
from generator.scene import Action, CameraMove, Setting
from generator.staging import mark

SIZES = [(1280, 720), (720, 1280), (720, 720)]


@pytest.mark.parametrize("move", list(CameraMove))
def test_a_plane_is_drawn_where_its_points_are_projected(make_spec, move):
    view = view_at(make_spec(camera=move), 3.0)
    origin, u, v = (-1.0, 2.0, 6.0), (0.01, 0.0, 0.002), (0.0, -0.01, 0.0)
    matrix = view.plane(origin, u, v)
    for a, b in itertools.product((0.0, 50.0, 200.0), repeat=2):
        world = tuple(origin[i] + a * u[i] + b * v[i] for i in range(3))
        drawn = (
            matrix.mapXY(a, b)
            if hasattr(matrix, "mapXY")
            else matrix.mapPoints([skia.Point(a, b)])[0]
        )
        x, y, _ = view.project(world)
        assert drawn.x() == pytest.approx(x, abs=0.05)
        assert drawn.y() == pytest.approx(y, abs=0.05)


@pytest.mark.parametrize("setting", list(Setting))
@pytest.mark.parametrize("size", SIZES)
def test_one_talker_takes_a_good_share_of_the_height(make_spec, setting, size):
    spec = make_spec(setting, size=size, actions={"alice": Action.TALK})
    view = view_at(spec, 1.0)
    distance = mark(spec, 0).z + body_z(spec, 0, 1.0) - view.z
    assert FACE * view.focal / distance >= 0.18 * min(size)


@pytest.mark.parametrize("action", [Action.TALK, Action.WALK, Action.WAVE])
@pytest.mark.parametrize("move", list(CameraMove))
@pytest.mark.parametrize("size", SIZES)
def test_two_heads_stay_in_the_picture_and_apart(make_spec, action, move, size):
    spec = make_spec(size=size, camera=move, actions={"alice": action, "bob": action})
    for t in (0.0, 2.0, 3.9):
        view = view_at(spec, t)
        at = []
        for index in range(2):
            place = mark(spec, index)
            x, _, k = view.project((place.x, 1.635, place.z + body_z(spec, index, t)))
            assert 0.09 * k < x < size[0] - 0.09 * k
            at.append((x, k))
        assert at[1][0] - at[0][0] > 0.2 * max(k for _, k in at)


def test_the_camera_keeps_ahead_of_a_long_walk(make_spec):
    spec = make_spec(seconds=60.0, actions={"alice": Action.WALK})
    gaps = [body_z(spec, 0, t) - view_at(spec, t).z for t in np.linspace(0, 60, 61)]
    assert min(gaps) >= shot(spec).distance - 1e-6
    assert gaps[0] > gaps[-1]


def test_the_camera_stays_inside_the_room(make_spec):
    for move in CameraMove:
        for actions in ({}, {"alice": Action.WALK}, {"alice": Action.TALK, "bob": Action.TALK}):
            spec = make_spec(Setting.ROOM, camera=move, size=(720, 1280), actions=actions)
            for t in (0.0, 2.0, 4.0):
                view = view_at(spec, t)
                assert abs(view.x) < 2.8
                assert -4.6 < view.z < 2.0
