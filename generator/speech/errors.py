"""What can go wrong while text becomes speech."""

from __future__ import annotations

from generator.errors import GeneratorError


class SpeechError(GeneratorError):
    """Speech could not be made."""

    code = "speech.failed"


class EngineMissingError(SpeechError):
    """English speech needs the program flite: apt-get install flite."""

    code = "speech.engine_missing"


class EngineFailedError(SpeechError):
    """The speech engine failed or answered with something unreadable."""

    code = "speech.engine_failed"


class UnknownVoiceError(SpeechError):
    """There is no such voice for this language."""

    code = "speech.unknown_voice"


class NothingToSayError(SpeechError):
    """The text holds nothing that can be spoken."""

    code = "speech.nothing_to_say"


class TooLittleVoiceError(SpeechError):
    """The recording holds less than one second of voiced speech."""

    code = "speech.too_little_voice"


class TextTooLongError(SpeechError):
    """The text is longer than 4,000 characters."""

    code = "speech.text_too_long"
