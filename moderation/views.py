"""Views of a text that undo disguises, each with a map back to the original code points."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from anyascii import anyascii

from moderation.characters import ASIAN, KANA_MARKS, fold_char
from moderation.decision import Span

_NOT_ASCII_ALPHABETS = re.compile("[\u0370-\u052f]")
_TOKEN = re.compile(f"[^\\W_{ASIAN}]+(?:'[^\\W_{ASIAN}]+)*")
_LEET_CHUNK = re.compile(r"[a-z0-9@$!|+€£¡]+")
_LEET = str.maketrans("01345789@$!|+€£¡62", "oieastbgasiiteligz")
_MEASURE = re.compile(r"\d+(?:st|nd|rd|th|s|k|p|d|x|fps|mm|cm|km|m|ft|h|am|pm|x\d+)?|[a-z]\d{1,2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A text as one reading sees it.

    Attributes:
        text: the text of this reading.
        starts: per character of `text`, the first original code point that it stands for.
        ends: per character of `text`, one past the last original code point.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """Return the original code points `[start, end)` behind a non-empty part of the view."""
        return self.starts[start], self.ends[end - 1]

    def keep(self, indices: Sequence[int]) -> View:
        """Return the view of only those characters, in that order."""
        return View(
            text="".join(self.text[i] for i in indices),
            starts=[self.starts[i] for i in indices],
            ends=[self.ends[i] for i in indices],
        )

    def with_text(self, text: str) -> View:
        """Return the same map under another text of the same length."""
        return View(text=text, starts=self.starts, ends=self.ends)


class Token(NamedTuple):
    """A word of a view: its text, its original span, and whether it begins with a capital."""

    text: str
    start: int
    end: int
    capital: bool


def fold(text: str) -> View:
    """Return the text without invisibles, look-alikes, marks, width or case."""
    if text.isascii():
        return View(text=text.lower(), starts=range(len(text)), ends=range(1, len(text) + 1))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for index, ch in enumerate(text):
        for part in fold_char(ch):
            if part in KANA_MARKS:
                _compose(out, ends, part, index)
                continue
            out.append(part)
            starts.append(index)
            ends.append(index + 1)
    return View(text="".join(out), starts=starts, ends=ends)


def _compose(out: list[str], ends: list[int], mark: str, index: int) -> None:
    """Join a voicing mark to the kana before it; a mark that joins nothing is dropped."""
    if not out:
        return
    joined = unicodedata.normalize("NFC", out[-1] + mark)
    if len(joined) == 1:
        out[-1] = joined
        ends[-1] = index + 1


def transliterate(text: str) -> View | None:
    """Return Cyrillic and Greek letters by their sound; None when the text has none."""
    if not _NOT_ASCII_ALPHABETS.search(text):
        return None
    out: list[str] = []
    indices: list[int] = []
    for index, ch in enumerate(text):
        known = _NOT_ASCII_ALPHABETS.match(ch) is not None
        for part in anyascii(ch).lower() if known else fold_char(ch):
            out.append(part)
            indices.append(index)
    return View(text="".join(out), starts=indices, ends=[i + 1 for i in indices])


def unleet(view: View) -> list[View]:
    """Return readings of words that mix letters with digits or signs; empty when there are none.

    A `1`, `|` or `!` reads as `i` in one and as `l` in the other.
    """
    plain = _LEET_CHUNK.sub(lambda m: _unleet_chunk(m.group(0), "i"), view.text)
    if plain == view.text:
        return []
    other = _LEET_CHUNK.sub(lambda m: _unleet_chunk(m.group(0), "l"), view.text)
    return [view.with_text(plain)] + ([view.with_text(other)] if other != plain else [])


def _unleet_chunk(chunk: str, one: str) -> str:
    core = chunk.strip("!|+")
    mixed = any(c.isalpha() for c in core) and not core.isalpha()
    if not mixed or _MEASURE.fullmatch(core):
        return chunk
    if one == "l":
        core = core.replace("1", "l").replace("|", "l").replace("!", "l")
    begin = chunk.index(chunk.strip("!|+"))
    return chunk[:begin] + core.translate(_LEET) + chunk[begin + len(core) :]


def tokens(view: View, original: str) -> list[Token]:
    """Return the non-Asian words of a view; apostrophes and a possessive `'s` are dropped."""
    found: list[Token] = []
    for match in _TOKEN.finditer(view.text):
        word = match.group(0)
        if "'" in word:
            word = word.removesuffix("'s").replace("'", "")
        start, end = view.span(match.start(), match.end())
        found.append(Token(word, start, end, original[start].isupper()))
    return found


def without(text: str, spans: Sequence[Span]) -> str:
    """Return the text with those spans blanked out, at the same length."""
    for start, end in spans:
        text = text[:start] + "\ufffd" * (end - start) + text[end:]
    return text
