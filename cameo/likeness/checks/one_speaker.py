"""It is one person's voice throughout."""

from __future__ import annotations

from cameo.likeness.arrays import LIKENESS_RATE, Samples, Vector
from cameo.likeness.checks.check import Check, judged
from cameo.likeness.errors import TooLittleSpeechError
from cameo.likeness.voices import VoiceEngine

WINDOW_S = 2.0
_HOP_S = 0.5
_LEAST_S = 1.6


def check_one_speaker(engine: VoiceEngine, speech: Samples) -> Check:
    """Fails where two windows of the speech differ too much. Figure: the least similarity.

    Args:
        engine: compares them.
        speech: 16 kHz, without pauses.
    """
    vectors = _windows(engine, speech)
    if len(vectors) < 2:
        return judged(
            "one_speaker",
            False,
            figure=speech.size / LIKENESS_RATE,
            limit=_LEAST_S,
            detail="There is too little speech to compare its parts (figure in seconds).",
            code="capture.silent",
        )
    least = min(engine.similarity(a, b) for i, a in enumerate(vectors) for b in vectors[i + 1 :])
    return judged(
        "one_speaker",
        least >= engine.steady,
        figure=least,
        limit=engine.steady,
        detail=f"{len(vectors)} windows compared by {engine.name}.",
        code="capture.changed_voice",
    )


def _windows(engine: VoiceEngine, speech: Samples) -> list[Vector]:
    size, hop = round(WINDOW_S * LIKENESS_RATE), round(_HOP_S * LIKENESS_RATE)
    if speech.size < round(_LEAST_S * LIKENESS_RATE):
        return []
    starts = list(range(0, max(1, speech.size - size + 1), hop))
    if len(starts) == 1:
        starts, size = [0, speech.size // 2], speech.size // 2
    vectors = []
    for start in starts:
        try:
            vectors.append(engine.embed(speech[start : start + size]))
        except TooLittleSpeechError:
            continue
    return vectors
