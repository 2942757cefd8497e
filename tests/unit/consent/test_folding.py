"""What is heard of a text when it is compared with the words that must not be said."""

from __future__ import annotations

import pytest

from consent.folding import Speech, heard


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("Vote, for_Smith!", "vote for smith"),
        ("Vote for.\nSmith.", "vote for smith"),
        ("vote ’ for ’ smith", "vote for smith"),
        ("don’t don't don´t don`t", "dont dont dont dont"),
        ("café cafe\u0301 naïve v\u20ddote", "cafe cafe naive vote"),
        ("カガゔヴｶﾞか゛か\u3099ヽ", "かがゔゔがががゝ"),
        ("vo\u3099te か\u3099\u3099", "vote が"),
        ("投票して、ください", "投票して ください"),
        ("😀 + ☆", ""),
        ("", ""),
    ],
)
def test_heard(text: str, sound: str) -> None:
    assert heard(text) == sound


@pytest.mark.parametrize(
    ("term", "spoken"),
    [
        ("vote for smith", "vote, for Smith"),
        ("vote for smith", "Vote for.\nSmith."),
        ("vote for smith", "vote-for-Smith"),
        ("vote for smith", "vote ’ for ’ Smith"),
        ("vote for smith", "vóte_for_smïth"),
        ("vote for smith", "#VoteForSmith"),
        ("vote-for-smith", "vote for smith"),
        ("don't", "I don’t"),
        ("café", "the cafe"),
        ("cafe", "the Café"),
        ("ばか", "バカ、と言う"),
        ("バカ", "ば・か"),
        ("投票して", "投 票 し て"),
        ("「投票」", "投票"),
        ("ass", "pass"),
        ("vote!", "please vote"),
        ("C++", "in c++17"),
        ("C++", "I write C, badly"),
        ("!!", "no!!"),
    ],
)
def test_is_said(term: str, spoken: str) -> None:
    assert Speech.of(spoken).says(term)


@pytest.mark.parametrize(
    ("term", "spoken"),
    [
        ("ass", "as second"),
        ("ass", "a-s-s"),
        ("C++", "a cat"),
        ("#maga", "a magazine"),
        ("!!", "no!"),
        ("はか", "ばか"),
        ("two", "to"),
        ("vote for smith", "vote Smith"),
    ],
)
def test_is_not_said(term: str, spoken: str) -> None:
    assert not Speech.of(spoken).says(term)
