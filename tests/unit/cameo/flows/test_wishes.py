"""A compiled wish is called "checked by machine": moderation must know every word of it."""

from __future__ import annotations

import pytest

from consent.lexicon import ADJECTIVES, ENGLISH, JAPANESE
from consent.vocabulary import RestrictionClass
from consent.wishes import read_wish
from moderation.text import Moderator

MODERATOR = Moderator([str(name) for name in RestrictionClass])
PROMPTS = [
    *((f"a short film about {word} in a park", word, kind) for word, kind in ENGLISH.items()),
    *((f"a short film with {a} scenes", f"{a} scenes", k) for a, k in ADJECTIVES.items()),
    *((f"公園で{word}の場面", f"{word}の場面", kind) for word, kind in JAPANESE.items()),
]


@pytest.mark.parametrize(("prompt", "word", "kind"), PROMPTS, ids=str)
def test_moderation_recognises_what_a_compiled_wish_forbids(
    prompt: str, word: str, kind: RestrictionClass
):
    wish = f"no {word}" if word.isascii() else f"{word}はなし"
    assert read_wish(wish).classes == {kind}
    assert kind in MODERATOR.moderate(prompt).classes
