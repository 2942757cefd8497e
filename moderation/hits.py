"""What a matcher found, and the words that it searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from moderation.decision import Span
from moderation.index import Name
from moderation.views import Token

How: TypeAlias = Literal[
    "written", "joined", "leet", "repeated", "misspelt", "masked", "transliterated"
]


class Hit(NamedTuple):
    """A name of the knowledge base in a text.

    Attributes:
        name: the alias with its concept and subject.
        span: code points `[start, end)` of the original text.
        how: what had to be undone to see the name.
        strong: whether the name counts alone.
        capital: whether the text writes it with a capital (always true in Asian scripts).
    """

    name: Name
    span: Span
    how: How
    strong: bool
    capital: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The words of one reading of a text.

    Attributes:
        tokens: the words in order.
        text: the words with one space before, between and after them.
        at: place of each word's leading space in `text` -> index of the word.
        how: what this reading undoes.
    """

    tokens: Sequence[Token]
    text: str
    at: dict[int, int]
    how: How

    @classmethod
    def of(cls, tokens: Sequence[Token], how: How = "written") -> Words:
        """Return the searchable form of words."""
        at: dict[int, int] = {}
        place = 0
        for index, token in enumerate(tokens):
            at[place] = index
            place += 1 + len(token.text)
        text = "".join(" " + token.text for token in tokens) + " "
        return cls(tokens=tokens, text=text, at=at, how=how)

    def span(self, first: int, last: int) -> Span:
        """Return the original span from the first to the last word, both included."""
        return self.tokens[first].start, self.tokens[last].end

    def hit(self, name: Name, first: int, last: int, how: How | None = None) -> Hit:
        """Return the hit of a name over these words, with the strength that its capitals give."""
        part = self.tokens[first : last + 1]
        strength = name.alias.strength
        strong = strength == "strong" or (strength == "cased" and all(t.capital for t in part))
        return Hit(name, self.span(first, last), how or self.how, strong, part[0].capital)
