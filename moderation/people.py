"""Names of real people that no list holds.

A name in a prompt must resolve to a consenting cameo of the request; whatever else looks like the
full name of a person is refused. Because consent allows, and not a list of the famous, the list of
known people need not be complete.

Decided, and kept in `knowledge/allowed.toml`: people of history who have been dead for more than
70 years (Hokusai, Lincoln, 織田信長) and figures of the public domain (Cinderella, Robin Hood, Mona
Lisa) are allowed by name; the later dead are treated like the living. A surname alone or a given
name alone identifies nobody and passes, unless an office stands before it ("President Smith") or
after it (田中首相).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from moderation.analyser import Morpheme, analyse
from moderation.decision import Span
from moderation.japanese import script
from moderation.knowledge.model import NameLists
from moderation.views import Token, View

_JA_OFFICES = frozenset(
    {
        *("総理", "首相", "大統領", "議員", "選手", "監督", "知事", "大臣", "総裁", "氏", "投手"),
        *("騎手", "横綱", "容疑者", "被告", "市長", "都知事"),
    }
)
_PERSON = ("名詞", "固有名詞", "人名")
_SHORT_HAN = 12
# Characters that Japanese does not write so, or not in a text without kana.
_CHINESE = frozenset("的这个们吗呢吧啊只没说为从对时头过还进里动在")
_SMALL_WORDS = frozenset(
    (
        "de",
        "da",
        "di",
        "du",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "del",
        "bin",
        "al",
        "el",
        "ibn",
    )
)


class PersonName(NamedTuple):
    """A span of the original text that reads as a person's name, and the name folded."""

    span: Span
    folded: str


def english_names(original: str, tokens: Sequence[Token], names: NameLists) -> Iterator[PersonName]:
    """Yield a known given name with a capitalised surname, and an office with a name."""
    titled = _is_titled(tokens)
    for first, token in enumerate(tokens):
        if not token.capital:
            last = _lower_case(tokens, first, original, names)
        elif token.text in names.titles:
            last = _office(tokens, first, original, names)
        else:
            last = _full_name(tokens, first, original, names, titled=titled)
            if last is None and not titled:
                last = _rare_given(tokens, first, original, names)
        if last is not None:
            part = tokens[first : last + 1]
            text = " ".join(t.text for t in part)
            yield PersonName((token.start, part[-1].end), text)


def _is_titled(tokens: Sequence[Token]) -> bool:
    """Return whether capitals say nothing because nearly every word has one."""
    words = [t for t in tokens if len(t.text) > 3]
    return len(words) > 3 and sum(t.capital for t in words) * 10 >= len(words) * 8


def _near(original: str, left: Token, right: Token) -> bool:
    return original[left.end : right.start] in {" ", ". ", "-", "\u00a0", "  "}


def _full_name(
    tokens: Sequence[Token], first: int, original: str, names: NameLists, *, titled: bool
) -> int | None:
    given = tokens[first].text
    if given not in names.given and given not in names.given_words:
        return None
    last = first + 1
    while last < len(tokens) and _middle(tokens, last, names):
        last += 1
    if last >= len(tokens) or not _chain(original, tokens, first, last):
        return None
    surname = tokens[last]
    if not surname.capital or len(surname.text) < 2 or not surname.text.isalpha():
        return None
    if _names_a_place(tokens, first, last, original, names):
        return None
    if surname.text in names.surnames:
        return last
    if titled or given in names.given_words or surname.text in names.not_surnames:
        return None
    return last


def _names_a_place(
    tokens: Sequence[Token], first: int, last: int, original: str, names: NameLists
) -> bool:
    """Return whether the words around say that a place or a thing bears the name.

    "Noah's Ark", "Dan Ryan Expressway", "Royal Albert Hall".
    """
    if original[tokens[first].start : tokens[first].end].casefold().endswith(("'s", "’s")):
        return True
    if last + 1 < len(tokens) and tokens[last + 1].capital:
        after = tokens[last + 1]
        if after.text in names.not_surnames and _near(original, tokens[last], after):
            return True
    before = first > 0 and tokens[first - 1].capital and tokens[first - 1].text != "the"
    return before and tokens[last].text in names.not_surnames


def _lower_case(tokens: Sequence[Token], first: int, original: str, names: NameLists) -> int | None:
    """Return where a name without capitals ends: both parts known, and neither of them a word."""
    given = tokens[first]
    if given.text not in names.given or given.text in names.words or first + 1 >= len(tokens):
        return None
    surname = tokens[first + 1]
    known = surname.text in names.surnames and surname.text not in names.words
    return first + 1 if known and _near(original, given, surname) else None


