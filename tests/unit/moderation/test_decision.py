from __future__ import annotations

import dataclasses

import pytest

from moderation.decision import Decision, highest
from moderation.errors import ModerationError
from moderation.reasons import REASONS


def test_severity_is_monotone() -> None:
    assert highest() == "allow"
    assert highest("allow", "review") == "review"
    assert highest("review", "block", "allow") == "block"


def test_decisions_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Decision(decision="allow").decision = "block"  # type: ignore[misc]


def test_an_empty_decision_is_one_line() -> None:
    expected = '{"decision": "allow", "reasons": [], "classes": []}'
    assert Decision(decision="allow").to_json() == expected


def test_codes_have_an_area_and_a_reason() -> None:
    for code, text in REASONS.items():
        area, reason = code.split(".")
        assert area
        assert reason
        assert text.endswith(".")


def test_error_codes_are_unique() -> None:
    errors = [ModerationError, *ModerationError.__subclasses__()]
    assert len({error.code for error in errors}) == len(errors)
    assert all(str(error("x")).endswith("(x)") for error in errors)
