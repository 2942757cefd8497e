"""Safety rules: what is refused whoever asks and whoever consents."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.decision import Reason
from moderation.lexicon import Found

BLOCKING = frozenset({"sexual", "gore", "self_harm", "hate", "instructions"})
"""Lexicons of which one phrase blocks."""


def judge(found: Iterable[Found]) -> list[Reason]:
    """Return the reasons to block.

    A minor together with anything sexual or nude blocks wherever in the text the two stand: a
    distance limit would be an instruction for evading it.
    """
    found = list(found)
    reasons = {
        (f.lexicon, f.span): Reason(code=f"safety.{f.lexicon}", span=f.span, detail=f.phrase)
        for f in found
        if f.lexicon in BLOCKING
    }
    minors = [f for f in found if f.lexicon == "minor"]
    if minors:
        for f in found:
            if f.lexicon in {"sexual", "sexualised"}:
                detail = f"{f.phrase}, with {minors[0].phrase}"
                reason = Reason(code="safety.minor_sexual", span=f.span, detail=detail)
                reasons[("minor_sexual", f.span)] = reason
    return list(reasons.values())
