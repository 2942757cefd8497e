"""Automata over the names of the knowledge base, built once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import ahocorasick
import jaconv

from moderation.characters import IS_ASIAN
from moderation.japanese import KANA_ONLY, canonical, hiragana
from moderation.knowledge.loader import folded
from moderation.knowledge.model import Alias, Concept, Knowledge, Subject

COLLAPSED_MIN = 6
"""Shortest name that counts when words must be joined or repaired to find it."""


class Name(NamedTuple):
    """One alias with all that it belongs to."""

    subject: Subject
    concept: Concept
    alias: Alias


def squeeze(word: str) -> str:
    """Return the word with repeated letters made one."""
    return "".join(c for i, c in enumerate(word) if i == 0 or c != word[i - 1])


class Automaton:
    """An Aho-Corasick automaton from keys to the first value that each was given."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._automaton: Any = ahocorasick.Automaton()

    def add(self, key: str, value: object) -> None:
        """Add a key; one that is there already keeps its first value."""
        self._values.setdefault(key, value)

    def build(self) -> None:
        """Make the automaton ready; no key may be added after."""
        for key, value in self._values.items():
            self._automaton.add_word(key, (len(key), value))
        self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[tuple[int, int, Any]]:
        """Yield `(start, end, value)` of every key in the text, overlapping ones too."""
        if not self._values:
            return
        for last, (length, value) in self._automaton.iter(text):
            yield last + 1 - length, last + 1, value


@dataclass(frozen=True, slots=True)
class Index:
    """The searchable form of a knowledge base.

    Attributes:
        words: " name" -> Name, over words apart by spaces.
        collapsed: name without spaces -> Name, for strong and cased names of 6 letters or more.
        squeezed: " name" with repeated letters made one -> Name.
        asian: kana-folded name -> Name.
        near: (first letter, length) -> names of one word, for repair.
        phrases: first letters of the words -> names of two or three words, for repair.
        names: collapsed name -> Name.
        asian_names: kana-folded name -> Name, for names that count alone.
        shape: (length, place, character) -> names of that shape in any script, for masks.
        kana: canonical kana -> Name, for altered kana words.
        kana_by_length: length -> canonical kana.
    """

    words: Automaton
    collapsed: Automaton
    squeezed: Automaton
    asian: Automaton
    near: dict[tuple[str, int], list[str]]
    phrases: dict[str, list[tuple[str, ...]]]
    names: dict[str, Name]
    asian_names: dict[str, Name]
    shape: dict[tuple[int, int, str], list[str]]
    kana: dict[str, Name]
    kana_by_length: dict[int, list[str]]


def build(knowledge: Knowledge) -> Index:
    """Return the index of a knowledge base."""
    index = Index(
        words=Automaton(),
        collapsed=Automaton(),
        squeezed=Automaton(),
        asian=Automaton(),
        near=defaultdict(list),
        phrases=defaultdict(list),
        names={},
        asian_names={},
        shape=defaultdict(list),
        kana={},
        kana_by_length=defaultdict(list),
    )
    names = [
        Name(subject, concept, alias)
        for subject in knowledge.subjects
        for concept in subject.concepts
        for alias in concept.aliases
    ]
    # Strong names first: where two subjects share a spelling, the one that counts alone wins.
    taken = {folded(name.alias.text) for name in names}
    for name in sorted(names, key=lambda n: n.alias.strength == "weak"):
        key = folded(name.alias.text)
        if IS_ASIAN.search(key):
            _add_asian(index, key, name)
            _add_romaji(index, key, name, taken)
        else:
            _add_words(index, key, name)
    for automaton in (index.words, index.collapsed, index.squeezed, index.asian):
        automaton.build()
    return index


def _add_words(index: Index, key: str, name: Name) -> None:
    index.words.add(f" {key}", name)
    if name.alias.strength == "weak":
        return
    joined = key.replace(" ", "")
    if len(joined) >= 5:
        index.names.setdefault(joined, name)
        _add_shape(index, joined)
        short = "".join(" " + squeeze(part) for part in key.split())
        if len(short.replace(" ", "")) >= 5:
            index.squeezed.add(short, name)
    if len(joined) < COLLAPSED_MIN:
        return
    index.collapsed.add(joined, name)
    parts = tuple(key.split())
    if len(parts) == 1 and key.isalpha():
        index.near[(joined[0], len(joined))].append(joined)
    elif len(parts) in {2, 3}:
        index.phrases["".join(part[0] for part in parts)].append(parts)


def _add_asian(index: Index, key: str, name: Name) -> None:
    joined = key.replace(" ", "")
    index.asian.add(hiragana(joined), name)
    if name.alias.strength == "weak":
        return
    index.asian_names.setdefault(hiragana(joined), name)
    _add_shape(index, hiragana(joined))
    if not KANA_ONLY.fullmatch(joined) or len(joined) < 4:
        return
    plain = canonical(joined)
    if len(plain) >= 3 and plain not in index.kana:
        index.kana[plain] = name
        index.kana_by_length[len(plain)].append(plain)


def _add_romaji(index: Index, key: str, name: Name, taken: set[str]) -> None:
    """Add a kana name in Latin letters, unless the knowledge base weighs that spelling itself."""
    joined = key.replace(" ", "")
    if name.alias.strength == "weak" or not KANA_ONLY.fullmatch(joined):
        return
    letters = jaconv.kana2alphabet(hiragana(joined))
    romaji = "".join(c for c in letters if c.isascii() and c.isalpha())
    if len(romaji) >= COLLAPSED_MIN and romaji not in taken:
        index.words.add(f" {romaji}", name)
        index.collapsed.add(romaji, name)


def _add_shape(index: Index, key: str) -> None:
    for place, ch in enumerate(key):
        index.shape[(len(key), place, ch)].append(key)
