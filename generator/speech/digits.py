"""Spoken digits with clear pauses, as a person reads a challenge aloud."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from generator.request import VoiceProfile
from generator.scene import Lang
from generator.speech.adapt import adapt
from generator.speech.errors import NothingToSayError
from generator.speech.synthesis import engine_speech, finish, target
from generator.speech.values import PAUSE, Phone, Raw, Speech
from generator.speech.voices import base_of

WORDS: dict[Lang, tuple[str, ...]] = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "ja": (
        "ゼロ",
        "いち",
        "に",
        "さん",
        "よん",
        "ご",
        "ろく",
        "なな",
        "はち",
        "きゅう",
    ),
}
EDGE_S = 0.06  # kept around a word, so that soft starts and ends are not cut
LEAD_S = 0.3


def say_digits(
    digits: str,
    lang: Lang = "en",
    voice: str = "mai",
    profile: VoiceProfile | None = None,
    gap_s: float = 0.45,
) -> Speech:
    """Speak digits one by one, each as a word of its own.

    Args:
        digits: ASCII digits, at least one.
        lang: "en" or "ja".
        voice: a name from `generator.speech.voices.voices`.
        profile: a person's measured voice to move towards.
        gap_s: silence between two digits, in seconds, at least 0.

    Returns:
        Speech at 48 kHz, with 0.3 s of silence before and after.

    Raises:
        SpeechError: not digits, unknown voice, engine missing or failed.
    """
    if not digits.isascii() or not digits.isdigit():
        raise NothingToSayError
    base = base_of(voice, lang)
    parts = [_word(engine_speech(WORDS[lang][int(d)], lang, base.engine_voice)) for d in digits]
    return finish(adapt(_join(parts, gap_s), target(base, profile, 1.0)))


def _word(raw: Raw) -> Raw:
    """Cut the engine's pauses off a single word and level it."""
    spoken = [phone for phone in raw.phones if phone.label != PAUSE]
    start = max(0, round((spoken[0].start_s - EDGE_S) * raw.rate))
    end = round((spoken[-1].end_s + EDGE_S) * raw.rate)
    cut = np.array(raw.samples[start:end], dtype=np.float64)
    ramp = np.linspace(0.0, 1.0, max(2, int(0.015 * raw.rate)))
    cut[: ramp.size] *= ramp
    cut[-ramp.size :] *= ramp[::-1]
    cut *= 0.1 / max(float(np.sqrt(np.mean(cut**2))), 1e-6)
    at = start / raw.rate
    phones = tuple(Phone(label=p.label, start_s=p.start_s - at, end_s=p.end_s - at) for p in spoken)
    return Raw(samples=cut, rate=raw.rate, phones=phones)


def _join(parts: list[Raw], gap_s: float) -> Raw:
    rate = parts[0].rate
    silence = [LEAD_S, *([max(0.0, gap_s)] * (len(parts) - 1)), LEAD_S]
    pieces: list[npt.NDArray[np.floating]] = []
    phones: list[Phone] = []
    count, spoken_until = 0, 0.0
    for part, before in zip(parts, silence, strict=False):
        pieces += [np.zeros(round(before * rate)), part.samples]
        at = (count + pieces[-2].size) / rate
        phones.append(Phone(label=PAUSE, start_s=spoken_until, end_s=at + part.phones[0].start_s))
        phones += [
            Phone(label=p.label, start_s=p.start_s + at, end_s=p.end_s + at) for p in part.phones
        ]
        spoken_until = phones[-1].end_s
        count += pieces[-2].size + pieces[-1].size
    pieces.append(np.zeros(round(silence[-1] * rate)))
    count += pieces[-1].size
    phones.append(Phone(label=PAUSE, start_s=spoken_until, end_s=count / rate))
    return Raw(samples=np.concatenate(pieces), rate=rate, phones=tuple(phones))
