"""How two spellings of the same words are compared."""

from __future__ import annotations

import unicodedata
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
