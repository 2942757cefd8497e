"""What a wish in a person's own words can be read as: a small grammar, English and Japanese.

A wish is read only where one of the patterns fits all of it, from the first word to the last. A
reading that is less than the wish would let through what the person ruled out, so one word too many
("no politics on Sundays", "never say bad words") leaves the wish unread, and a person judges.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from consent.folding import fold
from consent.lexicon import ADJECTIVES, ENGLISH, JAPANESE, SCENES
from consent.vocabulary import RestrictionClass

_LONGEST_TERM: Final = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A wish and what it compiles to; all parts are empty where it was not read."""

    wish: str
    classes: frozenset[RestrictionClass] = frozenset()
    never_say: tuple[str, ...] = ()
    apart_from_handles: tuple[str, ...] = ()
    """Handles without ``@``; who they are is not known here."""
    wear: str | None = None
    """What is always to be worn. No picture is tested for it yet, so it needs a judge as well."""


def read_wish(wish: str) -> Reading:
    """Read one wish. Total: what is not understood comes back unread.

    Args:
        wish: The person's own words.

    Returns:
        The parts of exactly one pattern, or none.
    """
    text = _FULL_STOP.sub("", " ".join(unicodedata.normalize("NFKC", wish).split()))
    for pattern in (_classes, _never_say, _apart, _wear):
        reading = pattern(wish, text)
        if reading is not None:
            return reading
    return Reading(wish=wish)


# One, for three dots say that more is meant.
_FULL_STOP: Final = re.compile(r" ?(?:\.|。|!{1,3})\Z")

_LEAD: Final = re.compile(
    r"(?:please,? )?(?:absolutely |strictly )?"
    r"(?:no|without(?: any)?|avoid(?: any)?|nothing about|never any|neither|nothing"
    r"|i (?:do not|don['’]t) want(?: any)?) "
)
_TAIL: Final = re.compile(
    r"(?:,? (?:please|at all|ever|whatsoever|allowed|in (?:my|any) (?:clips?|videos?)))+"
)
_AND: Final = re.compile(r",? (?:and|or|nor) |, | ?/ ?| & ")
_JA_TAIL: Final = re.compile(
    r"(?:は|も|を)? ?(?:絶対に)?(?:なし|無し|ナシ|禁止|ng|不可|だめ|ダメ|駄目|出さない|入れない|"
    r"やめて|避けて|しないで|出さないで|入れないで)(?:です|にして|で)?(?:お願いします|ください|下さい)?"
)
_JA_AND: Final = re.compile(r"[・、,/]|および|又は|または|も(?=.)|と(?=.)")
_JA_SCENE: Final = re.compile(
    r"(?:の|的な)?(?:内容|話|話題|場面|シーン|描写|要素|コンテンツ|ネタ)?"
)


def _classes(wish: str, text: str) -> Reading | None:
    """Classes of content: "no politics", "neither alcohol nor tobacco", 政治はなし ."""
    plain = text.casefold()
    lead = _LEAD.match(plain)
    found = _english(plain[lead.end() :], lead[0]) if lead else _japanese(plain)
    return Reading(wish=wish, classes=frozenset(found)) if found else None


def _english(body: str, lead: str) -> list[RestrictionClass] | None:
    tail = re.search(_TAIL.pattern + r"\Z", body)
    items = _AND.split(body[: tail.start()] if tail else body)
    if lead.endswith("nothing "):  # "nothing political": an adjective alone
        return _each(items, ADJECTIVES.get)
    return _each((item.removeprefix("no ") for item in items), _english_term)


def _english_term(item: str) -> RestrictionClass | None:
    adjective, _, scene = item.rpartition(" ")
    return ENGLISH.get(item) or (ADJECTIVES.get(adjective) if scene in SCENES else None)


def _japanese(text: str) -> list[RestrictionClass] | None:
    tail = re.search(_JA_TAIL.pattern + r"\Z", text)
    return _each(_JA_AND.split(text[: tail.start()]), _japanese_term) if tail else None


def _japanese_term(item: str) -> RestrictionClass | None:
    item = item.strip()
    known = (name for name in JAPANESE if item.startswith(name))
    name = next((n for n in known if _JA_SCENE.fullmatch(item[len(n) :])), None)
    return None if name is None else JAPANESE[name]


def _each(
    items: Iterable[str], of: Callable[[str], RestrictionClass | None]
) -> list[RestrictionClass] | None:
    """The class of every item, or None where one of them has none."""
    found = [of(item) for item in items]
    return None if None in found else [each for each in found if each is not None]


