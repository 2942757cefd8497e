from __future__ import annotations

import numpy as np
import pytest

from generator.speech import japanese, mouth_track
from generator.speech.mouth import CLOSED, OPENING, RELEASE_S
from generator.speech.values import PAUSE, Phone

FPS = 24


def phones(*parts: tuple[str, float]) -> tuple[Phone, ...]:
    at, made = 0.0, []
    for label, length in parts:
        made.append(Phone(label=label, start_s=at, end_s=at + length))
        at += length
    return tuple(made)


def test_shape_type_and_range() -> None:
    track = mouth_track(phones((PAUSE, 0.2), ("aa", 0.4)), FPS, 48)
    assert track.shape == (48,)
    assert track.dtype == np.float32
    assert track.min() >= 0.0
    assert track.max() <= 1.0


def test_the_mouth_is_closed_in_silence() -> None:
    said = phones((PAUSE, 0.5), ("aa", 0.4), (PAUSE, 0.6), ("iy", 0.4), (PAUSE, 0.5))
    track = mouth_track(said, FPS, 72, start_s=0.3)
    middles = (np.arange(72) + 0.5) / FPS
    half = 0.5 / FPS + RELEASE_S
    for start, end in ((0.0, 0.8), (1.2, 1.8), (2.2, 3.0)):
        inside = (middles > start + half) & (middles < end - half)
        assert inside.any()
        assert (track[inside] == 0.0).all()


@pytest.mark.parametrize("label", sorted(CLOSED))
@pytest.mark.parametrize("offset", [0.0, 0.013, 0.027])
def test_lips_meet_on_bilabials(label: str, offset: float) -> None:
    said = phones(("aa", 0.3), (label, 0.07), ("aa", 0.3))
    track = mouth_track(said, FPS, 20, start_s=offset)
    assert track[int((0.335 + offset) * FPS)] == 0.0
    assert track[int((0.15 + offset) * FPS)] > 0.8


def test_open_vowels_open_wider_than_close_ones_and_consonants() -> None:
    tops = [
        mouth_track(phones((x, 0.4)), FPS, 12).max() for x in ("aa", "eh", "iy", "s", "m", PAUSE)
    ]
    assert tops == sorted(tops, reverse=True)
    assert tops[0] > 0.95
    assert tops[-1] == 0.0


def test_lips_do_not_jump() -> None:
    raw = japanese.say("あいうえお、かきくけこ。")
    fine = mouth_track(raw.phones, 200, 700)
    assert np.abs(np.diff(fine)).max() < 0.2


def test_speech_outside_the_clip_is_ignored() -> None:
    said = phones(("aa", 0.4))
    assert mouth_track(said, FPS, 24, start_s=5.0).max() == 0.0
    assert mouth_track(said, FPS, 24, start_s=-2.0).max() == 0.0
    assert mouth_track(said, FPS, 24, start_s=0.9).max() > 0.2
    assert mouth_track(said, FPS, 1).shape == (1,)
    assert mouth_track((), FPS, 24).max() == 0.0


def test_every_phone_of_the_japanese_engine_is_known() -> None:
    text = "きゃ きゅ ぎょ しゃ ちゃ じゃ にゃ ひゃ びゃ ぴゃ みゃ りゃ っと ん ふぁ てぃ つ を ヴ"
    labels = {phone.label for phone in japanese.say(text).phones}
    assert labels - set(OPENING) - {"v"} == set()
