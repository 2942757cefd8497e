"""One reading of what a mention is, for whoever resolves handles and for the text path."""

from __future__ import annotations

import pytest

from moderation.mentions import mentions, references, spelled_out


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@al_1 mail a@b.c p@kachu ＠bob", [((0, 5), "al_1"), ((25, 29), "bob")]),
        ("@Alice.Smith-2.", [((0, 14), "alice.smith-2")]),
        ("(@a) @b's @c- @_d", [((1, 3), "a"), ((5, 7), "b"), ((10, 12), "c"), ((14, 17), "_d")]),
        ("海辺で@aliceが、@bobと", [((3, 9), "alice"), ((11, 15), "bob")]),
        ("＠ＴＯＭ．ｃ", [((0, 6), "tom.c")]),
        ("@@bob", [((1, 5), "bob")]),
        ("@alice\u200b waves", [((0, 6), "alice")]),
        ("@tay\u200blor", [((0, 8), "tay\u200blor")]),
        ("@alicé", [((0, 6), "alicé")]),
        ("@" + "a" * 50, [((0, 51), "a" * 50)]),
        ("@ bob, @.bob, @-, é@bob, @東京, x_@bob, @", []),
        ("", []),
    ],
)
def test_mentions(text: str, found: list[tuple[tuple[int, int], str]]) -> None:
    assert mentions(text) == found


def test_references_are_the_mentions_that_resolve() -> None:
    text = "@Alice and @bob and @alice.b"
    assert references(text, {"ALICE", "@carol"}) == [(0, 6)]
    assert references(text, frozenset()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("see @TaylorSwift_13!", "see Taylor Swift 13!"),
        ("@JKRowling", "JK Rowling"),
        ("a@b.c", "a b c"),
        ("@john-smith.jr", "john smith jr"),
        ("no sign @ all", None),
    ],
)
def test_spelled_out(text: str, words: str | None) -> None:
    view = spelled_out(text)
    assert (view.text if view else None) == words


def test_spelled_out_leads_back() -> None:
    view = spelled_out("x @TaylorSwift y")
    assert view is not None
    start = view.text.index("Swift")
    assert view.span(start, start + 5) == (9, 14)
