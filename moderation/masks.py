"""Names with letters blotted out: `p*kachu`, ピカ●ュウ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.characters import ASIAN
from moderation.decision import Span
from moderation.hits import Hit
from moderation.index import Index
from moderation.japanese import hiragana
from moderation.views import View

_MASK = "*○〇●◯◎×✕■□◆◇☆★_#?◌\ufffd"
_IS_MASK = re.compile(f"[{_MASK}]")
_LATIN = re.compile(f"[a-z{_MASK}-]+")
_ASIAN_RUN = re.compile(f"[{ASIAN}{_MASK}]+")
_MAX_NAME = 30
_MAX_ASIAN = 12


def latin_masks(index: Index, view: View, original: str) -> Iterator[Hit]:
    """Yield names of which a word, or up to three neighbours, show enough letters."""
    if not _IS_MASK.search(view.text):
        return
    chunks = list(_LATIN.finditer(view.text))
    for first in range(len(chunks)):
        text = ""
        for last in range(first, min(first + 3, len(chunks))):
            text += chunks[last].group(0).replace("-", "")
            hit = _masked_word(index, text)
            if hit is not None:
                span = view.span(chunks[first].start(), chunks[last].end())
                name = index.names[hit]
                strong = name.alias.strength == "strong" or original[span[0]].isupper()
                yield Hit(name, span, "masked", strong, original[span[0]].isupper())


def _masked_word(index: Index, text: str) -> str | None:
    if len(text) > _MAX_NAME or not _IS_MASK.search(text):
        return None
    for form in (text, text.strip("*_?#")):
        seen = sum(c.isalpha() for c in form)
        if seen < len(form) and seen >= max(3, (len(form) + 1) // 2):
            name = _shaped(index, form)
            if name in index.names:
                return name
    return None


def _shaped(index: Index, form: str) -> str | None:
    """Return a name that shows the form's visible characters at their places."""
    first = next(i for i, c in enumerate(form) if not _IS_MASK.match(c))
    for name in index.shape.get((len(form), first, form[first]), ()):
        if all(a == b or _IS_MASK.match(a) for a, b in zip(form, name, strict=True)):
            return name
    return None


def asian_masks(index: Index, view: View) -> Iterator[Hit]:
    """Yield names in an Asian script with some characters blotted out."""
    if not _IS_MASK.search(view.text):
        return
    for run in _ASIAN_RUN.finditer(hiragana(view.text)):
        if not _IS_MASK.search(run.group(0)):
            continue
        for place, key in _masked_runs(index, run.group(0)):
            span: Span = view.span(run.start() + place, run.start() + place + len(key))
            yield Hit(index.asian_names[key], span, "masked", True, True)


def _masked_runs(index: Index, run: str) -> Iterator[tuple[int, str]]:
    marks = [i for i, c in enumerate(run) if _IS_MASK.match(c)]
    for length in range(3, _MAX_ASIAN + 1):
        for place in sorted({m - k for m in marks for k in range(length)}):
            part = run[place : place + length] if place >= 0 else ""
            seen = sum(not _IS_MASK.match(c) for c in part)
            if len(part) == length and max(2, (length + 1) // 2) <= seen < length:
                key = _shaped(index, part)
                if key in index.asian_names:
                    yield place, key
