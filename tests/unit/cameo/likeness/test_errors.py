from __future__ import annotations

import re

from cameo.likeness import errors
from cameo.likeness.reasons import REASONS


def all_errors() -> list[type[errors.LikenessError]]:
    found, queue = [], [errors.LikenessError]
    while queue:
        found.append(queue.pop())
        queue += found[-1].__subclasses__()
    return found


def test_every_error_has_a_documented_code_and_a_message() -> None:
    for kind in all_errors():
        assert kind.code in REASONS
        assert str(kind()) == kind.__doc__.strip().splitlines()[0]
        assert str(kind("More.")).endswith("More.")


def test_codes_have_the_agreed_form() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", code) for code in REASONS)
    assert all(text.endswith(".") for text in REASONS.values())
