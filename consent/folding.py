"""How two spellings of the same words are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Characters that are drawn as nothing although Unicode counts them as marks or letters: somebody
# who wants to get a forbidden word past the comparison would put them inside it.
_INVISIBLE: Final = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)


def fold(text: str) -> str:
    """`text` without the differences that a listener does not hear.

    Compatibility forms and case are unified (NFKC, case folding), what is not visible (control and
    format characters, variation selectors, fillers) is dropped, and runs of white space become one
    blank.
    """
    text = " ".join(text.split())
    if text.isascii() and text.isprintable():
        return text.casefold()
    visible = "".join(c for c in text if not _hidden(c))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return " ".join("".join(c for c in folded if not _hidden(c)).split())


def _hidden(character: str) -> bool:
    return character in _INVISIBLE or unicodedata.category(character) in {"Cc", "Cf"}


def heard(text: str) -> str:
    """`text` as a list of forbidden words is compared with it: letters and digits, words apart.

    Beyond `fold`, marks on letters that are not kana are dropped (é is e), katakana becomes
    hiragana, apostrophes are dropped, and any other punctuation, symbol, underscore or white space
    becomes one blank.

    It compares spellings, not sounds. Homophones ("two", "2", "to"), the kana of a kanji, letters
    of another alphabet that look alike, long vowels written otherwise (おー, おお), misspellings,
    and a single word that is spelled out or cut in two ("v-o-t-e") are not heard. Marks that are
    vowels in the scripts of India and South-East Asia are dropped too, so there words that differ
    only in them are taken for the same.
    """
    out: list[str] = []
    for character in unicodedata.normalize(
        "NFD", _SPACED_VOICING.sub(r"\1", fold(text.replace("´", "'")))
    ):
        if unicodedata.category(character) in {"Mn", "Me"}:
            _voice(out, character)
        elif character in _APOSTROPHES:
            continue
        else:
            plain = unicodedata.category(character)[0] in "PSZ"
            out.append(" " if plain else character.translate(_TO_HIRAGANA))
    return " ".join(unicodedata.normalize("NFC", "".join(out)).split())


_APOSTROPHES: Final = frozenset("'’‘‛ʼʹ′`´ˈ＇\u02bb\u02bd")
# A voicing mark that stands by itself is folded to a blank and the combining mark.
_SPACED_VOICING: Final = re.compile(" ([\u3099\u309a])")
_VOICING: Final = frozenset("\u3099\u309a")
_TO_HIRAGANA: Final = {
    code: code - 0x60 for code in (*range(0x30A1, 0x30F7), *range(0x30FD, 0x30FF))
}
_UNSPACED: Final = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)


def _voice(out: list[str], mark: str) -> None:
    """Join a voicing mark to the kana before it; every other mark is dropped."""
    if out and mark in _VOICING:
        joined = unicodedata.normalize("NFC", out[-1] + mark)
        if len(joined) == 1:
            out[-1] = joined


@dataclass(frozen=True, kw_only=True, slots=True)
class Speech:
    """What is said in a clip, prepared once for the comparison with many terms."""

    folded: str
    heard: str
    joined: str
    """As `heard`, without blanks."""

    @classmethod
    def of(cls, text: str) -> Speech:
        """Prepare the text of what is said."""
        sound = heard(text)
        return cls(folded=fold(text), heard=sound, joined=sound.replace(" ", ""))

    def says(self, term: str) -> bool:
        """Whether the term is said, by itself or inside a longer word.

        - A term that stands there as folded is said, and so is one that folds to nothing.
        - A term in Japanese or Chinese script, or of several words, is said wherever its letters
          follow each other, whatever stands between: "as is" is then said in "basis" too.
        - Of a term that begins or ends with a sign ("C++") only whole words are compared beyond the
          folded spelling; a term of signs alone has nothing more to compare.
        """
        prepared = _prepared(term)
        if prepared.plain in self.folded:
            return True
        if prepared.unspaced is not None:
            return prepared.unspaced in self.joined
        sound = prepared.sound
        if prepared.inside_words:
            return bool(sound) and sound in self.heard
        return bool(sound) and f" {sound} " in f" {self.heard} "


@dataclass(frozen=True, kw_only=True, slots=True)
class _Term:
    """A term as it is compared."""

    plain: str
    sound: str
    unspaced: str | None
    """Its letters, where they are said wherever they follow each other; else None."""
    inside_words: bool
    """Whether it is said inside a longer word too."""


# Pure, so what was prepared may be remembered: a consent's terms are compared again and again.
@lru_cache(maxsize=4096)
def _prepared(term: str) -> _Term:
    plain, sound = fold(term), heard(term)
    joined = " " in sound or _UNSPACED.search(sound) is not None
    return _Term(
        plain=plain,
        sound=sound,
        unspaced=sound.replace(" ", "") if joined else None,
        inside_words=bool(plain) and plain[0].isalnum() and plain[-1].isalnum(),
    )
