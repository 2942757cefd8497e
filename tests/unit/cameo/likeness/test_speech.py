from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cameo.likeness.checks.digits import digits_right
from cameo.likeness.segments import Segment, cut_long, merge, spoken
from cameo.likeness.speech import DigitsHeard, LocalSpeech, Speech

RATE = 16_000


def test_keeps_the_protocol(hearing) -> None:
    assert isinstance(hearing, Speech)


@pytest.mark.parametrize("count", [0, 1, 500, RATE])
def test_silence_gives_nothing(hearing, count) -> None:
    assert hearing.segments(np.zeros(count, np.float32)) == []
    assert hearing.recognise_digits(np.zeros(count, np.float32)).text == ""


def test_noise_is_no_speech(hearing) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, 2 * RATE).astype(np.float32)
    assert hearing.segments(noise) == []


def test_hears_synthetic_digits(hearing, spoken_digits) -> None:
    sound = spoken_digits("493021", "mai")
    heard = hearing.recognise_digits(sound)
    assert digits_right(heard, "493021") >= 5
    assert heard == hearing.recognise_digits(sound)
    assert all(a.end_s <= b.start_s for a, b in pairwise(heard.segments))
    assert heard.segments[-1].end_s <= len(sound) / RATE


def test_does_not_hear_what_was_not_said(hearing, spoken_digits) -> None:
    assert digits_right(hearing.recognise_digits(spoken_digits("493021", "mai")), "855766") <= 2


def heard(text: str) -> DigitsHeard:
    pieces = tuple("" if c == "?" else c for c in text)
    return DigitsHeard(
        per_segment=pieces,
        segments=tuple(Segment(start_s=float(i), end_s=i + 0.5) for i in range(len(pieces))),
    )


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("493021", 6),
        ("493?21", 5),
        ("?493021", 5),
        ("49321", 5),
        ("4930217", 5),
        ("193821", 4),
        ("120394", 0),
        ("", 0),
        ("493021493021493021", 0),
    ],
)
def test_counting_what_is_right(text, right) -> None:
    assert digits_right(heard(text), "493021") == right


def test_wrong_codes_are_hardly_ever_accepted() -> None:
    rng = np.random.default_rng(0)
    said = heard("493021")
    codes = ("".join(map(str, rng.integers(0, 10, 6))) for _ in range(5000))
    assert sum(digits_right(said, code) >= 4 for code in codes) / 5000 < 0.005


def test_merging_bridges_short_pauses_and_drops_clicks() -> None:
    p = np.array([0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], np.float32)
    found = merge(p, 0.032, 20 * 0.032)
    assert len(found) == 1
    assert found[0].start_s == 0.0
    assert found[0].end_s == pytest.approx(10 * 0.032 + 0.05)


def test_long_stretches_are_cut_where_they_are_quietest() -> None:
    wave = np.concatenate([np.full(9600, 0.5), np.full(1600, 0.01), np.full(9600, 0.5)])
    whole = [Segment(start_s=0.0, end_s=1.3)]
    assert len(cut_long(wave.astype(np.float32), RATE, whole, 1)) == 1
    first, second = cut_long(wave.astype(np.float32), RATE, whole, 2)
    assert first.end_s == second.start_s == pytest.approx(0.65, abs=0.06)
    assert cut_long(wave.astype(np.float32), RATE, [], 6) == []


def test_pauses_are_cut_out() -> None:
    wave = np.arange(RATE, dtype=np.float32)
    parts = spoken(wave, [Segment(start_s=0.0, end_s=0.1), Segment(start_s=0.5, end_s=0.6)])
    assert parts.size == 3200
    assert spoken(wave, []).size == 0


@pytest.mark.sharedata
@pytest.mark.slow
def test_real_digits(hearing: LocalSpeech, read_sound, shared_data: Path) -> None:
    """Measured over 60 codes of two speakers at 8 kHz, pauses of .03 to .8 s: 82% accepted."""
    rng = np.random.default_rng(3)
    accepted = 0
    for speaker in ("jackson", "theo"):
        for _ in range(8):
            code = "".join(map(str, rng.integers(0, 10, 6)))
            parts = [np.zeros(8000, np.float32)]
            for digit in code:
                wave = read_sound(f"digits/{digit}_{speaker}_{rng.integers(10)}.wav")
                pause = rng.normal(0, 1e-3, rng.integers(3200, 9600)).astype(np.float32)
                parts += [0.5 * wave / np.abs(wave).max(), pause]
            accepted += digits_right(hearing.recognise_digits(np.concatenate(parts)), code) >= 4
    assert accepted >= 11
