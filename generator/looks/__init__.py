"""The three styles: what each does to the assets once, and to every frame."""

from __future__ import annotations

from generator.looks.anime import Anime
from generator.looks.cinematic import Cinematic
from generator.looks.look import Look
from generator.looks.photoreal import Photoreal
from generator.request import Style
from generator.scene import SceneSpec

__all__ = ["Look", "look_for"]

_LOOKS: dict[Style, type[Photoreal] | type[Anime] | type[Cinematic]] = {
    Style.PHOTOREAL: Photoreal,
    Style.ANIME: Anime,
    Style.CINEMATIC: Cinematic,
}


def look_for(spec: SceneSpec) -> Look:
    """Return the scene's style, prepared for its size and seed."""
    return _LOOKS[spec.style](spec.size, spec.seed)