def _rare_given(tokens: Sequence[Token], first: int, original: str, names: NameLists) -> int | None:
    """Return where a name ends whose surname alone is known: a capital inside a sentence."""
    before = original[: tokens[first].start].rstrip(" \"'(“‘")
    if not before or before[-1] in ".!?:;\n" or first + 1 >= len(tokens):
        return None
    given, surname = tokens[first], tokens[first + 1]
    known = surname.text in names.surnames and surname.text not in names.not_surnames
    plain = given.text.isalpha() and len(given.text) > 2 and given.text not in names.not_given
    both = surname.capital and _near(original, given, surname)
    return first + 1 if known and plain and both else None


def _middle(tokens: Sequence[Token], index: int, names: NameLists) -> bool:
    """Return whether a word may stand between a given name and a surname."""
    text = tokens[index].text
    if text in _SMALL_WORDS or len(text) == 1:
        return True
    follows = index + 1 < len(tokens) and tokens[index + 1].capital
    return text in names.given and tokens[index].capital and follows


def _chain(original: str, tokens: Sequence[Token], first: int, last: int) -> bool:
    return last - first <= 3 and all(
        _near(original, tokens[i], tokens[i + 1]) for i in range(first, last)
    )


def _office(tokens: Sequence[Token], first: int, original: str, names: NameLists) -> int | None:
    last = first + 1
    if last >= len(tokens) or not _near(original, tokens[first], tokens[last]):
        return None
    name = tokens[last]
    known = name.text in names.surnames or name.text in names.given
    if not name.capital or (name.text in names.not_surnames and not known) or len(name.text) < 3:
        return None
    follows = last + 1 < len(tokens) and tokens[last + 1].capital
    if follows and known and _near(original, name, tokens[last + 1]):
        return last + 1
    return last


def reads_as_japanese(text: str) -> bool:
    """Return whether a text with Asian characters is Japanese, or too short to tell.

    The analyser knows Japanese only: in Chinese it finds names that are none.
    """
    scripts = {script(ch) for ch in text}
    if scripts & {"k", "h"}:
        return True
    han = sum(script(ch) == "n" for ch in text)
    return han <= _SHORT_HAN and not set(text) & _CHINESE


def japanese_names(view: View) -> Iterator[PersonName]:
    """Yield surname with given name, a name with an office, and foreign names joined by ・.

    Args:
        view: the folded text, separators still in it.

    Raises:
        AnalyserUnavailableError: the analyser is missing.
    """
    morphemes = analyse(view.text)
    for index, morpheme in enumerate(morphemes):
        end = _japanese_end(morphemes, index)
        if end is not None:
            begin = morpheme.start
            text = view.text[begin:end].replace(" ", "").replace("\u3000", "")
            yield PersonName(view.span(begin, end), text)


def _japanese_end(morphemes: Sequence[Morpheme], index: int) -> int | None:
    here = morphemes[index]
    if here.kind[:3] != _PERSON:
        return None
    rest = [m for m in morphemes[index + 1 : index + 4] if m.text.strip()]
    if not rest:
        return here.end if _whole_name(here) else None
    if here.kind[3] == "姓" and (end := _given_end(rest)) is not None:
        return end
    if rest[0].text in _JA_OFFICES and here.kind[3] != "名" and len(here.text) >= 2:
        return rest[0].end
    if rest[0].text in "・＝=·" and len(rest) > 1 and _foreign(here, rest[1]):
        return rest[1].end
    return here.end if _whole_name(here) else None


def _given_end(rest: Sequence[Morpheme]) -> int | None:
    """Return where a given name ends that follows a surname, one stray piece allowed inside."""
    if rest[0].kind[:3] == _PERSON and rest[0].kind[3] in {"名", "一般"}:
        return rest[0].end
    stray = len(rest[0].text) == 1 and script(rest[0].text) == "n"
    if stray and len(rest) > 1 and rest[1].kind[:3] == _PERSON and rest[1].kind[3] == "名":
        return rest[1].end
    return None


def _whole_name(morpheme: Morpheme) -> bool:
    """Return whether the dictionary holds the word as somebody's whole name in kanji."""
    kanji = sum(script(c) == "n" for c in morpheme.text)
    return morpheme.kind[3] == "一般" and len(morpheme.text) >= 4 and kanji >= 2


def _foreign(given: Morpheme, surname: Morpheme) -> bool:
    """Return whether two katakana words read as a name: the second is no common noun."""
    proper = surname.kind[1] == "固有名詞" or not surname.known
    return proper and _katakana(given) and _katakana(surname)


def _katakana(morpheme: Morpheme) -> bool:
    return len(morpheme.text) >= 2 and all(script(c) == "k" for c in morpheme.text)
