"""The one adapter to SudachiPy, the Japanese morphological analyser."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any, NamedTuple

from moderation.errors import AnalyserUnavailableError

# Sudachi refuses inputs above 49,149 bytes; a smaller piece also bounds the time of one call.
_PIECE = 4000


class Morpheme(NamedTuple):
    """A word as the analyser cuts it: text, place, parts of speech, in dictionary."""

    text: str
    start: int
    end: int
    kind: tuple[str, ...]
    known: bool


_local = threading.local()


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    from sudachipy import dictionary  # noqa: PLC0415 (150 ms and 100 MB, only for Japanese text)

    return dictionary.Dictionary(dict="core")


def _tokenizer() -> Any:
    """Return this thread's tokenizer: Sudachi's are not safe to share."""
    tokenizer = getattr(_local, "tokenizer", None)
    if tokenizer is None:
        from sudachipy import SplitMode  # noqa: PLC0415

        tokenizer = _dictionary().tokenizer(SplitMode.C)
        _local.tokenizer = tokenizer
    return tokenizer


def analyse(text: str) -> list[Morpheme]:
    """Return the morphemes of a text without lone surrogates.

    Raises:
        AnalyserUnavailableError: the dictionary is missing, or the library failed.
    """
    found: list[Morpheme] = []
    for base in range(0, len(text), _PIECE):
        piece = text[base : base + _PIECE]
        try:
            cut = list(_tokenizer().tokenize(piece))
        except Exception as error:
            raise AnalyserUnavailableError(type(error).__name__) from error
        found.extend(_morpheme(m, base) for m in cut)
    return found


def _morpheme(m: Any, base: int) -> Morpheme:
    kind = tuple(m.part_of_speech())
    return Morpheme(m.surface(), base + m.begin(), base + m.end(), kind, not m.is_oov())


@lru_cache(maxsize=4096)
def ordinary(word: str, proper: bool) -> bool:
    """Return whether a short Japanese word is made of dictionary words only.

    Args:
        word: a run of one script.
        proper: whether proper nouns other than places count as ordinary too.
    """
    return all(m.known and (proper or not _is_proper(m)) for m in analyse(word))


def _is_proper(morpheme: Morpheme) -> bool:
    return morpheme.kind[1] == "固有名詞" and morpheme.kind[2] != "地名"
