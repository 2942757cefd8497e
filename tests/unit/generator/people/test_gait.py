from __future__ import annotations

import itertools

import numpy as np
import pytest

from generator.people.gait import foot, footfalls, pace, step_length, travelled
from generator.scene import Action, Setting
from generator.staging import walk_of


@pytest.mark.parametrize("setting", list(Setting))
def test_a_planted_foot_does_not_slide(make_spec, setting):
    spec = make_spec(setting, seconds=8.0, actions={"alice": Action.WALK, "bob": Action.WALK})
    for index in range(2):
        walk = walk_of(spec, index)
        for side in range(2):
            times = np.arange(0, 8.0, 1 / 240)
            spots = [(foot(walk, t, side), travelled(walk, t)) for t in times]
            for (a, da), (b, db) in itertools.pairwise(spots):
                if a.planted and b.planted and abs(b.ahead - a.ahead) < 0.3:
                    assert da + a.ahead == pytest.approx(db + b.ahead, abs=1e-9)
                    assert a.height == b.height == 0.0


@pytest.mark.parametrize("setting", list(Setting))
def test_footfalls_are_when_a_foot_comes_down(make_spec, setting):
    spec = make_spec(setting, seconds=6.0, actions={"alice": Action.WALK, "bob": Action.WALK})
    for index, times in enumerate(footfalls(spec).values()):
        walk = walk_of(spec, index)
        assert len(times) >= 3
        assert list(times) == sorted(times)
        for t in times:
            before, after = t - 0.02, t + 0.01
            landed = [
                foot(walk, after, side).planted
                and (t < 0.02 or not foot(walk, before, side).planted)
                for side in (0, 1)
            ]
            assert sum(landed) == 1 or t < 0.02


def test_steps_follow_from_the_speed(make_spec):
    spec = make_spec(seconds=10.0, actions={"alice": Action.WALK})
    walk = walk_of(spec, 0)
    times = footfalls(spec)["alice"]
    assert np.diff(times) == pytest.approx(step_length(walk) / walk.speed, abs=1e-5)


def test_a_walk_in_a_room_ends_with_both_feet_down(make_spec):
    spec = make_spec(Setting.ROOM, seconds=9.0, actions={"alice": Action.WALK, "bob": Action.WALK})
    for index in range(2):
        walk = walk_of(spec, index)
        assert pace(walk, 8.0) == 0.0
        assert all(foot(walk, 8.0, side).planted for side in (0, 1))


def test_who_stands_makes_no_steps(make_spec):
    assert footfalls(make_spec(actions={"alice": Action.STAND})) == {"alice": ()}
    assert footfalls(make_spec()) == {}
