"""The text path: one prompt, or one spoken line, to one decision."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

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
from moderation.mentions import references, spelled_out
from moderation.people import PersonName, english_names, japanese_names, reads_as_japanese
from moderation.views import View, fold, without

MAX_CODE_POINTS = 8_000
"""Longer texts are refused unread: the time of a decision must be bounded."""

MAX_REASONS = 64
"""Most reasons that a decision carries; the severity counts all of them."""

Verdict = tuple[Outcome, Reason]

_DIGIT = re.compile(r"\d")


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

    def moderate(
        self,
        text: str,
        consented_names: Collection[str] = frozenset(),
        handles: Collection[str] = frozenset(),
    ) -> Decision:
        """Return the decision about a text; never raises for any `str`.

        Layers only raise the severity: the result is the highest that any of them reached. An
        empty text is allowed here; whether it can be rendered is the generator's question.

        Args:
            text: a prompt or a spoken line; lone surrogates are read as unknown characters.
            consented_names: display names of the consenting cameos of this request. People choose
                them, so one that holds the name of a known person, of a protected character or of
                a work unlocks nothing; see `is_known_name`.
            handles: the handles that the caller has resolved, in any case, without the @. Only
                these are references and are not read as names; any other `@word` is ordinary
                text, also read with its capitals and underscores as the edges of words.
        """
        if len(text) > MAX_CODE_POINTS:
            detail = f"{len(text)} code points, the limit is {MAX_CODE_POINTS}"
            return Decision(
                decision="block", reasons=(Reason(code="text.too_long", detail=detail),)
            )
        whole = read(text)
        known = references(text, handles)
        plain = without(text, known)
        readings = read(plain) if known else whole
        verdicts: list[Verdict] = [("block", r) for r in safety.judge(self._safety.find(whole))]
        classes = {found.lexicon for found in self._classes.find(whole)}
        spelled = spelled_out(plain)
        try:
            usable = [name for name in consented_names if self._unlocks(name)]
            verdicts.extend(self._names(readings, usable))
            if spelled is not None:
                verdicts.extend(self._spelled(spelled, usable, classes))
        except AnalyserUnavailableError as error:
            verdicts.append(("block", Reason(code="check.unavailable", detail=error.detail)))
        return Decision(
            decision=highest(*(outcome for outcome, _ in verdicts)),
            reasons=_in_order(verdicts),
            classes=frozenset(classes),
        )

    def is_known_name(self, name: str) -> bool:
        """Return whether a whole name is that of a known person, of a character or of a work.

        It is what a sign-up asks about a display name. Disguises are undone as in a text, signs
        and digits around the name do not count, and a name that counts only with capitals counts
        here without them. Names that only read as a person's ("Mario Rossi") are nobody known, and
        so is a name with a known one inside ("Pikachu Fan"): that one is not refused here, but it
        unlocks nothing in `moderate` either. A name too long to be read is taken for known.

        Raises:
            AnalyserUnavailableError: Japanese text, and the analyser is missing.
        """
        if len(name) > MAX_CODE_POINTS:
            return True
        letters = {i for i, c in enumerate(name) if c.isalpha() and fold(c).text}
        seen: set[int] = set()
        for hit in self._known(name):
            place = set(range(*hit.span))
            if letters <= place:
                return True
            if not self._given_or_surname(hit):
                seen |= place
        return bool(seen) and letters <= seen

    def _known(self, name: str) -> Iterator[Hit]:
        """Yield the listed names in a display name, which is a name whatever its capitals."""
        for form in {name: None, _DIGIT.sub(" ", name): None}:
            for hit in find(self._index, read(form), self._knowledge.ordinary):
                if hit.strong or hit.name.alias.strength == "cased":
                    yield hit

    def _unlocks(self, name: str) -> bool:
        """Return whether consent may rest on a display name: no listed name stands in it.

        "Mario Rossi" may be called so, because Mario is a given name and no known person's;
        "Donald Trump Two" may not.
        """
        if len(name) > MAX_CODE_POINTS:
            return False
        return all(self._given_or_surname(hit) for hit in self._known(name))

    def _spelled(
        self, spelled: View, consented_names: Collection[str], classes: set[str]
    ) -> Iterator[Verdict]:
        """Yield the verdicts about a text with its `@words` spelled out, and add its classes."""
        readings = read(spelled.text)
        classes.update(found.lexicon for found in self._classes.find(readings))
        verdicts: list[Verdict] = [("block", r) for r in safety.judge(self._safety.find(readings))]
        verdicts.extend(self._names(readings, consented_names))
        for outcome, reason in verdicts:
            span = spelled.span(*reason.span) if reason.span is not None else None
            yield outcome, replace(reason, span=span)

    def _names(self, readings: Readings, consented_names: Collection[str]) -> list[Verdict]:
        consented = AllowedNames(readings, consented_names)
        hits = find(self._index, readings, self._knowledge.ordinary)
        counted = [hit for hit in hits if not self._excused(hit, consented)]
        verdicts = protected.judge(readings, counted)
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
        """Return whether a hit is only a person's given name or surname in a consented name."""
        if not consented.exceed(hit.span):
            return False
        return self._given_or_surname(hit) or not hit.strong

    def _given_or_surname(self, hit: Hit) -> bool:
        """Return whether a listed name is also one that ordinary people bear, as Mario is.

        The known people who go by one name are not excused: "Beyonce Knowles" is one of them.
        """
        names = self._knowledge.names
        word = folded(hit.name.alias.text)
        human = word in names.given or word in names.surnames or word in names.given_words
        return human and hit.name.subject.kind not in {"person", "artist"}

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


def _in_order(verdicts: Sequence[Verdict]) -> tuple[Reason, ...]:
    """Return the reasons by place, then code, each once, and no more than are of use."""
    unique: dict[tuple[str, tuple[int, int] | None], Reason] = {}
    for _, reason in verdicts:
        unique.setdefault((reason.code, reason.span), reason)
    ordered = sorted(unique.values(), key=lambda r: (r.span or (-1, -1), r.code))
    return tuple(ordered[:MAX_REASONS])
