from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator.request import Appearance, CastMember, Style, VoiceProfile
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
from generator.sound.dialogue import TAIL_S, TEMPOS, Plan, plan, voices_of
from generator.speech import english, japanese

needs_flite = pytest.mark.skipif(
    not english.available(), reason="the program flite is not installed (apt-get install flite)"
)


def ja(text: str, start_s: float | None = None) -> Line:
    return Line(text=text, lang="ja", start_s=start_s)


def scene(*actors: tuple[Line, ...], seconds: float = 10.0) -> SceneSpec:
    return SceneSpec(
        setting=Setting.ROOM,
        time_of_day=TimeOfDay.DAY,
        weather=Weather.CLEAR,
        camera=CameraMove.STATIC,
        style=Style.ANIME,
        size=(640, 360),
        fps=24,
        seconds=seconds,
        seed=7,
        actors=tuple(
            Actor(handle=name, action=Action.TALK, lines=lines)
            for name, lines in zip(("alice", "bob"), actors, strict=False)
        ),
    )


def member(handle: str, f0_hz: float) -> CastMember:
    appearance = Appearance(
        image=np.zeros((64, 64, 3), dtype=np.uint8),
        landmarks5=np.zeros((5, 2), dtype=np.float32),
        box=(8.0, 8.0, 56.0, 56.0),
    )
    voice = VoiceProfile(f0_hz=f0_hz, f0_spread=2.0, envelope=None)
    return CastMember(handle=handle, appearance=appearance, voice=voice)


def assert_no_overlap(made: Plan, seconds: float) -> None:
    for before, after in zip(made.lines, made.lines[1:], strict=False):
        assert before.end_s < after.start_s
    assert made.lines[0].start_s >= 0
    assert made.lines[-1].end_s <= seconds - TAIL_S + 1e-6


def test_lines_take_turns_without_overlap() -> None:
    made = plan(scene((ja("はい。"), ja("そうです。")), (ja("いいえ。"), ja("本当に?"))), ())
    assert [line.text for line in made.lines] == ["はい。", "いいえ。", "そうです。", "本当に?"]
    assert_no_overlap(made, 10.0)
    assert made.notes == ()
    assert all(line.whole and line.tempo == 1.0 for line in made.lines)


def test_a_start_time_is_kept_and_others_make_way() -> None:
    made = plan(
        scene((ja("はい、分かりました。"), ja("行きましょう。")), (ja("待って。", 1.0),)), ()
    )
    fixed = next(line for line in made.lines if line.handle == "bob")
    assert fixed.start_s == 1.0
    assert_no_overlap(made, 10.0)


def test_start_times_may_overlap_on_purpose() -> None:
    made = plan(scene((ja("せえの。", 2.0),), (ja("せえの。", 2.0),)), ())
    assert [line.start_s for line in made.lines] == [2.0, 2.0]


def test_a_tight_scene_is_spoken_faster_with_a_note() -> None:
    text = "今日は天気がいいので、川まで歩きましょう。"
    length = plan(scene((ja(text),), seconds=20.0), ()).lines[0]
    natural = length.end_s - length.start_s
    made = plan(scene((ja(text),), seconds=natural * 0.9 + 0.4), ())
    assert 1.0 < made.lines[0].tempo <= TEMPOS[-1]
    assert made.lines[0].whole
    assert "times as fast" in made.notes[0]
    assert_no_overlap(made, natural * 0.9 + 0.4)


def test_what_does_not_fit_is_cut_at_a_word_with_a_note() -> None:
    text = "今日は天気がいいので、川まで歩きましょう。" * 3
    made = plan(scene((ja(text),), seconds=4.0), ())
    line = made.lines[0]
    assert not line.whole
    assert text.startswith(line.text)
    words = japanese.words(text)
    beginnings = {"".join(words[:k]) for k in range(len(words))}
    assert line.text in beginnings
    assert line.end_s > 2.8
    assert_no_overlap(made, 4.0)
    assert any("is cut after" in note for note in made.notes)


@needs_flite
def test_english_is_cut_between_words() -> None:
    text = "The quick brown fox jumps over the lazy dog and runs away. " * 4
    made = plan(scene((Line(text=text, lang="en"),), seconds=4.0), ())
    words = text.split()
    said = made.lines[0].text.split()
    assert said == words[: len(said)]
    assert 3 < len(said) < len(words)
    assert_no_overlap(made, 4.0)


def test_a_line_without_room_is_left_out_with_a_note() -> None:
    long = ja("今日は天気がいいので、川まで歩きましょう。" * 2)
    made = plan(scene((long, long), (ja("もう遅い。", 4.9),), seconds=5.0), ())
    assert [line.handle for line in made.lines] == ["alice"]
    assert sum("left out" in note for note in made.notes) == 2


def test_lines_beyond_all_measure_are_not_even_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    say = japanese.say
    monkeypatch.setattr(japanese, "say", lambda text: said.append(len(text)) or say(text))
    lines = tuple(ja(f"{n}" + "ながいはなし。" * 8) for n in range(12))
    made = plan(scene(lines, lines, seconds=4.0), ())
    assert sum("left out" in note for note in made.notes) >= 20
    assert sum(said) < 400


def test_a_line_of_signs_is_left_out_with_a_note() -> None:
    made = plan(scene((ja("。。。"), ja("はい。"))), ())
    assert [line.text for line in made.lines] == ["はい。"]
    assert made.notes == ("A line of alice holds nothing that can be spoken and is left out.",)


def test_nobody_speaks() -> None:
    made = plan(scene((), ()), ())
    assert (made.lines, made.profiles, made.notes) == ((), (), ())
    assert plan(scene(), ()).lines == ()


def test_voices_follow_profiles_and_two_people_never_share_a_preset_by_chance() -> None:
    spec = scene((ja("はい。"),), (ja("はい。"),))
    assert voices_of(spec, ()) == {"alice": "mai", "bob": "jun"}
    assert voices_of(spec, (member("alice", 110.0),)) == {"alice": "jun", "bob": "mai"}
    assert voices_of(spec, (member("bob", 220.0),)) == {"alice": "jun", "bob": "mai"}
    cast = (member("bob", 220.0),)
    made = plan(replace(spec, seconds=8.0), cast)
    by_handle = dict(zip([line.handle for line in made.lines], made.profiles, strict=True))
    assert by_handle == {"alice": None, "bob": cast[0].voice}
