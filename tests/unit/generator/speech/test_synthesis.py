from __future__ import annotations

import numpy as np
import pytest

from generator.request import VoiceProfile
from generator.speech import (
    NothingToSayError,
    TextTooLongError,
    UnknownVoiceError,
    english,
    measure_profile,
    nearest_preset,
    say_digits,
    synthesise,
    voices,
)
from generator.speech.digits import WORDS
from generator.speech.synthesis import active_rms
from generator.speech.values import PAUSE, RATE
from generator.speech.voices import PRESETS

needs_flite = pytest.mark.skipif(
    not english.available(), reason="the program flite is not installed (apt-get install flite)"
)
LANGS = (pytest.param("en", marks=needs_flite), "ja")
TEXT = {"en": "The bay was blue before the storm.", "ja": "嵐の前の海は青かった。"}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("voice", [preset.name for preset in PRESETS])
def test_speech_has_one_rate_one_loudness_and_fitting_phones(lang: str, voice: str) -> None:
    speech = synthesise(TEXT[lang], lang, voice)
    assert speech.samples.dtype == np.float32
    assert speech.samples.ndim == 1
    assert 20 * np.log10(active_rms(speech.samples, RATE)) == pytest.approx(-20.0, abs=1.0)
    assert np.abs(speech.samples).max() <= 0.95
    assert speech.phones[-1].end_s == pytest.approx(speech.seconds, abs=0.002)
    again = synthesise(TEXT[lang], lang, voice)
    np.testing.assert_array_equal(speech.samples, again.samples)


@pytest.mark.parametrize("lang", LANGS)
def test_presets_differ_in_pitch(lang: str) -> None:
    text = TEXT[lang]
    pitch = {
        p.name: measure_profile(synthesise(text, lang, p.name).samples, RATE).f0_hz for p in PRESETS
    }
    assert pitch["mai"] > 1.2 * max(pitch["jun"], pitch["ren"])


@pytest.mark.parametrize("lang", LANGS)
def test_speech_takes_the_pitch_of_a_profile(lang: str) -> None:
    profile = VoiceProfile(f0_hz=135.0, f0_spread=2.0, envelope=None)
    speech = synthesise(TEXT[lang], lang, nearest_preset(profile), profile)
    assert measure_profile(speech.samples, RATE).f0_hz == pytest.approx(135.0, rel=0.06)


def test_tempo_shortens_speech() -> None:
    slow, quick = (synthesise(TEXT["ja"], "ja", "mei", tempo=t) for t in (1.0, 1.3))
    assert quick.seconds == pytest.approx(slow.seconds / 1.3, abs=0.001)


@pytest.mark.parametrize(("voice", "lang"), [("nobody", "en"), ("slt", "ja"), ("mei", "en")])
def test_an_unknown_voice_is_an_error(voice: str, lang: str) -> None:
    with pytest.raises(UnknownVoiceError):
        synthesise("hello", lang, voice)


def test_text_without_end_is_refused() -> None:
    with pytest.raises(TextTooLongError):
        synthesise("あ" * 4001, "ja", "mei")


def test_voices_are_listed_with_what_they_can_speak_here(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {voice.name: voice.langs for voice in voices()}
    assert "ja" in listed["mai"]
    assert listed["mei"] == ("ja",)
    monkeypatch.setattr(english.shutil, "which", lambda _: None)
    assert {voice.name: voice.langs for voice in voices()}["mai"] == ("ja",)
    assert {voice.name: voice.langs for voice in voices()}["slt"] == ()


@pytest.mark.parametrize("lang", LANGS)
def test_digits_are_words_with_silence_between(lang: str) -> None:
    speech = say_digits("493021", lang, "jun", gap_s=0.5)
    runs, speaking = [], False
    for phone in speech.phones:
        if phone.label != PAUSE and not speaking:
            runs.append(phone.start_s)
        speaking = phone.label != PAUSE
    assert len(runs) == 6
    assert speech.phones[-1].end_s == pytest.approx(speech.seconds, abs=0.002)
    for pause in [p for p in speech.phones if p.label == PAUSE]:
        inner = speech.samples[
            int((pause.start_s + 0.08) * RATE) : int((pause.end_s - 0.08) * RATE)
        ]
        assert pause.end_s - pause.start_s > 0.3
        assert np.sqrt(np.mean(np.square(inner))) < 0.003


def test_a_longer_gap_makes_longer_speech() -> None:
    short, long = (say_digits("12", "ja", "mai", gap_s=gap).seconds for gap in (0.2, 1.2))
    assert long - short == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("digits", ["", "12a", "-1", "１２", "²"])
def test_only_digits_are_digits(digits: str) -> None:
    with pytest.raises(NothingToSayError):
        say_digits(digits, "ja", "mai")


def test_every_language_has_ten_digits() -> None:
    assert {lang: len(set(words)) for lang, words in WORDS.items()} == {"en": 10, "ja": 10}
