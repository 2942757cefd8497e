"""Tables of characters: what is invisible, what looks like a Latin letter, which script is Asian.

The look-alikes are a hand-picked part of what Unicode TR39 calls confusables. TR39 itself must not
be applied to Japanese: it turns ロ into 口 and ー into 一.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ASIAN = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
IS_ASIAN = re.compile(f"[{ASIAN}]")

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_LOOKALIKE_PAIRS = (
    # Cyrillic
    "аa бb вb гr дd еe ёe єe зe иn йn кk мm нh оo пn рp сc тt уy хx цu шw щw ьb ыb яr іi їi јj ѕs "
    "ԁd ԛq ԝw һh ӏl ґr ѵv ҝk үy қk ӓa ӧo "
    # Greek
    "αa βb γy δd εe ζz ηn θo ιi κk λa μm νv ξe οo πn ρp σo ςs τt υu φo χx ψy ωw ϲc ϳj "
    # Armenian
    "աw գq հh ոn սu օo ցg զq յj ղn ք8 "
    # Cherokee capitals
    "Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭵi Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꭱr Ꮪs Ꭲt Ꮩv Ꮃw Ꮓz "
    # Latin letters without a decomposition, and signs drawn like letters
    "ıi łl øo đd ðd þp ħh ŧt ɑa ɡg ɪi ʟl ɴn ʀr ʏy ɢg ꜰf ƅb ɩi ʋu ƒf ŋn ɐa ǝe ɔc ɯm ʍw ƨs ₽p ¢c ℮e "
    "’' ‘' ʼ' `' ´' ′' ‐- ‑- –- —- −-"
)
_LOOKALIKE = {pair[0]: pair[1] for pair in _LOOKALIKE_PAIRS.split()} | {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "゛": "\u3099",
    "゜": "\u309a",
}
_NAMED_LETTER = re.compile(
    r"(?:LATIN|REGIONAL INDICATOR SYMBOL|NEGATIVE|CROSSED|SQUARED|MATHEMATICAL|MODIFIER|TAG).*"
    r"LETTER (?:SMALL CAPITAL |SMALL |CAPITAL |TURNED |REVERSED |OPEN |SCRIPT |LONG |DOTLESS )*"
    r"([A-Z])(?: WITH .*)?$"
)
KANA_MARKS = "\u3099\u309a"


def _lookalike(ch: str) -> str:
    return _LOOKALIKE.get(ch, ch)


def _named(ch: str) -> str:
    """Return the letter that the character's name says it draws, else the character."""
    match = _NAMED_LETTER.match(unicodedata.name(ch, ""))
    return match.group(1).lower() if match else ch


def _bare(ch: str) -> str:
    """Return a compatibility-folded character without marks, as its look-alike."""
    if ch.isascii() or IS_ASIAN.match(ch) or ch in KANA_MARKS:
        return ch
    if ch in _LOOKALIKE:
        return _LOOKALIKE[ch]
    parts = (part for part in unicodedata.normalize("NFD", ch) if not _is_mark(part))
    return "".join(_named(_lookalike(part)) for part in parts)


def _is_mark(ch: str) -> bool:
    return unicodedata.category(ch) in {"Mn", "Me"} and ch not in KANA_MARKS


@lru_cache(maxsize=16384)
def fold_char(ch: str) -> str:
    """Return what a reader sees in one character: lower case, plain, or nothing if invisible.

    A lone surrogate becomes U+FFFD: no later step can encode it.
    """
    if _INVISIBLE.match(ch):
        return ""
    if "\ud800" <= ch <= "\udfff":
        return "\ufffd"
    first = _LOOKALIKE.get(ch) or unicodedata.normalize("NFKC", ch).casefold()
    return "".join(_bare(part) for part in first if not _is_mark(part) or IS_ASIAN.match(part))
