"""Finds the names of the knowledge base in every reading of a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from moderation.analyser import analyse
from moderation.characters import IS_ASIAN
from moderation.hits import Hit, Words
from moderation.index import Index, Name, squeeze
from moderation.japanese import (
    close_signs,
    hiragana,
    join,
    katakana_lookalikes,
    script,
)
from moderation.knowledge.loader import folded
from moderation.masks import asian_masks, latin_masks
from moderation.repair import is_ordinary, misspelt_kana, misspelt_words
from moderation.views import View, fold, tokens, transliterate, unleet

_STANDS_OUT = 5
"""Kana from which a name is seen even inside a longer katakana word."""
_LONGEST_WORD = 40
_NAME_SUFFIXES = frozenset("風調系似的流役様氏作監先本")
_PARTICLES = frozenset("がはをにのでともへやなっみ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Readings:
    """A text and its readings.

    Attributes:
        original: the text as it was sent, handles blanked out.
        folded: what a reader sees.
        words: readings in words; the first is the text as written.
        asian: readings with Asian separators closed; empty when the text has no Asian character.
    """

    original: str
    folded: View
    words: tuple[Words, ...]
    asian: tuple[View, ...]


def read(text: str) -> Readings:
    """Return the readings of a text, whose handles are blanked out already."""
    plain = fold(text)
    words = [Words.of(tokens(plain, text))]
    words.extend(Words.of(tokens(view, text), "leet") for view in unleet(plain))
    sounded = transliterate(text)
    if sounded is not None:
        words.append(Words.of(tokens(sounded, text), "transliterated"))
    asian: tuple[View, ...] = ()
    if IS_ASIAN.search(plain.text):
        joined = join(plain)
        others = (katakana_lookalikes(joined), close_signs(joined))
        asian = (joined, *(view for view in others if view is not None))
    return Readings(original=text, folded=plain, words=tuple(words), asian=asian)


def find(index: Index, readings: Readings, ordinary: frozenset[str]) -> list[Hit]:
    """Return every hit in a text, in no particular order; the same name may be hit twice.

    Args:
        index: the searchable knowledge base.
        readings: the text.
        ordinary: words that must never be read as a misspelt name.

    Raises:
        AnalyserUnavailableError: Japanese text, and the analyser is missing.
    """
    hits: list[Hit] = []
    repaired: list[Hit] = []
    for words in readings.words:
        hits.extend(_written(index, words))
        hits.extend(_joined(index, words, ordinary))
        hits.extend(_repeated(index, words, ordinary))
        repaired.extend(misspelt_words(index, words, ordinary))
    hits.extend(latin_masks(index, readings.folded, readings.original))
    for view in readings.asian:
        hits.extend(_asian(index, view))
        hits.extend(asian_masks(index, view))
        repaired.extend(misspelt_kana(index, view))
    if readings.asian:
        repaired.extend(misspelt_kana(index, readings.folded))
    return hits + [hit for hit in repaired if not _seen(hit, hits)]


def _seen(repaired: Hit, hits: list[Hit]) -> bool:
    """Return whether a part of a repaired name is a name already, as it stands."""
    start, end = repaired.span
    return any(h.strong and h.span[0] < end and start < h.span[1] for h in hits)


def _written(index: Index, words: Words) -> Iterator[Hit]:
    for start, end, name in index.words.find(words.text):
        plural = words.text[end : end + 2] == "s "
        if words.text[end] != " " and not plural:
            continue
        first = words.at[start]
        last = first + words.text.count(" ", start, end) - 1
        yield words.hit(name, first, last)


def _joined(index: Index, words: Words, ordinary: frozenset[str]) -> Iterator[Hit]:
    """Yield names whose words are run together or pulled apart."""
    begins: dict[int, int] = {}
    place = 0
    for number, token in enumerate(words.tokens):
        begins[place] = number
        place += len(token.text)
    begins[place] = len(words.tokens)
    text = "".join(token.text for token in words.tokens)
    for start, end, name in index.collapsed.find(text):
        first, after = begins.get(start), begins.get(end)
        if after is None and text[end : end + 1] == "s":
            after = begins.get(end + 1)
        if first is not None and after is not None and after > first:
            if " ".join(t.text for t in words.tokens[first:after]) in ordinary:
                continue
            how = words.how if words.how != "written" else "joined"
            yield words.hit(name, first, after - 1, how)


def _repeated(index: Index, words: Words, ordinary: frozenset[str]) -> Iterator[Hit]:
    """Yield names with letters repeated: `pikachuuu`, `miickey mouuse`."""
    short = Words.of([t._replace(text=squeeze(t.text)) for t in words.tokens], words.how)
    if short.text == words.text:
        return
    for start, end, name in index.squeezed.find(short.text):
        if short.text[end] != " ":
            continue
        first = short.at[start]
        last = first + short.text.count(" ", start, end) - 1
        parts = folded(name.alias.text).split()
        seen = [token.text for token in words.tokens[first : last + 1]]
        changed = [word for word, part in zip(seen, parts, strict=True) if word != part]
        if changed and not any(is_ordinary(word, ordinary) for word in changed):
            yield words.hit(name, first, last, "repeated")


def _asian(index: Index, view: View) -> Iterator[Hit]:
    for start, end, name in index.asian.find(hiragana(view.text)):
        if not _whole_word(view, start, end, name):
            continue
        strong = name.alias.strength != "weak" and not _accidental(view.text[start:end], name)
        yield Hit(name, view.span(start, end), "written", strong, True)


def _accidental(text: str, name: Name) -> bool:
    """Return whether a short katakana name is written in hiragana, as ordinary words are."""
    return len(text) < 4 and script(text[0]) == "h" and script(name.alias.text[0]) == "k"


def _whole_word(view: View, start: int, end: int, name: Name) -> bool:
    if not _joins(view, start, -1, name) and not _joins(view, end, 0, name):
        return True
    if script(view.text[start]) != "k" or name.alias.strength != "strong":
        return False
    length = end - start
    return length >= _STANDS_OUT or (length >= 3 and _cut_by_analyser(view, start, end))


def _joins(view: View, edge: int, outside: int, name: Name) -> bool:
    """Return whether the characters on both sides of an edge belong to one run of a script."""
    if edge <= 0 or edge >= len(view.text) or view.starts[edge] != view.ends[edge - 1]:
        return False
    left, right = script(view.text[edge - 1]), script(view.text[edge])
    if left != right or left in "og":
        return False
    if outside == 0 and view.text[edge] in _NAME_SUFFIXES:
        return False
    if left == "h" and script(name.alias.text[0]) == "h":
        # A name listed in hiragana is short on purpose; a particle may stand beside it.
        return len(name.alias.text) < 4 and view.text[edge + outside] not in _PARTICLES
    # A long name in hiragana or kanji stands out even where the next word follows at once.
    return left == "k" or len(name.alias.text) < 4


def _cut_by_analyser(view: View, start: int, end: int) -> bool:
    """Return whether the analyser cuts a longer katakana run exactly at the name's edges.

    マリオネット stays one word, リアルマリオ is cut in two. No word is as long as a run that is not
    analysed, so a name in it counts.
    """
    first, last = start, end
    while first > 0 and script(view.text[first - 1]) == "k" and end - first <= _LONGEST_WORD:
        first -= 1
    while (
        last < len(view.text) and script(view.text[last]) == "k" and last - first <= _LONGEST_WORD
    ):
        last += 1
    if last - first > _LONGEST_WORD:
        return True
    return {start - first, end - first} <= _edges(view.text[first:last])


@lru_cache(maxsize=4096)
def _edges(run: str) -> frozenset[int]:
    """Return where the analyser cuts a run; empty when a piece is not in its dictionary."""
    pieces = analyse(run)
    if not all(m.known for m in pieces):
        return frozenset()
    return frozenset(m.start for m in pieces) | frozenset(m.end for m in pieces)
