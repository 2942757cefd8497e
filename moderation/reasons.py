"""Every reason code that this core gives, with what it means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "text.too_long": "The text is longer than the limit and was not read.",
        "check.unavailable": "A check could not run, so the text is refused.",
        "style.protected": "Asks for the style or likeness of a protected work, studio or artist.",
        "character.protected": "Names a protected character.",
        "work.protected": "Names a protected work, series or studio.",
        "work.ambiguous": "A word that may name a protected work, beside a cue that points to one.",
        "person.no_consent": "Names a real person who is not a consenting cameo of this request.",
        "safety.minor_sexual": "Sexual or nude content together with a minor.",
        "safety.sexual": "Explicit sexual content.",
        "safety.gore": "Extreme gore or torture.",
        "safety.self_harm": "Shows, encourages or explains self-harm or suicide.",
        "safety.hate": "Hateful content against a protected group.",
        "safety.instructions": "Asks how to make weapons, explosives or drugs.",
        "output.unknown_face": "A face in the output matches nobody who consented to this request.",
        "output.not_checked": "The output could not be checked, so it is refused.",
    }
)
"""Reason code (`area.reason`) -> one-line English explanation."""
