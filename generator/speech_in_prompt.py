"""Who is named in a prompt, what they do and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.scene import MAX_LINES, Lang, Line

_QUOTES = re.compile(r"「([^「」]+)」|『([^『』]+)』|“([^“”]+)”|\"([^\"]+)\"")
_HANDLE = re.compile(r"[@＠]([A-Za-z0-9_][A-Za-z0-9_.-]*[A-Za-z0-9_]|[A-Za-z0-9_])")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f]")
_JOINED = re.compile(r"[\s,、&＆+・]*(?:and|with|と|や)?[\s,、]*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A handle in the prompt and where it stands, in characters."""

    handle: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """Something said in the prompt and where its quotation begins."""

    text: str
    start: int


def language(text: str) -> Lang:
    """Return `ja` where the text holds any Japanese letter, else `en`."""
    return "ja" if _JAPANESE.search(text) else "en"


def quotes(prompt: str) -> tuple[Quote, ...]:
    """Return the quoted speech in order; empty quotations are left out."""
    found = []
    for match in _QUOTES.finditer(prompt):
        text = next(group for group in match.groups() if group is not None).strip()
        if text:
            found.append(Quote(text=text, start=match.start()))
    return tuple(found)


def without_quotes(prompt: str) -> str:
    """Blank the quoted speech, so that what is said does not decide where it is said."""
    return _QUOTES.sub(lambda match: " " * len(match.group()), prompt)


def mentions(prompt: str) -> tuple[Mention, ...]:
    """Return the handles outside quotations, lower case, in order."""
    return tuple(
        Mention(handle=match.group(1).lower(), start=match.start(), end=match.end())
        for match in _HANDLE.finditer(without_quotes(prompt))
    )


def clauses(plain: str, found: Sequence[Mention]) -> Mapping[str, str]:
    """Return for each handle the text that follows it up to the next one.

    Handles that are only joined ("@a and @b walk") share what follows the last of them.
    """
    out: dict[str, str] = {}
    text = ""
    for k in range(len(found) - 1, -1, -1):
        end = found[k + 1].start if k + 1 < len(found) else len(plain)
        between = plain[found[k].end : end]
        if k + 1 == len(found) or not _JOINED.fullmatch(between):
            text = between
        out[found[k].handle] = text + " " + out.get(found[k].handle, "")
    return out


def speakers(
    said: Iterable[Quote], found: Sequence[Mention], handles: Sequence[str]
) -> tuple[dict[str, tuple[Line, ...]], list[str]]:
    """Give each quotation to the handle before it, or else to the one after it.

    Returns:
        Lines per handle, and a line of explanation for every quotation that nobody could say.
    """
    lines: dict[str, list[Line]] = {handle: [] for handle in handles}
    notes: list[str] = []
    for quote in said:
        who = _speaker(quote, found, handles)
        if who is None:
            notes.append(f"Nobody in the cast can say {quote.text!r}; it is left out.")
        elif len(lines[who]) >= MAX_LINES:
            notes.append(f"@{who} says at most {MAX_LINES} lines; {quote.text!r} is left out.")
        else:
            lines[who].append(Line(text=quote.text, lang=language(quote.text)))
    return {handle: tuple(spoken) for handle, spoken in lines.items()}, notes


def _speaker(quote: Quote, found: Sequence[Mention], handles: Sequence[str]) -> str | None:
    known = [mention for mention in found if mention.handle in handles]
    before = [mention.handle for mention in known if mention.start < quote.start]
    if before:
        return before[-1]
    after = [mention.handle for mention in known]
    if after:
        return after[0]
    return handles[0] if handles else None
