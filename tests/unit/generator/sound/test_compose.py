from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator.request import Style
from generator.scene import (
    Action,
    Actor,
    CameraMove,
    Line,
    SceneSpec,
    Setting,
    TimeOfDay,
    Weather,
)
from generator.sound import SoundResult, compose
from generator.sound.mix import CEILING
from generator.speech import EngineMissingError, english
from generator.speech.synthesis import active_rms
from generator.speech.values import RATE

JA = Line(text="まんまと間に合った。", lang="ja")
SPEC = SceneSpec(
    setting=Setting.ROOM,
    time_of_day=TimeOfDay.DAY,
    weather=Weather.CLEAR,
    camera=CameraMove.STATIC,
    style=Style.ANIME,
    size=(640, 360),
    fps=24,
    seconds=6.0,
    seed=7,
    actors=(
        Actor(handle="alice", action=Action.TALK, lines=(JA,)),
        Actor(handle="bob", action=Action.STAND, lines=(Line(text="はい、行こう。", lang="ja"),)),
    ),
)


@pytest.fixture(scope="module")
def result() -> SoundResult:
    return compose(SPEC, ())


def test_the_form_is_exact(result: SoundResult) -> None:
    assert result.samples.shape == (288_000, 2)
    assert result.samples.dtype == np.float32
    assert np.abs(result.samples).max() <= CEILING + 1e-6
    assert set(result.mouth) == {"alice", "bob"}
    for track in result.mouth.values():
        assert track.shape == (144,)
        assert track.dtype == np.float32
    assert result.notes == ()


@pytest.mark.parametrize("seconds", [4.0, 4.021, 5.33333, 7.77])
def test_the_length_is_that_of_the_clip(seconds: float) -> None:
    spec = replace(SPEC, seconds=seconds, actors=())
    result = compose(spec, ())
    assert result.samples.shape == (round(seconds * 48_000), 2)
    assert result.mouth == {}


def test_the_same_scene_gives_the_same_samples(result: SoundResult) -> None:
    again = compose(SPEC, ())
    np.testing.assert_array_equal(result.samples, again.samples)
    assert result.lines == again.lines


def test_speech_is_where_the_lines_say_and_stands_out(result: SoundResult) -> None:
    power = np.square(result.samples).mean(axis=1)
    spoken = np.zeros(power.size, dtype=bool)
    for line in result.lines:
        spoken[round(line.start_s * RATE) : round(line.end_s * RATE)] = True
        part = result.samples[round(line.start_s * RATE) : round(line.end_s * RATE)]
        mono = np.sqrt(np.square(part).mean(axis=1))
        assert 20 * np.log10(active_rms(mono, RATE)) == pytest.approx(-20.0, abs=2.5)
    quiet = power[RATE // 20 : round((result.lines[0].start_s - 0.1) * RATE)]
    assert power[spoken].mean() > 100 * quiet.mean()


def test_sound_and_lips_begin_and_end_together(result: SoundResult) -> None:
    for line in result.lines:
        first, last = round((line.start_s - 0.3) * RATE), round((line.end_s + 0.3) * RATE)
        envelope = np.abs(result.samples[max(0, first) : last]).max(axis=1)
        smooth = np.convolve(envelope, np.ones(480) / 480, mode="same")
        loud = np.flatnonzero(smooth > 0.15 * smooth.max()) + max(0, first)
        opened = np.flatnonzero(result.mouth[line.handle] > 0.08) / SPEC.fps
        assert opened[0] == pytest.approx(loud[0] / RATE, abs=0.15)
        assert opened[-1] == pytest.approx(loud[-1] / RATE, abs=0.15)
        assert line.start_s - 0.1 <= opened[0]
        assert opened[-1] <= line.end_s + 0.1


def test_only_the_speaker_opens_the_mouth(result: SoundResult) -> None:
    middles = (np.arange(SPEC.frames) + 0.5) / SPEC.fps
    for line in result.lines:
        during = (middles > line.start_s) & (middles < line.end_s)
        assert result.mouth[line.handle][during].max() > 0.5
        other = "bob" if line.handle == "alice" else "alice"
        assert result.mouth[other][during].max() < 0.05


def test_speakers_are_heard_from_their_side(result: SoundResult) -> None:
    balance = {}
    for line in result.lines:
        part = result.samples[round(line.start_s * RATE) : round(line.end_s * RATE)]
        left, right = np.square(part).mean(axis=0)
        balance[line.handle] = right / left
    assert balance["alice"] < 0.8
    assert balance["bob"] > 1.25


def test_the_place_is_softer_under_speech() -> None:
    spec = replace(SPEC, setting=Setting.SHORE, actors=SPEC.actors[:1])
    talk = compose(spec, ())
    line = talk.lines[0]
    low = np.fft.rfftfreq(RATE // 2, 1 / RATE) < 50  # no voice reaches down there

    def rumble(at: float, sound: np.ndarray) -> float:
        part = sound[round(at * RATE) : round(at * RATE) + RATE // 2].mean(axis=1)
        return float(np.square(np.abs(np.fft.rfft(part * np.hanning(part.size)))[low]).sum())

    still = compose(replace(spec, actors=()), ()).samples
    middle = (line.start_s + line.end_s) / 2 - 0.25
    drop = 10 * np.log10(rumble(middle, talk.samples) / rumble(middle, still))
    assert drop == pytest.approx(-6.0, abs=1.5)
    assert rumble(4.5, talk.samples) == pytest.approx(rumble(4.5, still), rel=0.05)


def test_english_without_its_engine_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english.shutil, "which", lambda _: None)
    line = Line(text="A line never said before.", lang="en")
    spec = replace(SPEC, actors=(Actor(handle="alice", action=Action.TALK, lines=(line,)),))
    with pytest.raises(EngineMissingError):
        compose(spec, ())
