"""The table of reason codes that likeness checks and errors carry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "likeness.failed": "A likeness could not be taken or compared.",
        "model.missing": "A model file is not installed; the message says where it belongs.",
        "model.broken": "A model file was found but could not be loaded or run.",
        "model.not_installed": "The check needs a model that is not installed, so it was not made.",
        "capture.unusable": "The capture holds no usable pictures, or is too short or too long.",
        "capture.no_face": "No face was seen, or it was out of the picture for too long.",
        "capture.two_faces": "More than one face was seen.",
        "capture.silent": "No speech was heard, or too little of it.",
        "capture.wrong_digits": "The spoken digits are not those of the challenge.",
        "capture.wrong_turns": "The head did not turn to the sides asked for, in their order.",
        "capture.flat": "The picture moved like a flat surface, not like a head.",
        "capture.changed_face": "The face at one moment is not the face at another.",
        "capture.changed_voice": "The voice at one moment is not the voice at another.",
        "capture.mouth_unrelated": "The mouth did not move with the sound: a hint only.",
        "challenge.malformed": "The challenge does not have the agreed form.",
        "challenge.expired": "The challenge has expired.",
        "challenge.not_yet_valid": "The challenge was issued in the future.",
        "template.malformed": "A stored template or appearance does not have the agreed form.",
        "template.engine_mismatch": "Templates of different engines cannot be compared.",
    }
)
