"""Names that consent allows: those of the cameos of this request."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.characters import IS_ASIAN
from moderation.decision import Span
from moderation.japanese import hiragana
from moderation.knowledge.loader import folded
from moderation.matcher import Readings


class AllowedNames:
    """Places of a text where an allowed name stands, as written.

    Only the text as written is searched: an allowed name has no need of a disguise.
    """

    def __init__(self, readings: Readings, names: Iterable[str]) -> None:
        self._spans: list[Span] = []
        self._long_spans: list[Span] = []
        for name in names:
            key = folded(name)
            if not key:
                continue
            if IS_ASIAN.search(key):
                self._find_asian(readings, hiragana(key.replace(" ", "")))
            else:
                self._find_words(readings, key)

    def cover(self, span: Span) -> bool:
        """Return whether an allowed name is this span or has it inside."""
        return any(start <= span[0] and span[1] <= end for start, end in self._spans)

    def touch(self, span: Span) -> bool:
        """Return whether an allowed name covers the span, or one of several words overlaps it.

        "Vincent van Gogh" is allowed by "van Gogh"; "Taylor Lincoln" is not by "Lincoln".
        """
        return self.cover(span) or any(
            start < span[1] and span[0] < end for start, end in self._long_spans
        )

    def exceed(self, span: Span) -> bool:
        """Return whether the span is only a part of an allowed name: Mario in "Mario Rossi"."""
        return any(
            start <= span[0] and span[1] <= end and (start, end) != span
            for start, end in self._spans
        )

    def _find_words(self, readings: Readings, key: str) -> None:
        words = readings.words[0]
        needle = f" {key} "
        place = words.text.find(needle)
        while place >= 0:
            first = words.at[place]
            span = words.span(first, first + key.count(" "))
            self._spans.append(span)
            if " " in key:
                self._long_spans.append(span)
            place = words.text.find(needle, place + 1)

    def _find_asian(self, readings: Readings, key: str) -> None:
        for view in readings.asian[:1]:
            text = hiragana(view.text)
            place = text.find(key)
            while place >= 0:
                self._spans.append(view.span(place, place + len(key)))
                place = text.find(key, place + 1)
