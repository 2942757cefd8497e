"""Views keep the way back to the original code points."""

from __future__ import annotations

import pytest

from moderation.japanese import canonical, close_spaces, hiragana, join, katakana_lookalikes, script
from moderation.views import fold, tokens, transliterate, unleet, without


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Hello", "hello"),
        ("ＡＢＣ", "abc"),
        ("é\u0301", "e"),
        ("ﬁn", "fin"),
        ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
        ("か゛", "が"),
        ("ロー", "ロー"),
        ("a\u200bb\ufeffc", "abc"),
        ("ΜАRІO", "mario"),
        ("🅼🇦", "ma"),
        ("\ud800", "\ufffd"),
        ("\u3099", ""),
    ],
)
def test_fold_shows_what_a_reader_sees(text: str, seen: str) -> None:
    assert fold(text).text == seen


def test_spans_lead_back() -> None:
    view = fold("x ｶﾞ\u200bﾝ")
    start = view.text.index("ガ")
    assert view.span(start, start + 2) == (2, 6)


def test_one_code_point_may_stand_for_several_characters() -> None:
    view = fold("ﬃ")
    assert view.text == "ffi"
    assert view.span(1, 2) == (0, 1)


def test_tokens_drop_apostrophes_and_possessives() -> None:
    text = "O'Brien’s dog"
    assert [t.text for t in tokens(fold(text), text)] == ["obrien", "dog"]
    assert [t.capital for t in tokens(fold(text), text)] == [True, False]


@pytest.mark.parametrize("text", ["3d", "1080p", "42", "!!", "wow!", "b2"])
def test_measures_and_marks_are_not_leet(text: str) -> None:
    assert unleet(fold(text)) == []


def test_leet_reads_one_as_i_and_as_l() -> None:
    assert {view.text for view in unleet(fold("e1sa"))} == {"eisa", "elsa"}


def test_transliteration_is_for_greek_and_cyrillic_only() -> None:
    assert transliterate("mario") is None
    view = transliterate("x Марио")
    assert view is not None
    assert view.text == "x mario"


def test_spans_are_blanked_out() -> None:
    assert without("a @bob c", [(2, 6)]) == "a \ufffd\ufffd\ufffd\ufffd c"


def test_japanese_readings() -> None:
    assert join(fold("ピ・カ チ")).text == "ピカチ"
    assert join(fold("a b")).text == "a b"
    assert hiragana("ピカ") == "ぴか"
    lookalike = katakana_lookalikes(fold("ピ力チ"))
    assert lookalike is not None
    assert lookalike.text == "ピカチ"
    assert katakana_lookalikes(fold("力士が二人")) is None
    assert canonical("ピカチュウ") == canonical("ヒカチュー")
    closed = close_spaces(fold("山田 太郎、a b"))
    assert closed is not None
    assert closed.text == "山田太郎、a b"
    assert close_spaces(fold("a b")) is None


@pytest.mark.parametrize(
    ("ch", "name"), [("ア", "k"), ("あ", "h"), ("亜", "n"), ("가", "g"), ("a", "o")]
)
def test_scripts(ch: str, name: str) -> None:
    assert script(ch) == name
