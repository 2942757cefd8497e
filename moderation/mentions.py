"""Mentions: which places of a text read as `@handle`, and what stands there where they do not.

The same reading serves whoever resolves handles and the text path, so no `@word` can be a reference
to the one and a name to the other: what is not among the handles given is ordinary text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from moderation.characters import ASIAN, fold_char
from moderation.decision import Span
from moderation.views import View

# Scripts that write no blank between words: what stands there before or after a handle is another
# word (海辺で@aliceが踊る). Letters of other scripts belong to the word that they touch.
_UNSPACED = f"{ASIAN}\u2e80-\u3004\uf900-\ufaff\uff65-\uff9f\U00020000-\U0003ffff"
_SIGN = re.compile(rf"(?<![^\W{_UNSPACED}])[@＠](?=[0-9A-Za-z_０-９Ａ-Ｚａ-ｚ＿])")
_LOOSE_SIGN = re.compile("[@＠﹫]")
_LETTER = re.compile(rf"[^\W{_UNSPACED}]")
_INNER = frozenset(".-．－")
_BLANK = _INNER | frozenset("_＿")


def mentions(text: str) -> list[tuple[Span, str]]:
    """Return every place that reads as a mention, and the name there, NFKC and casefolded.

    A mention is a @ or ＠ with no letter, digit or underscore of a spaced script before it, and the
    whole word after it: letters, digits, `_`, and `.` and `-` inside. The word begins with
    an ASCII letter, digit or underscore (or the wide form of one); it is given whole even where it
    is longer than a handle can be, or goes on with letters, marks or invisible characters that no
    handle has. Such a name resolves to nobody, and cutting it would make it resolve to somebody.

    Args:
        text: a prompt or a spoken line.

    Returns:
        `((start, end), name)` in order of place, in code points of the text, the @ included.
    """
    found: list[tuple[Span, str]] = []
    for match in _SIGN.finditer(text):
        end = _word_end(text, match.end())
        name = unicodedata.normalize("NFKC", text[match.end() : end]).casefold()
        found.append(((match.start(), end), unicodedata.normalize("NFKC", name)))
    return found


def references(text: str, handles: Collection[str]) -> list[Span]:
    """Return where those handles are mentioned; a handle may be given in any case, with a @."""
    known = {unicodedata.normalize("NFKC", h).strip().removeprefix("@").casefold() for h in handles}
    return [span for span, name in mentions(text) if name in known] if known else []


def spelled_out(text: str) -> View | None:
    """Return the text with every `@word` as words, `@TaylorSwift_13` as `Taylor Swift 13`.

    The @ and what is invisible are dropped, `_`, `.` and `-` become blanks, and a blank is put
    before a capital inside a word and between letters and digits. Words run together in lower
    case stay so.

    Args:
        text: a text whose references are blanked out already.

    Returns:
        The view, its text neither folded nor lower case; None where no @ stands before a word.
    """
    out: list[str] = []
    at: list[int] = []
    done = 0
    for match in _LOOSE_SIGN.finditer(text):
        end = _word_end(text, match.end())
        if end == match.end():
            continue
        out.extend(text[done : match.start()])
        at.extend(range(done, match.start()))
        if out and (out[-1].isalnum() or out[-1] == "_"):
            out.append(" ")
            at.append(match.start())
        word = [i for i in range(match.end(), end) if fold_char(text[i])]
        for number, index in enumerate(word):
            if number and _begins_word("".join(text[i] for i in word[number - 1 : number + 2])):
                out.append(" ")
                at.append(index)
            out.append(" " if text[index] in _BLANK else text[index])
            at.append(index)
        done = end
    if not done:
        return None
    out.extend(text[done:])
    at.extend(range(done, len(text)))
    return View(text="".join(out), starts=at, ends=[i + 1 for i in at])


def _word_end(text: str, start: int) -> int:
    """Return where the word ends that begins there; closing signs are not part of it."""
    end = start
    while end < len(text) and _goes_on(text[end]):
        end += 1
    while end > start and (text[end - 1] in _INNER or not fold_char(text[end - 1])):
        end -= 1
    return end


def _goes_on(ch: str) -> bool:
    if _LETTER.match(ch) or ch in _INNER:
        return True
    return not ch.isspace() and not fold_char(ch)


def _begins_word(around: str) -> bool:
    """Return whether the second of two or three neighbouring characters begins a word."""
    before, here, after = around[0], around[1], around[2:]
    if before.isdecimal() != here.isdecimal():
        return before.isalnum() and here.isalnum()
    if not here.isupper():
        return False
    return before.islower() or (before.isupper() and after.islower())
