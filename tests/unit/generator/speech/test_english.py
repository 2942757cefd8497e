from __future__ import annotations

import subprocess

import numpy as np
import pytest

from generator.speech import english
from generator.speech.errors import EngineFailedError, EngineMissingError, NothingToSayError
from generator.speech.values import PAUSE

needs_flite = pytest.mark.skipif(
    not english.available(), reason="the program flite is not installed (apt-get install flite)"
)


@needs_flite
@pytest.mark.parametrize("voice", english.FLITE_VOICES)
def test_phones_cover_the_samples_without_gaps(voice: str) -> None:
    raw = english.say("Hello there. How are you today?", voice)
    assert raw.rate == 16_000
    assert raw.phones[0].start_s == 0.0
    assert raw.phones[-1].end_s == pytest.approx(raw.samples.shape[0] / raw.rate, abs=1e-9)
    for before, after in zip(raw.phones, raw.phones[1:], strict=False):
        assert before.end_s == after.start_s
        assert before.start_s < before.end_s
    assert {"hh", "ow", "dh", PAUSE} <= {phone.label for phone in raw.phones}


@needs_flite
def test_sound_is_where_the_phones_say_and_silence_in_the_pauses() -> None:
    raw = english.say("Hello there. How are you today?", "slt")
    power = {True: [], False: []}
    for phone in raw.phones:
        part = raw.samples[int(phone.start_s * raw.rate) : int(phone.end_s * raw.rate)]
        # The first and last 40 ms of a pause may hold the tail of a neighbour.
        part = part[640:-640] if phone.label == PAUSE and part.size > 1600 else part
        power[phone.label == PAUSE].append(float(np.mean(np.square(part))))
    assert np.mean(power[True]) < 0.01 * np.mean(power[False])


@needs_flite
@pytest.mark.parametrize(
    "text", ["$(touch x); `id` | rm -rf *", "-voice kal -o /x", "<speak>one</speak>", "a\0b\nc"]
)
def test_text_is_spoken_and_never_interpreted(text: str) -> None:
    raw = english.say(text, "rms")
    assert np.abs(raw.samples).max() > 0.01


@needs_flite
def test_the_same_text_gives_the_same_samples() -> None:
    first, second = (english.say("It rained.", "awb").samples for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Café  naïve", "Cafe naive"), ("It’s", "It's"), ("２０", "20"), ("a\tb\x07", "a b")],
)
def test_text_is_folded_to_ascii(text: str, plain: str) -> None:
    assert english.plain(text) == plain


@pytest.mark.parametrize("text", ["", "   ", "...!?", "\0"])
def test_nothing_to_say_is_an_error(text: str) -> None:
    with pytest.raises(NothingToSayError):
        english.plain(text)


def test_a_missing_program_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english.shutil, "which", lambda _: None)
    assert not english.available()
    with pytest.raises(EngineMissingError, match="apt-get install flite") as caught:
        english.say("hello", "slt")
    assert caught.value.code == "speech.engine_missing"


@pytest.mark.parametrize(
    "failure",
    [
        subprocess.TimeoutExpired("flite", 60),
        subprocess.CalledProcessError(1, "flite"),
        OSError("no memory"),
    ],
)
def test_a_failing_program_is_a_typed_error(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise failure

    monkeypatch.setattr(english.shutil, "which", lambda _: "/usr/bin/flite")
    monkeypatch.setattr(english.subprocess, "run", fail)
    with pytest.raises(EngineFailedError):
        english.say("hello", "slt")


def test_a_program_that_writes_nothing_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english.shutil, "which", lambda _: "/bin/true")
    with pytest.raises(EngineFailedError):
        english.say("hello", "slt")
