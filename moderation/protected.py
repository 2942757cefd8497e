"""Which hits count, and what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from moderation.context import asks_for_style, has_companion, has_cue, named_whole
from moderation.decision import Outcome, Reason
from moderation.hits import Hit
from moderation.matcher import Readings

Verdict = tuple[Outcome, Reason]

MAX_VERDICTS = 64
"""After so many refusals the rest of a text can not change the decision and is not judged."""
_LINKS = frozenset({"の", "と", "や", "・", " from ", " from the ", " of ", " in ", " and "})


def judge(readings: Readings, hits: Iterable[Hit]) -> list[Verdict]:
    """Return a verdict for every hit that counts, one for each place and code.

    A strong name counts alone. A weak one counts beside a companion, beside a strong name of its
    own subject, beside another weak character of it, or where its style is asked for; beside a mere
    cue it goes to review, because a word that may be a name must not be refused on suspicion.
    """
    ordered = list({_order(hit): hit for hit in sorted(hits, key=_order)}.values())
    judgement = _Judgement(readings, ordered)
    verdicts: dict[tuple[str, int, int], Verdict] = {}
    blocks = 0
    for hit in ordered:
        verdict = judgement.of(hit)
        if verdict is None:
            continue
        key = (verdict[1].code, *hit.span)
        known = verdicts.get(key)
        if known is None or (known[0], verdict[0]) == ("review", "block"):
            verdicts[key] = verdict
            # Consent may still excuse a person, so only other refusals are final.
            blocks += verdict[0] == "block" and verdict[1].code != "person.no_consent"
        if blocks >= MAX_VERDICTS:
            break
    return _outermost(list(verdicts.values()))


def _order(hit: Hit) -> tuple[int, int, bool, str, str, str, bool]:
    """Sort by place, the plainest reading of a name first."""
    start, end = hit.span
    subject, alias = hit.name.subject.id, hit.name.alias.text
    return start, -end, hit.how != "written", hit.how, subject, alias, not hit.strong


def _linked_subjects(original: str, hits: Sequence[Hit]) -> set[str]:
    """Return the works of which two weak names stand side by side: ゼルダのリンク."""
    latest: dict[str, Hit] = {}
    linked: set[str] = set()
    for hit in hits:
        subject = hit.name.subject
        if hit.strong or not hit.capital or subject.kind != "work":
            continue
        before = latest.get(subject.id)
        latest[subject.id] = hit
        if before is None or before.name.alias == hit.name.alias:
            continue
        gap = original[before.span[1] : hit.span[0]].casefold()
        if before.span[1] <= hit.span[0] and gap in _LINKS:
            linked.add(subject.id)
    return linked


class _Judgement:
    """What one text says about its hits, found once for all of them."""

    def __init__(self, readings: Readings, hits: Sequence[Hit]) -> None:
        self._readings = readings
        self._strong = {h.name.subject.id for h in hits if h.strong}
        self._cue: bool | None = None
        self._companions: dict[str, bool] = {}
        self._weak: dict[str, set[str]] = defaultdict(set)
        named = {h.name.subject.id for h in hits if not h.strong and named_whole(readings, h)}
        for hit in hits:
            if hit.capital and hit.name.subject.id in named:
                self._weak[hit.name.subject.id].add(hit.name.concept.name)
        self._linked = _linked_subjects(readings.original, hits)

    def of(self, hit: Hit) -> Verdict | None:
        subject = hit.name.subject
        style = asks_for_style(self._readings, hit)
        if hit.strong or self._confirmed(hit, style=style):
            if style and subject.kind != "person":
                return _reason("block", "style.protected", hit)
            return _reason("block", _code(hit), hit) if subject.policy == "block" else None
        if subject.policy == "block" and self._suspicious(hit, style=style):
            return _reason("review", "work.ambiguous", hit)
        return None

    def _confirmed(self, hit: Hit, *, style: bool) -> bool:
        subject = hit.name.subject
        named = named_whole(self._readings, hit)
        if subject.kind == "person":
            # The people of one list are no company for each other.
            return (named and style) or (hit.capital and self._companion(hit))
        pair = subject.kind == "work" and len(self._weak[subject.id]) >= 2
        known = subject.id in self._strong or subject.id in self._linked or pair
        known = known or self._companion(hit)
        return known or (named and (style or self._has_cue()))

    def _suspicious(self, hit: Hit, *, style: bool) -> bool:
        if hit.name.subject.kind != "work":
            return False
        asian = not self._readings.original[hit.span[0]].isascii()
        return (asian or hit.capital) and (style or self._has_cue())

    def _has_cue(self) -> bool:
        if self._cue is None:
            self._cue = has_cue(self._readings)
        return self._cue

    def _companion(self, hit: Hit) -> bool:
        identifier = hit.name.subject.id
        if identifier not in self._companions:
            self._companions[identifier] = has_companion(self._readings, hit)
        return self._companions[identifier]


def _outermost(verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts without those that lie inside one of the same code and severity."""
    return [
        (outcome, reason)
        for outcome, reason in verdicts
        if not any(
            (level, other.code) == (outcome, reason.code) and _inside(reason, other)
            for level, other in verdicts
        )
    ]


def _inside(inner: Reason, outer: Reason) -> bool:
    if inner.span is None or outer.span is None or inner.span == outer.span:
        return False
    return outer.span[0] <= inner.span[0] and inner.span[1] <= outer.span[1]


def _code(hit: Hit) -> str:
    if hit.name.subject.kind in {"person", "artist"}:
        return "person.no_consent"
    return "work.protected" if hit.name.concept.title else "character.protected"


def _reason(outcome: Outcome, code: str, hit: Hit) -> Verdict:
    alias = hit.name.alias.text
    detail = alias if hit.how == "written" else f"{alias} ({hit.how})"
    return outcome, Reason(code=code, span=hit.span, detail=detail)
