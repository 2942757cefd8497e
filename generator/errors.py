"""What can go wrong between a prompt and its frames; every code is listed in `reasons`."""

from __future__ import annotations

from typing import ClassVar


class GeneratorError(Exception):
    """The picture could not be made."""

    code: ClassVar[str] = "generator.failed"

    def __init__(self, detail: str = "") -> None:
        message = (type(self).__doc__ or "").strip()
        super().__init__(f"{message} ({detail})" if detail else message)
        self.detail = detail


class EmptyPromptError(GeneratorError):
    """The prompt says nothing; describe a place and what happens there."""

    code = "prompt.empty"


class PromptTooLongError(GeneratorError):
    """The prompt is longer than 4,000 characters."""

    code = "prompt.too_long"


class SizeError(GeneratorError):
    """The size is not one of the aspects and side lengths that can be drawn."""

    code = "request.size"


class SecondsError(GeneratorError):
    """The clip must last between 4 and 60 seconds."""

    code = "request.seconds"


class FrameRateError(GeneratorError):
    """The frame rate must be a whole number between 8 and 60."""

    code = "request.fps"


class PeopleError(GeneratorError):
    """More people are cast than one scene can show, or one handle twice."""

    code = "request.people"


class AppearanceError(GeneratorError):
    """An appearance is not an image with five landmarks and a face box."""

    code = "request.appearance"


class MalformedSceneError(GeneratorError):
    """The scene description is not one that this version wrote."""

    code = "scene.malformed"


class CastError(GeneratorError):
    """The scene names a person whose appearance was not handed over."""

    code = "scene.cast"


class FrameRangeError(GeneratorError):
    """The frames asked for lie outside the clip."""

    code = "scene.frames"


class MouthTrackError(GeneratorError):
    """A mouth track is shorter than the clip."""

    code = "scene.mouth"
