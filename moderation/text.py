"""The text path: one prompt, or one spoken line, to one decision."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from moderation import protected, safety
from moderation.consented import AllowedNames
from moderation.decision import Decision, Outcome, Reason, Span, highest
from moderation.errors import AnalyserUnavailableError, UnknownClassError
from moderation.hits import Hit
from moderation.index import build
from moderation.japanese import close_spaces
from moderation.knowledge.loader import CLASS_IDS, SAFETY_IDS, folded, shipped
from moderation.knowledge.model import Knowledge
from moderation.lexicon import Lexicons
from moderation.matcher import Readings, find, read
from moderation.people import PersonName, english_names, japanese_names, reads_as_japanese
from moderation.views import handle_spans, without

MAX_CODE_POINTS = 8_000
"""Longer texts are refused unread: the time of a decision must be bounded."""

MAX_REASONS = 64
"""Most reasons that a decision carries; the severity counts all of them."""

Verdict = tuple[Outcome, Reason]


class Moderator:
    """Decides about texts. It is immutable once built, and safe to share between threads.

    Args:
        classes: restriction-class ids to recognise, of `moderation.knowledge.loader.CLASS_IDS`.
        knowledge: a knowledge base; the shipped one when None.

    Raises:
        UnknownClassError: a class id has no lexicon.
        MalformedKnowledgeError: the shipped knowledge base is damaged.
    """

    def __init__(self, classes: Sequence[str], knowledge: Knowledge | None = None) -> None:
        if unknown := set(classes) - CLASS_IDS:
            raise UnknownClassError(", ".join(sorted(unknown)))
        self._knowledge = knowledge if knowledge is not None else shipped()
        self._index = build(self._knowledge)
        self._safety = Lexicons(self._knowledge.safety, SAFETY_IDS)
        self._classes = Lexicons(self._knowledge.classes, set(classes))

    def moderate(self, text: str, consented_names: Collection[str] = frozenset()) -> Decision:
        """Return the decision about a text; never raises for any `str`.

        Layers only raise the severity: the result is the highest that any of them reached. An
        empty text is allowed here; whether it can be rendered is the generator's question.

        Args:
            text: a prompt or a spoken line; lone surrogates are read as unknown characters.
            consented_names: display names of the consenting cameos of this request. `@handles`
                are references that the caller resolves, so they are not read as names here.
        """
        if len(text) > MAX_CODE_POINTS:
            detail = f"{len(text)} code points, the limit is {MAX_CODE_POINTS}"
            return Decision(
                decision="block", reasons=(Reason(code="text.too_long", detail=detail),)
            )
        whole = read(text)
        spans = handle_spans(text)
        readings = read(without(text, spans)) if spans else whole
        verdicts: list[Verdict] = [("block", r) for r in safety.judge(self._safety.find(whole))]
        try:
            verdicts.extend(self._names(readings, consented_names))
        except AnalyserUnavailableError as error:
            verdicts.append(("block", Reason(code="check.unavailable", detail=error.detail)))
        return Decision(
            decision=highest(*(outcome for outcome, _ in verdicts)),
            reasons=_in_order(verdicts),
            classes=frozenset(found.lexicon for found in self._classes.find(whole)),
        )

    def _names(self, readings: Readings, consented_names: Collection[str]) -> list[Verdict]:
        consented = AllowedNames(readings, consented_names)
        hits = find(self._index, readings, self._knowledge.ordinary)
        counted = [hit for hit in hits if not self._excused(hit, consented)]
        verdicts = [
            (outcome, reason)
            for outcome, reason in protected.judge(readings, counted)
            if reason.code != "person.no_consent" or not _covered(consented, reason)
        ]
        if people := list(self._people(readings)):
            fiction = [
                reason.span
                for outcome, reason in verdicts
                if outcome == "block" and reason.code != "person.no_consent" and reason.span
            ]
            real = [p for p in people if not any(_touch(p.span, span) for span in fiction)]
            verdicts.extend(self._unconsented(readings, real, consented))
        return verdicts

    def _excused(self, hit: Hit, consented: AllowedNames) -> bool:
        """Return whether a hit is only a person's given name or surname in a consented name.

        "Mario Rossi" may be called so; a display name "Pikachu Two" unlocks nothing.
        """
        if not consented.exceed(hit.span):
            return False
        names = self._knowledge.names
        word = folded(hit.name.alias.text)
        human = word in names.given or word in names.surnames or word in names.given_words
        return human or hit.name.subject.kind == "person" or not hit.strong

    def _people(self, readings: Readings) -> Iterator[PersonName]:
        names = self._knowledge.names
        yield from english_names(readings.original, readings.words[0].tokens, names)
        if readings.asian and reads_as_japanese(readings.folded.text):
            yield from japanese_names(readings.folded)
            closed = close_spaces(readings.folded)
            if closed is not None:
                yield from japanese_names(closed)

    def _unconsented(
        self, readings: Readings, people: Sequence[PersonName], consented: AllowedNames
    ) -> Iterator[Verdict]:
        history = AllowedNames(readings, self._knowledge.allowed)
        for person in people:
            if history.touch(person.span) or consented.cover(person.span):
                continue
            reason = Reason(code="person.no_consent", span=person.span, detail=person.folded)
            yield "block", reason


def _touch(left: Span, right: Span) -> bool:
    return left[0] < right[1] and right[0] < left[1]


def _covered(consented: AllowedNames, reason: Reason) -> bool:
    return reason.span is not None and consented.cover(reason.span)


def _in_order(verdicts: Sequence[Verdict]) -> tuple[Reason, ...]:
    """Return the reasons by place, then code, each once, and no more than are of use."""
    unique: dict[tuple[str, tuple[int, int] | None], Reason] = {}
    for _, reason in verdicts:
        unique.setdefault((reason.code, reason.span), reason)
    ordered = sorted(unique.values(), key=lambda r: (r.span or (-1, -1), r.code))
    return tuple(ordered[:MAX_REASONS])
