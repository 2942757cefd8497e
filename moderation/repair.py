"""Misspelt names: only words that are not ordinary, and only close to a name that counts alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from moderation.analyser import ordinary as ordinary_kana
from moderation.hits import Hit, Words
from moderation.index import COLLAPSED_MIN, Index
from moderation.japanese import KATAKANA_RUN, canonical
from moderation.views import Token, View

_TWO_EDITS_FROM = 10
_WORD_EDIT_FROM = 4
_KANA_EDIT_FROM = 5


def misspelt_words(index: Index, words: Words, ordinary: frozenset[str]) -> Iterator[Hit]:
    """Yield names that a typing error separates from one word, or in each of several words.

    A word that is ordinary is never repaired: "chameleon" is not a misspelt name.
    """
    for first, token in enumerate(words.tokens):
        near = _nearest(index, token.text, ordinary)
        if near is not None:
            yield words.hit(index.names[near], first, first, "misspelt")
        for count in (2, 3):
            part = words.tokens[first : first + count]
            key = _word_by_word(index, part, ordinary) if len(part) == count else None
            if key is not None:
                yield words.hit(index.names[key], first, first + count - 1, "misspelt")


def is_ordinary(word: str, ordinary: frozenset[str]) -> bool:
    """Return whether a word, or its singular, is listed as ordinary, or is no word at all."""
    return not word.isalpha() or word in ordinary or word.removesuffix("s") in ordinary


def _nearest(index: Index, word: str, ordinary: frozenset[str]) -> str | None:
    """Return the name within reach of a word, or None; a name itself is not misspelt."""
    if len(word) < COLLAPSED_MIN or word in index.names or is_ordinary(word, ordinary):
        return None
    reach = 1 if len(word) < _TWO_EDITS_FROM else 2
    candidates: list[str] = []
    for length in range(len(word) - reach, len(word) + reach + 1):
        candidates.extend(index.near.get((word[0], length), ()))
    if not candidates:
        return None
    best = process.extractOne(word, candidates, scorer=OSA.distance, score_cutoff=reach)
    # A plural is found as it stands; what is left of a name by a lost last letter is no name.
    return best[0] if best is not None and best[0] != word.removesuffix("s") else None


def _word_by_word(index: Index, part: Sequence[Token], ordinary: frozenset[str]) -> str | None:
    """Return the name of several words of which at least one is misspelt."""
    initials = "".join(token.text[0] for token in part)
    for name in index.phrases.get(initials, ()):
        wrong = [(t.text, word) for t, word in zip(part, name, strict=True) if t.text != word]
        if wrong and all(_one_edit(text, word, ordinary) for text, word in wrong):
            return "".join(name)
    return None


def _one_edit(text: str, word: str, ordinary: frozenset[str]) -> bool:
    if min(len(text), len(word)) < _WORD_EDIT_FROM or is_ordinary(text, ordinary):
        return False
    return text != word + "s" and OSA.distance(text, word, score_cutoff=1) <= 1


def misspelt_kana(index: Index, view: View) -> Iterator[Hit]:
    """Yield katakana words that differ from a name in voicing, long marks, small kana or a typo."""
    for run in KATAKANA_RUN.finditer(view.text):
        key = _kana_key(index, canonical(run.group(0)))
        if key is None:
            continue
        # The dictionary holds some variant spellings of names, so of an equal sound only common
        # nouns and places are ordinary; of a near one every word is.
        if ordinary_kana(run.group(0), key != canonical(run.group(0))):
            continue
        yield Hit(index.kana[key], view.span(*run.span()), "misspelt", True, True)


def _kana_key(index: Index, plain: str) -> str | None:
    if plain in index.kana:
        return plain
    if len(plain) < _KANA_EDIT_FROM:
        return None
    candidates: list[str] = []
    for length in range(len(plain) - 1, len(plain) + 2):
        candidates.extend(index.kana_by_length.get(length, ()))
    best = process.extractOne(plain, candidates, scorer=OSA.distance, score_cutoff=1)
    return best[0] if best is not None and len(best[0]) >= _KANA_EDIT_FROM else None
