"""Spoken digits are understood by a recogniser, and the presets are different speakers."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

from generator.speech import english, say_digits
from generator.speech.digits import WORDS
from generator.speech.values import PAUSE, Speech
from generator.speech.voices import PRESETS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not english.available(), reason="the program flite is not installed (apt-get install flite)"
    ),
]
CODES = ("493021", "785634", "120987")
NAMES = tuple(preset.name for preset in PRESETS)


@pytest.fixture(scope="module")
def spoken() -> dict[tuple[str, str], Speech]:
    return {(voice, code): say_digits(code, "en", voice) for voice in NAMES for code in CODES}


def at_16k(speech: Speech) -> np.ndarray:
    return resample_poly(speech.samples, 1, 3).astype(np.float32)


@pytest.mark.parametrize("voice", NAMES)
def test_at_least_five_of_six_digits_are_recognised(
    spoken: dict[tuple[str, str], Speech], voice: str, tmp_path: Path
) -> None:
    pocketsphinx = pytest.importorskip("pocketsphinx")
    grammar = tmp_path / "digit.gram"
    grammar.write_text(f"#JSGF V1.0;\ngrammar g;\npublic <s> = ({'|'.join(WORDS['en'])});\n")
    decoder = pocketsphinx.Decoder(pocketsphinx.Config(jsgf=str(grammar), loglevel="FATAL"))
    for code in CODES:
        speech = spoken[voice, code]
        samples = at_16k(speech)
        pauses = [(p.start_s + p.end_s) / 2 for p in speech.phones if p.label == PAUSE]
        heard = [
            _hear(decoder, samples[int(a * 16_000) : int(b * 16_000)]) for a, b in pairwise(pauses)
        ]
        assert len(heard) == 6
        assert sum(WORDS["en"][int(d)] == word for d, word in zip(code, heard, strict=True)) >= 5


def _hear(decoder, word: np.ndarray) -> str:
    decoder.start_utt()
    decoder.process_raw((np.clip(word, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return found.hypstr if found else ""


def test_presets_are_different_speakers_and_each_is_one(
    spoken: dict[tuple[str, str], Speech],
) -> None:
    torch = pytest.importorskip("torch")
    resemblyzer = pytest.importorskip("resemblyzer")
    torch.set_num_threads(1)
    encoder = resemblyzer.VoiceEncoder("cpu", verbose=False)
    vectors = {key: encoder.embed_utterance(at_16k(speech)) for key, speech in spoken.items()}
    for (one, a), (other, b) in combinations(vectors, 2):
        likeness = float(vectors[one, a] @ vectors[other, b])
        if one == other:
            assert likeness >= 0.85
        else:
            assert likeness < 0.75
