"""What a generator can do and what must be said about its clips."""

from __future__ import annotations

from dataclasses import dataclass

from generator.request import Style

ALGORITHMIC = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"


@dataclass(frozen=True, kw_only=True, slots=True)
class CapabilityCard:
    """A generator's capabilities and licence.

    Attributes:
        name: stable identifier.
        version: of the generator, changes whenever its frames change.
        licence: SPDX identifier of its code and weights.
        digital_source_type_alone: IPTC URI for clips without a captured person.
        digital_source_type_with_person: IPTC URI for clips with one.
        commercial_use: whether the licence allows it.
        styles: the looks it offers.
        sizes: recommended width and height in pixels; others within the bounds work as well.
        max_people: most people in one clip.
        seconds_min: shortest clip.
        seconds_max: longest clip.
        languages: languages of prompts and of speech.
        simulated_notes: what its words for a style or a voice do not mean, one sentence each.
    """

    name: str
    version: str
    licence: str
    digital_source_type_alone: str
    digital_source_type_with_person: str
    commercial_use: bool
    styles: tuple[Style, ...]
    sizes: tuple[tuple[int, int], ...]
    max_people: int
    seconds_min: float
    seconds_max: float
    languages: tuple[str, ...]
    simulated_notes: tuple[str, ...]

    def source_type(self, *, with_person: bool) -> str:
        """Return the IPTC digital source type for a clip."""
        if with_person:
            return self.digital_source_type_with_person
        return self.digital_source_type_alone
