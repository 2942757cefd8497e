"""Phrase lists: safety categories that block, and restriction classes that only report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from moderation.characters import IS_ASIAN
from moderation.decision import Span
from moderation.index import Automaton
from moderation.japanese import hiragana, script
from moderation.knowledge.model import Lexicon
from moderation.matcher import Readings
from moderation.views import View


class Found(NamedTuple):
    """A phrase of a lexicon in a text."""

    lexicon: str
    phrase: str
    span: Span


class Lexicons:
    """Searches many phrase lists at once."""

    def __init__(self, lexicons: Mapping[str, Lexicon], ids: Iterable[str]) -> None:
        self._words = Automaton()
        self._asian = Automaton()
        phrases: dict[str, set[str]] = {}
        for identifier in sorted(ids):
            for phrase in lexicons[identifier].phrases:
                phrases.setdefault(phrase, set()).add(identifier)
        for phrase, owners in phrases.items():
            entry = (phrase, tuple(sorted(owners)))
            if IS_ASIAN.search(phrase):
                self._asian.add(hiragana(phrase.replace(" ", "")), entry)
            else:
                self._words.add(f" {phrase}", entry)
        self._words.build()
        self._asian.build()

    def find(self, readings: Readings) -> Iterator[Found]:
        """Yield every phrase in any reading; the same phrase may be found twice."""
        for words in readings.words:
            for start, end, (phrase, owners) in self._words.find(words.text):
                if words.text[end] == " " or words.text[end : end + 2] == "s ":
                    first = words.at[start]
                    span = words.span(first, first + phrase.count(" "))
                    yield from (Found(owner, phrase, span) for owner in owners)
        for view in readings.asian:
            for start, end, (phrase, owners) in self._asian.find(hiragana(view.text)):
                if _stands_free(view, start, end, phrase):
                    span = view.span(start, end)
                    yield from (Found(owner, phrase, span) for owner in owners)


def _stands_free(view: View, start: int, end: int, phrase: str) -> bool:
    """Return whether the text writes the phrase as listed, katakana not inside a longer word.

    The scripts must agree: きす inside すきすき is no キス.
    """
    if script(view.text[start]) != script(phrase.replace(" ", "")[0]):
        return False
    if script(view.text[start]) != "k":
        return True
    before = start > 0 and script(view.text[start - 1]) == "k"
    after = end < len(view.text) and script(view.text[end]) == "k"
    inside_before = before and view.starts[start] == view.ends[start - 1]
    return not (inside_before or (after and script(view.text[end - 1]) == "k"))
