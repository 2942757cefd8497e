from __future__ import annotations

import numpy as np
import pytest

from generator.speech import japanese
from generator.speech.errors import EngineFailedError, NothingToSayError
from generator.speech.values import PAUSE


def test_phone_times_add_up_to_the_samples_exactly() -> None:
    raw = japanese.say("波の音が聞こえる。もう帰ろうか?")
    assert raw.rate == 48_000
    assert round(raw.phones[-1].end_s * raw.rate) == raw.samples.shape[0]
    assert [p.label for p in raw.phones[:6]] == [PAUSE, "n", "a", "m", "i", "n"]
    for before, after in zip(raw.phones, raw.phones[1:], strict=False):
        assert before.end_s == after.start_s


def test_vowels_are_louder_than_pauses() -> None:
    raw = japanese.say("はい、あおい海です。")

    def loudness(labels: str) -> float:
        parts = [
            raw.samples[round(p.start_s * raw.rate) : round(p.end_s * raw.rate)]
            for p in raw.phones
            if p.label in labels.split()
        ]
        return float(np.sqrt(np.mean(np.square(np.concatenate(parts)))))

    assert loudness("a o i u e") > 15 * loudness(PAUSE)


def test_kana_are_read_as_they_stand() -> None:
    labels = [p.label for p in japanese.say("ありす").phones if p.label != PAUSE]
    assert "".join(labels).lower() == "arisu"


def test_words_join_to_the_text() -> None:
    words = japanese.words("落ち葉がきれいですね。")
    assert "".join(words) == "落ち葉がきれいですね。"
    assert words[0] == "落ち葉"


def test_the_same_text_gives_the_same_samples() -> None:
    first, second = (japanese.say("秋です").samples for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("text", ["", "  ", "。。。"])
def test_nothing_to_say_is_an_error(text: str) -> None:
    with pytest.raises(NothingToSayError):
        japanese.say(text)


def test_engine_errors_are_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(japanese.pyopenjtalk, "synthesize", fail)
    with pytest.raises(EngineFailedError):
        japanese.say("秋です")


def test_times_that_do_not_add_up_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        japanese.pyopenjtalk, "synthesize", lambda labels: (np.zeros(500 + len(labels)), 48_000)
    )
    with pytest.raises(EngineFailedError):
        japanese.say("秋です")
