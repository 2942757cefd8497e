"""The reason codes of the generator, with one line of explanation each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "prompt.empty": "The prompt says nothing; describe a place and what happens there.",
        "prompt.too_long": "The prompt is longer than 4,000 characters.",
        "request.size": "The size is not one of the aspects and side lengths that can be drawn.",
        "request.seconds": "The clip must last between 4 and 60 seconds.",
        "request.fps": "The frame rate must be a whole number between 8 and 60.",
        "request.people": "More people are cast than one scene can show, or one handle twice.",
        "request.appearance": "An appearance is not an image with five landmarks and a face box.",
        "scene.malformed": "The scene description is not one that this version wrote.",
        "scene.cast": "The scene names a person whose appearance was not handed over.",
        "scene.frames": "The frames asked for lie outside the clip.",
        "scene.mouth": "A mouth track is shorter than the clip.",
    }
)
