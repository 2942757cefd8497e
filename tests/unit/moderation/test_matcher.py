"""Disguises of a name are undone, and the span is where the disguise stands."""

from __future__ import annotations

import pytest

from moderation.text import Moderator

DISGUISED = [
    "M\u200bi\u200bckey M\u200bouse",
    "M\u0301i\u0336ckey Mo\u0301use",
    "ｍｉｃｋｅｙ ｍｏｕｓｅ",
    "𝓜𝓲𝓬𝓴𝓮𝔂 𝓜𝓸𝓾𝓼𝓮",
    "Mіckеy Mоusе",  # Cyrillic letters among the Latin ones
    "ᴍɪᴄᴋᴇʏ ᴍᴏᴜꜱᴇ",
    "m i c k e y  m o u s e",
    "m.i.c.k.e.y m-o-u-s-e",
    "m1ck3y m0us3",
    "miiickeyyy mouuuse",
    "mickeymouse",
    "mick ey mou se",
    "mickey mose",
    "m*ckey m*use",
    "p1kachu",
    "pikachuuuu",
    "pi-ka-chu",
    "p*kachu",
    "pikahcu",
    "Супер Марио",
    "ﾋﾟｶﾁｭｳ",
    "ピ カ チ ュ ウ",
    "ピ・カ・チ・ュ・ウ",
    "ぴかちゅう",
    "ピ力チュウ",
    "ピカチュー",
    "ピカチユウ",
    "ヒカチュウ",
    "ピカ●ュウ",
    "ト\u200bトロ",
    "ミッキ〜マウス",
    "doraemon",
    "sailaamuun seeraamuun doraemon",
]


@pytest.mark.parametrize("name", DISGUISED)
def test_a_disguised_name_is_blocked_where_it_stands(moderator: Moderator, name: str) -> None:
    text = f"🙂 {name} !"
    decision = moderator.moderate(text)
    assert decision.decision == "block"
    for reason in decision.reasons:
        assert reason.span is not None
        start, end = reason.span
        assert 2 <= start < end <= 2 + len(name)


def test_a_whole_disguise_is_spanned(moderator: Moderator) -> None:
    text = "see p.i.k.a.c.h.u run"
    assert [r.span for r in moderator.moderate(text).reasons] == [(4, 17)]


@pytest.mark.parametrize(
    "text",
    [
        "ピカッと光るチュウリップ",
        "a bat, man and a super market",
        "a coffee cup head",
        "the skeleton's bones",
        "*emphasis* and _underscores_ and 3*4",
        "1080p 4k 60fps 3d mp4",
        "カタカナのドラゴンとトロッコ",
    ],
)
def test_near_misses_pass(moderator: Moderator, text: str) -> None:
    assert moderator.moderate(text).decision == "allow"


def test_details_say_what_was_undone(moderator: Moderator) -> None:
    details = {r.detail for r in moderator.moderate("p1kachu").reasons}
    assert details == {"Pikachu (leet)"}
