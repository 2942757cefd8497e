"""Readings of Japanese text: kana folded, separators closed, look-alike kanji put back."""

from __future__ import annotations

import re

from moderation.views import View

_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_LONG = str.maketrans(dict.fromkeys("〜~－—–‐ｰ―─", "ー"))
_LOOKALIKE = dict(zip("口力二工卜八夕才千一", "ロカニエトハタオチー", strict=True))
_SMALL = str.maketrans("ぁぃぅぇぉゃゅょゎ", "あいうえおやゆよわ")
_VOICED = str.maketrans(
    "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽゔ",
    "かきくけこさしすせそたちつてとはひふへほはひふへほう",
)
_JAPANESE = "\u3040-\u30ff\u4e00-\u9fff"
_SEPARATORS = re.compile(f"(?<=[{_JAPANESE}])[\\s・･.\\-_=＝·•、,/／|｜]{{1,3}}(?=[{_JAPANESE}])")
_SIGN = re.compile(f"(?<=[{_JAPANESE}])[×☆★♡♥♪○●◯〇◎*](?=[{_JAPANESE}])")
_SPACE = re.compile(f"(?<=[{_JAPANESE}])[ \u3000](?=[{_JAPANESE}])")
_LONG_IN_KANA = re.compile(
    r"(?<=[\u30a1-\u30fa])[〜～]|(?<=[\u3041-\u30fa])[〜～\-–—‐―─](?=[\u3041-\u30fa])"
)
_INNER_KANJI = re.compile(r"(?<=[\u30a1-\u30fc])[口力二工卜八夕才千一](?=[\u30a1-\u30fc])")
_LEADING_KANJI = re.compile(r"(?<![\u3400-\u9fff])[口力二工卜八夕才千](?=[\u30a1-\u30fc]{2})")
_LONG_U = re.compile("(?<=[うくすぬふむゆるおこそとのほもよろ])う")
KATAKANA_RUN = re.compile(r"[\u30a1-\u30fa\u30fc]{3,}")
KANA_ONLY = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]+")


def hiragana(text: str) -> str:
    """Return katakana as hiragana, character by character."""
    return text.translate(_TO_HIRAGANA)


def join(view: View) -> View:
    """Return the view with separators between Japanese characters closed and long marks made one.

    A closed separator stays visible as a gap in the map, so a word boundary is still found there.
    """
    text = _LONG_IN_KANA.sub("ー", view.text)
    if not _SEPARATORS.search(text):
        return view.with_text(text)
    dropped: set[int] = set()
    for match in _SEPARATORS.finditer(text):
        dropped.update(range(*match.span()))
    return view.with_text(text).keep([i for i in range(len(text)) if i not in dropped])


def close_signs(view: View) -> View | None:
    """Return the view without signs that some titles carry inside; None when it has none."""
    places = {match.start() for match in _SIGN.finditer(view.text)}
    if not places:
        return None
    return view.keep([i for i in range(len(view.text)) if i not in places])


def close_spaces(view: View) -> View | None:
    """Return the view without single spaces between Japanese characters; None when it has none."""
    places = {match.start() for match in _SPACE.finditer(view.text)}
    if not places:
        return None
    return view.keep([i for i in range(len(view.text)) if i not in places])


def katakana_lookalikes(view: View) -> View | None:
    """Return the view with kanji inside katakana words read as the katakana that they resemble."""
    text = _INNER_KANJI.sub(lambda m: _LOOKALIKE[m.group(0)], view.text)
    text = _LEADING_KANJI.sub(lambda m: _LOOKALIKE[m.group(0)], text)
    return None if text == view.text else view.with_text(text)


def canonical(kana: str) -> str:
    """Return kana without long marks, small forms, doubled consonants or voicing."""
    plain = hiragana(kana.translate(_LONG)).replace("っ", "").translate(_SMALL).translate(_VOICED)
    return _LONG_U.sub("", plain.replace("ー", "").replace("つ", ""))


def script(ch: str) -> str:
    """Return `k`atakana, `h`iragana, `n` for kanji, `g` for Hangul, `o` for others."""
    code = ord(ch)
    if 0x30A1 <= code <= 0x30FA or code == 0x30FC:
        return "k"
    if 0x3041 <= code <= 0x3096:
        return "h"
    if 0x3400 <= code <= 0x9FFF or code == 0x3005:
        return "n"
    return "g" if 0xAC00 <= code <= 0xD7AF else "o"
