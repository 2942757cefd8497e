"""Text to speech at 48 kHz with phone times, in any voice listed, moved towards a profile."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, resample_poly, sosfilt

from generator.request import VoiceProfile
from generator.scene import Lang
from generator.speech import english, japanese
from generator.speech.adapt import Target, adapt
from generator.speech.errors import TextTooLongError
from generator.speech.values import RATE, Raw, Samples, Speech
from generator.speech.voices import Base, base_of

SPEECH_RMS = 0.1
"""Loudness of speech where it is active: -20 dBFS."""

PEAK = 0.95
LOWEST_HZ = 60.0  # below lies no voice, only the rumble of the engines
MAX_CHARACTERS = 4000


def synthesise(
    text: str,
    lang: Lang,
    voice: str,
    profile: VoiceProfile | None = None,
    *,
    tempo: float = 1.0,
) -> Speech:
    """Speak ``text``.

    Args:
        text: what to say, in the language's own script.
        lang: "en" (Flite, a system program) or "ja" (bundled).
        voice: a name from `generator.speech.voices.voices`.
        profile: a person's measured voice to move towards; its pitch replaces the preset's.
        tempo: 1 is the engine's own; above 1 is faster.

    Returns:
        Mono samples at 48 kHz, -20 dBFS RMS where active, with phone times. Deterministic.

    Raises:
        SpeechError: unknown voice, engine missing or failed, or nothing to say.
    """
    base = base_of(voice, lang)
    return finish(adapt(engine_speech(text, lang, base.engine_voice), target(base, profile, tempo)))


@lru_cache(maxsize=24)
def engine_speech(text: str, lang: Lang, engine_voice: str) -> Raw:
    """Speak with an engine's own voice; the last few answers are kept, their samples locked."""
    if len(text) > MAX_CHARACTERS:
        raise TextTooLongError
    raw = japanese.say(text) if lang == "ja" else english.say(text, engine_voice)
    samples = np.asarray(raw.samples, dtype=np.float32)
    samples.flags.writeable = False
    return replace(raw, samples=samples)


def target(base: Base, profile: VoiceProfile | None, tempo: float) -> Target:
    """Join a preset's base with a person's profile, which wins on pitch."""
    if profile is None:
        return Target(f0_hz=base.f0_hz, formant=base.formant, tempo=tempo)
    return Target(
        f0_hz=profile.f0_hz,
        f0_spread=profile.f0_spread,
        formant=base.formant,
        envelope=profile.envelope,
        tempo=tempo,
    )


def finish(raw: Raw) -> Speech:
    """Bring speech to 48 kHz and to the common loudness."""
    step = int(np.gcd(raw.rate, RATE))
    samples = np.asarray(raw.samples, dtype=np.float64)
    if raw.rate != RATE:
        samples = resample_poly(samples, RATE // step, raw.rate // step)
    samples = sosfilt(butter(4, LOWEST_HZ, btype="highpass", fs=RATE, output="sos"), samples)
    samples = samples * (SPEECH_RMS / max(active_rms(samples, RATE), 1e-6))
    return Speech(samples=_soft_clip(samples), phones=raw.phones)


def active_rms(samples: npt.NDArray[np.floating], rate: int) -> float:
    """RMS over the 20 ms blocks within 25 dB of the loudest, pauses left out; 0 for silence."""
    block = max(1, int(0.02 * rate))
    whole = samples.shape[0] // block * block
    if whole == 0:
        return float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0
    power = np.square(np.asarray(samples[:whole], dtype=np.float64)).reshape(-1, block).mean(axis=1)
    return float(np.sqrt(power[power >= power.max() * 10**-2.5].mean()))


def _soft_clip(samples: npt.NDArray[np.float64]) -> Samples:
    """Round off peaks above half scale, so that nothing exceeds `PEAK`."""
    knee = 0.5
    size = np.abs(samples)
    over = np.maximum(size - knee, 0.0) / (PEAK - knee)
    bent = np.where(size > knee, knee + (PEAK - knee) * np.tanh(over), size)
    return (np.sign(samples) * bent).astype(np.float32)
