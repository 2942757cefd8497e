from __future__ import annotations

import numpy as np
import pytest

from generator.people.gait import footfalls
from generator.request import Style
from generator.scene import (
    Action,
    Actor,
    CameraMove,
    SceneSpec,
    Setting,
    TimeOfDay,
    Weather,
)
from generator.sound import compose
from generator.sound.footsteps import Ground, footsteps, ground_of
from generator.speech.values import RATE

TOLERANCE_S = 0.010


def walk(setting: Setting, weather: Weather = Weather.CLEAR) -> SceneSpec:
    return SceneSpec(
        setting=setting,
        time_of_day=TimeOfDay.DUSK,
        weather=weather,
        camera=CameraMove.STATIC,
        style=Style.PHOTOREAL,
        size=(640, 360),
        fps=24,
        seconds=5.0,
        seed=3,
        actors=(Actor(handle="alice", action=Action.WALK),),
    )


def onsets(mono: np.ndarray, after: tuple[float, ...]) -> list[float]:
    """When sound first reaches a tenth of each step's peak, from 50 ms before the step on."""
    found = []
    for when in after:
        first = max(0, round((when - 0.05) * RATE))
        part = np.abs(mono[first : round((when + 0.25) * RATE)])
        found.append((first + int(np.argmax(part > 0.1 * part.max()))) / RATE)
    return found


@pytest.mark.parametrize("ground", list(Ground))
def test_a_step_starts_when_the_foot_comes_down(ground: Ground) -> None:
    times = (0.0, 0.51, 1.2345, 1.9)
    mono = footsteps(ground, times, 3 * RATE, 1, "alice")
    assert mono.shape == (3 * RATE,)
    assert mono.dtype == np.float32
    for heard, when in zip(onsets(mono, times), times, strict=True):
        assert heard == pytest.approx(when, abs=TOLERANCE_S)
        before = mono[max(0, round((when - 0.05) * RATE)) : round(when * RATE)]
        assert not before.any()


@pytest.mark.parametrize("setting", list(Setting))
def test_steps_are_heard_in_the_mix_at_the_footfalls(setting: Setting) -> None:
    spec = walk(setting)
    still = SceneSpec(**{f: getattr(spec, f) for f in spec.__slots__} | {"actors": ()})
    steps = (compose(spec, ()).samples - compose(still, ()).samples).mean(axis=1)
    times = footfalls(spec)["alice"]
    assert len(times) >= 3
    inside = tuple(t for t in times if 0.05 < t < spec.seconds - 0.3)
    for heard, when in zip(onsets(steps, inside), inside, strict=True):
        assert heard == pytest.approx(when, abs=TOLERANCE_S)


def test_grounds_sound_different() -> None:
    def bright(ground: Ground) -> float:
        mono = footsteps(ground, (0.0,), RATE, 1, "alice")
        power = np.abs(np.fft.rfft(mono)) ** 2
        hz = np.fft.rfftfreq(mono.size, 1 / RATE)
        return float(power[hz > 1500].sum() / power.sum())

    assert bright(Ground.SAND) < 0.2
    assert bright(Ground.WOOD) < bright(Ground.WET)
    assert bright(Ground.SAND) < bright(Ground.PATH)


def test_steps_are_alike_but_never_the_same() -> None:
    mono = footsteps(Ground.WOOD, (0.0, 0.5), RATE, 1, "alice")
    first, second = mono[: RATE // 2], mono[RATE // 2 :]
    assert not np.array_equal(first, second)
    assert 0.4 < np.abs(first).max() / np.abs(second).max() < 2.5
    assert 0.05 < np.abs(mono).max() < 0.2


def test_each_person_has_an_own_gait_and_a_seed_repeats_it() -> None:
    args = (Ground.WET, (0.1, 0.6), RATE)
    alice, again, bob = (footsteps(*args, 1, h) for h in ("alice", "alice", "bob"))
    np.testing.assert_array_equal(alice, again)
    assert not np.array_equal(alice, bob)
    assert not np.array_equal(alice, footsteps(*args, 2, "alice"))


@pytest.mark.parametrize(
    ("setting", "weather", "ground"),
    [
        (Setting.AVENUE, Weather.CLEAR, Ground.PATH),
        (Setting.AVENUE, Weather.RAIN, Ground.WET),
        (Setting.STREET, Weather.CLOUDY, Ground.WET),
        (Setting.STREET, Weather.SNOW, Ground.SNOW),
        (Setting.SHORE, Weather.RAIN, Ground.SAND),
        (Setting.ROOM, Weather.SNOW, Ground.WOOD),
    ],
)
def test_the_ground_follows_place_and_weather(
    setting: Setting, weather: Weather, ground: Ground
) -> None:
    assert ground_of(walk(setting, weather)) is ground


def test_nobody_walks_no_steps() -> None:
    assert not footsteps(Ground.WOOD, (), RATE, 1, "alice").any()
