"""What stands around a name: a wish for its style, a companion, or a cue that names are meant."""

from __future__ import annotations

import re

from moderation.hits import Hit
from moderation.japanese import hiragana
from moderation.matcher import Readings
from moderation.views import fold

_REACH = 48
_STYLE_BEFORE = re.compile(
    r"(?:\b(?:styles? of|styled? (?:like|after|on)|inspired by|influenced by|reminiscent of|"
    r"similar to|(?:look|looks|looking|looked|drawn|animated|dressed|feel|feels) (?:just )?like|"
    r"(?:someone|somebody|something|anything|character|hero|heroine|mascot|man|woman|boy|girl|"
    r"creature|robot|animation|film|movie|cartoon) like|"
    r"as (?:if|though) (?:drawn|made|painted|animated|directed|filmed|shot) by|"
    r"(?:drawn|made|painted|animated|directed|filmed|shot|illustrated|art|artwork|painting|"
    r"animation|illustration|poster) by|homage to|tribute to|parody of|knock-?off of|"
    r"resembl(?:es|ing)|imitat(?:es|ing|ion of)|a la|manner of|vibes? of|aesthetics? of)"
    r"[\s\"':(]+(?:(?:a|an|the|classic|early|modern|old|famous|studio|walt|master|director)\s+){0,3}"
    r"[\"'(]?)$"
)
_STYLE_AFTER = re.compile(
    r"^['\"]?s?['\"]?(?:[\s-]+(?:anime|movie|film|cartoon|game|art|animation|comic|manga|studios?|"
    r"animated|pictures|3d|2d)){0,2}[\s-]*(?:style[sd]?|stylized|esque|inspired|like\b|"
    r"look(?:ing|-?alike)?\b|aesthetic|vibes?\b|knock-?off|parody|rip-?off|clone\b|type\b)"
)
_STYLE_AFTER_JA = re.compile(
    r"^[」』”\"'\s]*(?:さん|氏|監督|先生|作品|映画|あにめ|らしい|の(?:よ(?:う|ー)|世界|作風|画風|"
    r"絵柄|たっち|すたいる|ぱろでぃ|雰囲気|そっくり|まね|真似|ふんいき)|(?:あにめ)?(?:風|ふう(?:の|な|に)|"
    r"っぽ|みたい|に(?:似|に|そっくり|寄せ)|似の|調(?![べ査理味整達])|系|的(?:な|に)|てきな|たっち|ていすと|"
    r"すたいる|ぱろ|もどき|そっくり|(?:を)?(?:思わせ|彷彿|ほうふつ|おまーじゅ|連想|真似|まね|模し|もし)))"
)
_STYLE_BEFORE_JA = re.compile(r"(?:すたいる|作風|画風|絵柄)[はをで:：はが]?[「『]?$")
_CUE = re.compile(
    r"\b(?:disney|pixar|marvel|nintendo|ghibli|anime|manga|cartoon|franchise|video ?games?|"
    r"cosplay\w*|super ?hero(?:es)?|fan ?art|(?:from|in) the (?:movie|film|game|show|series|"
    r"comics?|anime|manga)|(?:game|movie|cartoon|anime|comic|fictional) character|mascot|"
    r"sidekick)\b"
)
_CUE_JA = re.compile(
    r"きゃら|あにめ|漫画|まんが|映画の|げーむの|こすぷれ|主人公|ふぃぎゅあ|原作|声優"
)


def asks_for_style(readings: Readings, hit: Hit) -> bool:
    """Return whether the words beside a hit ask for its style or for its likeness."""
    before, after = _around(readings.original, hit)
    if _STYLE_BEFORE.search(before) or _STYLE_AFTER.match(after):
        return True
    before, after = hiragana(before), hiragana(after)
    # In Japanese the cue follows the name at once; a works suffix such as 作品 may stand between.
    direct = _STYLE_AFTER_JA.match(after)
    if direct and direct.group(0).strip() in _SUFFIXES:
        direct = _STYLE_AFTER_JA.match(after[direct.end() :])
    return bool(direct) or bool(_STYLE_BEFORE_JA.search(before))


_SUFFIXES = frozenset({"さん", "氏", "監督", "先生", "作品", "映画", "あにめ"})


def _around(original: str, hit: Hit) -> tuple[str, str]:
    start, end = hit.span
    before = fold(original[max(0, start - _REACH) : start]).text
    return before, fold(original[end : end + _REACH]).text


def has_cue(readings: Readings) -> bool:
    """Return whether the text speaks of characters, films or games at all."""
    if _CUE.search(readings.words[0].text):
        return True
    return any(_CUE_JA.search(hiragana(view.text)) for view in readings.asian[:1])


def has_companion(readings: Readings, hit: Hit) -> bool:
    """Return whether a companion of the hit's subject stands in the text."""
    for companion in hit.name.subject.companions:
        if companion.isascii():
            if any(
                f" {companion} " in w.text or f" {companion}s " in w.text for w in readings.words
            ):
                return True
        elif any(hiragana(companion) in hiragana(view.text) for view in readings.asian):
            return True
    return False


def named_whole(readings: Readings, hit: Hit) -> bool:
    """Return whether a weak name stands as a name: capitalised inside a sentence, or in quotes."""
    start, end = hit.span
    text = readings.original
    if text[start - 1 : start] in {"「", "『", '"', "“", "'"} and text[end : end + 1]:
        return True
    before = text[:start].rstrip()
    inside = bool(before) and before[-1] not in ".!?:;\n"
    return hit.capital and inside and text[start].isascii() and not text.istitle()