# A term that must not be said is read in quotes only, or as one word after "the word": without
# them "never say bad words" would forbid those two words and let every bad word pass.
_QUOTED: Final = r"(?:\"[^\"]+\"|'[^']+'|“[^”]+”|‘[^’]+’|«[^»]+»|「[^」]+」|『[^』]+』)"
_EN_SAY: Final = re.compile(
    r"(?:please,? )?(?:i (?:must |should |will )?)?(?:never|do not|don['’]t)"
    r"(?: (?:ever|let me|make me|have me))* say "
    rf"(?:(?:the (?:words?|phrases?) )?({_QUOTED}(?:,? (?:and|or) {_QUOTED}|, {_QUOTED})*)"
    r"|the word (\w+))(?: please| at all| ever)?",
    re.IGNORECASE,
)
_JA_SAY: Final = re.compile(
    rf"(?:絶対に|決して)?({_QUOTED}(?:(?:と|、|・)?{_QUOTED})*)(?:という(?:言葉|単語|フレーズ))?"
    r"(?:は|とは|を|と)?(?:絶対に|決して)?"
    r"(?:言わない|言わないで|言わせない|言わせないで|言うな|言ってはいけない|言ってはならない)"
    r"(?:ください|下さい|ほしい|欲しい)?"
)
_MASKS: Final = frozenset("*#_~%$@^=+|<>[]{}\\/〜○◯〇●◎×✕☆★■□▲△")


def _never_say(wish: str, text: str) -> Reading | None:
    """Terms: never say "X", 「X」と言わない ."""
    found = _EN_SAY.fullmatch(text) or _JA_SAY.fullmatch(text)
    if found is None:
        return None
    quoted = re.findall(_QUOTED, found[1] or "")
    terms = tuple(q[1:-1].strip() for q in quoted) or (found[2],)
    return Reading(wish=wish, never_say=terms) if all(map(_is_spelled, terms)) else None


def _is_spelled(term: str) -> bool:
    """Whether a term is written as it is said: "f***", ○○ and "..." stand for other words."""
    return (
        len(term) <= _LONGEST_TERM
        and term.isprintable()
        and bool(fold(term))
        and any(character.isalnum() for character in term)
        and _MASKS.isdisjoint(term)
    )


_HANDLE: Final = r"@[0-9a-z][0-9a-z_.-]{0,39}"
_EN_APART: Final = re.compile(
    r"(?:please,? )?(?:(?:(?:never|not)(?: ever)?(?: together)?(?: in (?:one|a|the same) "
    r"(?:clip|video))?|(?:do not|don['’]t|never) (?:show|put) me(?: together)?|no (?:clips|videos))"
    r" with|(?:keep me |stay )?apart from) "
    rf"({_HANDLE}(?:(?:,? (?:and|or) |, ){_HANDLE})*)"
    r"(?: in (?:one|a|the same|any) (?:clip|video))?"
)
_JA_APART: Final = re.compile(
    rf"({_HANDLE}(?: ?(?:と|、|・) ?{_HANDLE})*) ?"
    r"(?:(?:とは|と)(?:絶対に)?(?:一緒に(?:出さない|出ない|しない|映さない|映らない)|共演(?:しない|させない))"
    r"(?:で)?|との共演は?(?:なし|無し|禁止|ng|不可|しない)|と一緒は(?:なし|無し|禁止|ng|不可))"
    r"(?:です|で)?(?:お願いします|ください|下さい|ほしい|欲しい)?"
)


def _apart(wish: str, text: str) -> Reading | None:
    """People not to appear with: "not with @bob", @bobとは共演しない ."""
    plain = text.casefold()
    found = _EN_APART.fullmatch(plain) or _JA_APART.fullmatch(plain)
    if found is None:
        return None
    handles = dict.fromkeys(name[1:] for name in re.findall(_HANDLE, found[1]))
    return Reading(wish=wish, apart_from_handles=tuple(handles))


_EN_WEAR: Final = re.compile(
    r"(?:please,? )?(?:i )?(?:must )?always "
    r"(?:wear|show me (?:wearing|in)|dress me in|have me wear|make me wear) (.{1,120})",
    re.IGNORECASE,
)
_JA_WEAR: Final = re.compile(
    r"(?:いつも|常に|必ず)(.{1,60}?)(?:を|の)"
    r"(?:かぶ|被|かけ|掛け|着|身につけ|身に着け|つけ|付け|履|はい|締め)[ぁ-ん用]{0,12}"
)


def _wear(wish: str, text: str) -> Reading | None:
    """Clothing: "always wear a hat", いつも帽子をかぶる ."""
    found = _EN_WEAR.fullmatch(text) or _JA_WEAR.fullmatch(text)
    return None if found is None else Reading(wish=wish, wear=found[1])
