"""The values that the knowledge base is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["work", "studio", "artist", "person"]
Policy: TypeAlias = Literal["block", "style"]
Strength: TypeAlias = Literal["strong", "cased", "weak"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alias:
    """One name of a concept.

    Attributes:
        text: the name as written in the knowledge base.
        language: `en`, `ja`, `zh` or `ko`; other Latin spellings stand under `en`.
        strength: `strong` counts alone; `cased` counts alone when every word begins with a
            capital, else as weak; `weak` counts only beside a companion or its own subject.
    """

    text: str
    language: str
    strength: Strength


@dataclass(frozen=True, kw_only=True, slots=True)
class Concept:
    """A character, or the title of its subject."""

    name: str
    title: bool
    aliases: tuple[Alias, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A franchise, studio, living artist or group of people.

    Attributes:
        id: unique across all files.
        kind: `work`, `studio`, `artist` (a living one) or `person` (a list of people).
        policy: `block` refuses any mention; `style` refuses only "in the style of" it, for names
            that are usually mentioned as goods or companies (a Nintendo controller).
        concepts: titles and characters.
        companions: folded words and phrases beside which a weak alias counts.
    """

    id: str
    kind: Kind
    policy: Policy
    concepts: tuple[Concept, ...]
    companions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NameLists:
    """What the English name heuristic goes by; all folded.

    Attributes:
        given: given names that are hardly ever words.
        given_words: given names that are words or places too; they need a known surname.
        surnames: common surnames.
        not_surnames: words that follow a given name in names of places and things.
        not_given: words that begin a name of a place or thing ("Lake Powell").
        words: names of the lists that are ordinary words when written without a capital.
        titles: offices before a surname.
    """

    given: frozenset[str]
    given_words: frozenset[str]
    surnames: frozenset[str]
    not_surnames: frozenset[str]
    not_given: frozenset[str]
    words: frozenset[str]
    titles: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicon:
    """Words and phrases of one safety category or restriction class, folded."""

    id: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    """Everything that moderation knows.

    Attributes:
        subjects: protected subjects and known people.
        names: lists of the name heuristic.
        allowed: folded names of history and of the public domain, which never block.
        ordinary: folded words within reach of the fuzzy matcher that must pass.
        safety: lexicons of safety categories, by id.
        classes: lexicons of restriction classes, by id.
    """

    subjects: tuple[Subject, ...]
    names: NameLists
    allowed: frozenset[str]
    ordinary: frozenset[str]
    safety: Mapping[str, Lexicon]
    classes: Mapping[str, Lexicon]
