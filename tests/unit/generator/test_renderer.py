from __future__ import annotations

import itertools

import numpy as np
import pytest

from generator.errors import CastError, FrameRangeError, MouthTrackError
from generator.renderer import Renderer
from generator.request import Style
from generator.scene import Action, CameraMove, Setting, TimeOfDay, Weather


def detail(frame):
    """Spread of brightness and of colour; both small in a degenerate picture."""
    return float(frame.mean(axis=2).std()), float((frame.max(axis=2) - frame.min(axis=2)).mean())


def quick(setting, style=Style.PHOTOREAL):
    """Leave the costlier half of a grid to the slow tests."""
    cheap = setting in {Setting.SHORE, Setting.STREET} or style is Style.PHOTOREAL
    return pytest.param(setting, style, marks=() if cheap else pytest.mark.slow)


@pytest.mark.parametrize(
    ("setting", "style"), [quick(*both) for both in itertools.product(Setting, Style)]
)
def test_every_setting_in_every_style(make_spec, cast, setting, style):
    spec = make_spec(setting, style=style, actions={"alice": Action.TALK})
    frame = Renderer(spec, cast, {}).frames(30, 1)[0]
    assert frame.shape == (360, 640, 3)
    assert frame.dtype == np.uint8
    light, colour = detail(frame)
    assert light > 18
    assert colour > 8
    assert 20 < frame.mean() < 225


@pytest.mark.parametrize(
    "setting",
    [
        Setting.SHORE,
        Setting.STREET,
        pytest.param(Setting.AVENUE, marks=pytest.mark.slow),
        pytest.param(Setting.ROOM, marks=pytest.mark.slow),
    ],
)
def test_frames_do_not_depend_on_the_chunk(make_spec, cast, setting):
    spec = make_spec(
        setting,
        camera=CameraMove.HANDHELD,
        weather=Weather.RAIN,
        actions={"alice": Action.WALK, "bob": Action.TALK},
    )
    mouth = {"bob": (0.5 + 0.5 * np.sin(np.arange(96))).astype(np.float32)}
    whole = Renderer(spec, cast, mouth).frames(8, 4)
    alone = Renderer(spec, cast, mouth)
    assert (alone.frames(10, 2) == whole[2:]).all()
    assert (alone.frames(8, 1) == whole[:1]).all()
    assert (whole[0] != whole[1]).any()


@pytest.mark.parametrize(
    ("setting", "size"), list(zip(Setting, [(360, 640), (360, 360)] * 2, strict=True))
)
def test_upright_and_square_pictures(make_spec, cast, setting, size):
    spec = make_spec(setting, size=size, actions={"alice": Action.WALK, "bob": Action.WALK})
    frame = Renderer(spec, cast, {}).frames(50, 1)[0]
    assert frame.shape == (size[1], size[0], 3)
    assert detail(frame)[0] > 18


@pytest.mark.parametrize("time", list(TimeOfDay))
@pytest.mark.parametrize("weather", [Weather.CLOUDY, Weather.SNOW])
def test_times_and_weathers_differ(make_spec, time, weather):
    spec = make_spec(Setting.SHORE, time_of_day=time, weather=weather)
    frame = Renderer(spec, (), {}).frames(0, 1)[0]
    assert 8 < frame.mean() < 235
    if time is TimeOfDay.NIGHT:
        assert frame.mean() < 110


def test_the_mouth_moves_with_its_track_alone(make_spec, cast):
    spec = make_spec(Setting.SHORE, actions={"alice": Action.TALK})
    shut = Renderer(spec, cast, {}).frames(20, 1)[0].astype(int)
    track = np.zeros(96, np.float32)
    track[20] = 1.0
    talking = Renderer(spec, cast, {"alice": track})
    wide = talking.frames(20, 1)[0].astype(int)
    changed = np.abs(wide - shut).max(axis=2) > 24
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert 20 < changed.sum() < 4000
    assert rows.max() - rows.min() < 120
    assert columns.max() - columns.min() < 120


def test_another_seed_gives_another_picture(make_spec):
    a, b = (Renderer(make_spec(Setting.STREET, seed=k), (), {}).frames(0, 1) for k in (1, 2))
    assert np.abs(a.astype(int) - b.astype(int)).mean() > 2


def test_what_cannot_be_drawn_is_refused(make_spec, cast):
    spec = make_spec(actions={"carol": Action.STAND})
    with pytest.raises(CastError):
        Renderer(spec, cast, {})
    spec = make_spec(actions={"alice": Action.TALK})
    with pytest.raises(MouthTrackError):
        Renderer(spec, cast, {"alice": np.zeros(95, np.float32)})
    renderer = Renderer(spec, cast, {})
    for start, count in ((-1, 1), (95, 2), (0, -1), (97, 0)):
        with pytest.raises(FrameRangeError):
            renderer.frames(start, count)
    assert renderer.frames(96, 0).shape == (0, 360, 640, 3)
