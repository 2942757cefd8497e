"""Errors of the likeness package; the docstring of a class is its message, `code` is stable."""

from __future__ import annotations

from typing import ClassVar


class LikenessError(Exception):
    """A likeness could not be taken or compared."""

    code: ClassVar[str] = "likeness.failed"

    def __init__(self, detail: str = "") -> None:
        message = (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(f"{message} {detail}".strip())
        self.detail = detail


class ModelMissingError(LikenessError):
    """A model file that this engine needs is not installed."""

    code = "model.missing"


class ModelBrokenError(LikenessError):
    """A model file was found but could not be loaded or run."""

    code = "model.broken"


class NoFaceError(LikenessError):
    """No face was found where one is needed."""

    code = "capture.no_face"


class SeveralFacesError(LikenessError):
    """More than one face was found where exactly one is needed."""

    code = "capture.two_faces"


class TooLittleSpeechError(LikenessError):
    """There is too little speech to tell whose voice it is."""

    code = "capture.silent"


class CaptureUnusableError(LikenessError):
    """The capture holds no usable pictures or is too short or too long."""

    code = "capture.unusable"


class MalformedChallengeError(LikenessError):
    """The challenge file does not have the agreed form."""

    code = "challenge.malformed"


class MalformedTemplateError(LikenessError):
    """The stored template or appearance does not have the agreed form."""

    code = "template.malformed"


class EngineMismatchError(LikenessError):
    """Two templates of different engines cannot be compared."""

    code = "template.engine_mismatch"
