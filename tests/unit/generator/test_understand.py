from __future__ import annotations

import pytest

from generator.errors import EmptyPromptError, PromptTooLongError
from generator.request import RenderRequest
from generator.scene import Action, CameraMove, Setting, TimeOfDay, Weather
from generator.understand import parse


def read(prompt, cast=(), **changes):
    fields = {"prompt": prompt, "seconds": 8, "size": (1280, 720), "cast": cast, **changes}
    return parse(RenderRequest(**fields))


@pytest.mark.parametrize(
    ("prompt", "setting", "time", "weather"),
    [
        ("A cherry avenue at dusk", Setting.AVENUE, TimeOfDay.DUSK, Weather.CLEAR),
        ("夕暮れの桜並木", Setting.AVENUE, TimeOfDay.DUSK, Weather.CLEAR),
        ("Waves on a beach at sunrise", Setting.SHORE, TimeOfDay.MORNING, Weather.CLEAR),
        ("曇りの昼の海岸", Setting.SHORE, TimeOfDay.DAY, Weather.CLOUDY),
        ("A city street after rain", Setting.STREET, TimeOfDay.NIGHT, Weather.CLEAR),
        ("雨上がりの夜の街", Setting.STREET, TimeOfDay.NIGHT, Weather.CLEAR),
        ("It rains in the town", Setting.STREET, TimeOfDay.NIGHT, Weather.RAIN),
        ("Rain in the town", Setting.STREET, TimeOfDay.NIGHT, Weather.RAIN),
        ("A living room in the evening", Setting.ROOM, TimeOfDay.DUSK, Weather.CLEAR),
        ("雪の朝のリビング", Setting.ROOM, TimeOfDay.MORNING, Weather.SNOW),
    ],
)
def test_setting_time_and_weather(prompt, setting, time, weather):
    spec = read(prompt)
    assert spec.setting is setting
    assert spec.time_of_day is time
    assert spec.weather is weather


@pytest.mark.parametrize(
    ("prompt", "move"),
    [
        ("A shore, static camera", CameraMove.STATIC),
        ("A shore, the camera pans left", CameraMove.PAN_LEFT),
        ("海、右へパン", CameraMove.PAN_RIGHT),
        ("A street, dolly in", CameraMove.DOLLY_IN),
        ("街、ズームアウト", CameraMove.DOLLY_OUT),
        ("A park, tracking shot", CameraMove.TRACKING),
        ("A room, the camera orbits", CameraMove.ORBIT),
        ("手持ちカメラの部屋", CameraMove.HANDHELD),
    ],
)
def test_camera_moves(prompt, move):
    assert read(prompt).camera is move


def test_people_actions_and_speech_in_english(cast):
    spec = read('@alice says "Let us go to the sea" while @bob waves in a living room', cast)
    alice, bob = spec.actors
    assert (alice.handle, alice.action) == ("alice", Action.TALK)
    assert [(line.text, line.lang) for line in alice.lines] == [("Let us go to the sea", "en")]
    assert (bob.action, bob.lines) == (Action.WAVE, ())
    assert spec.setting is Setting.ROOM  # what is said does not decide where it is said


def test_people_actions_and_speech_in_japanese(cast):
    spec = read(
        "桜並木で@aliceが「きれいですね」と言う。@bobは「ほんとうに」と答えて手を振る。", cast
    )
    assert [[line.text for line in actor.lines] for actor in spec.actors] == [
        ["きれいですね"],
        ["ほんとうに"],
    ]
    assert spec.actors[1].action is Action.WAVE
    assert spec.prompt_lang == "ja"
    assert {line.lang for actor in spec.actors for line in actor.lines} == {"ja"}


def test_joined_handles_share_what_they_do(cast):
    spec = read("@alice and @bob walk along the beach", cast)
    assert [actor.action for actor in spec.actors] == [Action.WALK, Action.WALK]
    assert spec.camera is CameraMove.TRACKING


def test_a_line_keeps_its_own_language(cast):
    spec = read('海で @alice が "Good morning" と言う', cast)
    assert spec.prompt_lang == "ja"
    assert spec.actors[0].lines[0].lang == "en"


def test_talkers_without_words_get_neutral_ones_and_it_is_said(cast):
    spec = read("@alice and @bob talk on a city street", cast)
    first, second = (actor.lines[0].text for actor in spec.actors)
    assert first != second
    assert any(first in note for note in spec.explanation)


def test_everybody_appears_where_nobody_is_named(cast):
    spec = read("Two people on a shore", cast)
    assert [actor.handle for actor in spec.actors] == ["alice", "bob"]
    assert any("names nobody" in note for note in spec.explanation)


def test_who_is_not_named_or_not_cast_is_left_out_and_it_is_said(cast):
    spec = read("@alice stands beside @carol in a park", cast)
    assert [actor.handle for actor in spec.actors] == ["alice"]
    notes = " ".join(spec.explanation)
    assert "@carol" in notes
    assert "@bob" in notes


def test_an_unknown_setting_falls_back_and_says_so():
    spec = read("A desert with a drone shot")
    assert spec.setting is Setting.SHORE
    notes = " ".join(spec.explanation)
    assert "desert" in notes
    assert "drone" in notes
    assert any("No setting" in note for note in read("Something nice").explanation)


def test_what_cannot_be_shown_is_said(cast):
    spec = read("@alice runs through the park", cast)
    assert spec.actors[0].action is Action.WALK
    assert any("runs" in note for note in spec.explanation)


def test_nobody_cast_means_an_empty_scene():
    assert read("A woman walks on the beach").actors == ()


def test_words_inside_other_words_do_not_count():
    assert read("Monday, a seasoned parkour artist, streetwise").setting is Setting.AVENUE
    assert "No setting" in " ".join(read("Monday, seasoned, streetwise").explanation)


def test_empty_and_endless_prompts_are_refused():
    with pytest.raises(EmptyPromptError):
        read(" ")
    with pytest.raises(PromptTooLongError):
        read("a" * 4001)


@pytest.mark.parametrize(
    "prompt", ["「」", '""', "@", "@@@", "「「」」", "\x00\x01", "（）" * 500, "@alice" * 600, "“a"]
)
def test_odd_prompts_are_understood_somehow(prompt, cast):
    assert read(prompt, cast).explanation


def test_the_same_request_gives_the_same_scene(cast):
    prompt = "@alice walks and says 「こんにちは」 on a street"
    assert read(prompt, cast) == read(prompt, cast)
