"""The voices that can be asked for: three presets that speak both languages, and the engines' own.

A preset is an engine voice moved by pitch and vocal-tract length. The English three were chosen,
from 33 candidates, as those that a speaker-verification network (Resemblyzer) holds furthest
apart on spoken digits. The Japanese three share one engine voice and stay nearer to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from generator.request import VoiceProfile
from generator.scene import Lang
from generator.speech.english import FLITE_VOICES
from generator.speech.english import available as flite_available
from generator.speech.errors import UnknownVoiceError
from generator.speech.japanese import HTS_VOICES
from generator.speech.values import LANGS


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """An engine voice and how far a preset moves it."""

    engine_voice: str
    f0_hz: float | None = None  # median pitch; None leaves the engine's
    formant: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """A voice by name, with its base in each language that it speaks."""

    name: str
    description: str
    bases: Mapping[Lang, Base]


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceListing:
    """A voice as `voices` lists it."""

    name: str
    description: str
    langs: tuple[Lang, ...]  # languages that can be spoken on this machine now


PRESETS: tuple[Voice, ...] = (
    Voice(
        name="mai",
        description="a light, high voice",
        bases={
            "en": Base(engine_voice="slt", f0_hz=215.0),
            "ja": Base(engine_voice="mei", f0_hz=270.0, formant=1.1),
        },
    ),
    Voice(
        name="jun",
        description="a deep, calm voice",
        bases={
            "en": Base(engine_voice="rms", formant=0.92),
            "ja": Base(engine_voice="mei", f0_hz=110.0, formant=0.78),
        },
    ),
    Voice(
        name="ren",
        description="a clear voice of middle pitch",
        bases={
            "en": Base(engine_voice="kal16", formant=1.15),
            "ja": Base(engine_voice="mei", f0_hz=165.0, formant=0.94),
        },
    ),
)
_OWN = tuple(
    Voice(name=name, description=f"Flite's {name}", bases={"en": Base(engine_voice=name)})
    for name in FLITE_VOICES
) + tuple(
    Voice(name=name, description=f"OpenJTalk's {name}", bases={"ja": Base(engine_voice=name)})
    for name in HTS_VOICES
)
VOICES: Mapping[str, Voice] = MappingProxyType({v.name: v for v in (*PRESETS, *_OWN)})


def voices() -> tuple[VoiceListing, ...]:
    """List the voices, each with the languages that this machine can speak with it now."""
    here = {lang for lang in LANGS if lang == "ja" or flite_available()}
    return tuple(
        VoiceListing(
            name=voice.name,
            description=voice.description,
            langs=tuple(lang for lang in LANGS if lang in voice.bases and lang in here),
        )
        for voice in VOICES.values()
    )


def base_of(voice: str, lang: Lang) -> Base:
    """Return the engine voice behind a name.

    Raises:
        UnknownVoiceError: no such voice, or it does not speak the language.
    """
    known = VOICES.get(voice)
    if known is None or lang not in known.bases:
        raise UnknownVoiceError(f"{voice} in {lang}")
    return known.bases[lang]


def nearest_preset(profile: VoiceProfile) -> str:
    """Return the preset that needs the least change of pitch to reach ``profile``."""
    return "mai" if profile.f0_hz >= 155.0 else "jun"
