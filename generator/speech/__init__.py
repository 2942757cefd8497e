"""Speech with phone times: English and Japanese, several voices, moved towards a measured voice.

Voices are synthetic and voice-adapted: pitch, liveliness and average colour move towards a
person's profile; nobody's voice is copied. `mouth_track` turns phone times into lip opening.
"""

from generator.speech.digits import say_digits
from generator.speech.errors import (
    EngineFailedError,
    EngineMissingError,
    NothingToSayError,
    SpeechError,
    TextTooLongError,
    TooLittleVoiceError,
    UnknownVoiceError,
)
from generator.speech.mouth import mouth_track
from generator.speech.profile import measure_profile
from generator.speech.synthesis import synthesise
from generator.speech.values import RATE, Phone, Speech
from generator.speech.voices import VoiceListing, nearest_preset, voices

__all__ = [
    "RATE",
    "EngineFailedError",
    "EngineMissingError",
    "NothingToSayError",
    "Phone",
    "Speech",
    "SpeechError",
    "TextTooLongError",
    "TooLittleVoiceError",
    "UnknownVoiceError",
    "VoiceListing",
    "measure_profile",
    "mouth_track",
    "nearest_preset",
    "say_digits",
    "synthesise",
    "voices",
]
