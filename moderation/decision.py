"""The value that moderation answers with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["allow", "review", "block"]
Span: TypeAlias = tuple[int, int]

SEVERITY: dict[Outcome, int] = {"allow": 0, "review": 1, "block": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why a text or an output is not simply allowed.

    Attributes:
        code: `area.reason`, a key of `moderation.reasons.REASONS`.
        span: code points `[start, end)` of the original text, or None where no place is meant.
        detail: what was found, in words for people.
    """

    code: str
    span: Span | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What moderation decided about one text.

    Attributes:
        decision: the highest severity that any layer reached.
        reasons: in order of place, then code; empty when the text is allowed.
        classes: restriction classes that the text triggers; they do not block by themselves.
    """

    decision: Outcome
    reasons: tuple[Reason, ...] = ()
    classes: frozenset[str] = field(default_factory=frozenset)

    def to_json(self) -> str:
        """Return one line of JSON with `decision`, `reasons` and `classes`."""
        reasons = [
            {"code": r.code, "span": list(r.span) if r.span else None, "detail": r.detail}
            for r in self.reasons
        ]
        body = {"decision": self.decision, "reasons": reasons, "classes": sorted(self.classes)}
        return json.dumps(body, ensure_ascii=False)


def highest(*outcomes: Outcome) -> Outcome:
    """Return the most severe outcome; `allow` when there is none."""
    return max(outcomes, key=lambda outcome: SEVERITY[outcome], default="allow")
