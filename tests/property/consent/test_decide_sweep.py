"""The decision against a second reading of its rules, change by change."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings

from consent.decide import decide
from consent.ids import PersonId
from consent.state import Request, State
from tests.property.consent.worlds import (
    NAMES,
    TABLES,
    changed_world,
    oracle,
    requests,
    states,
    twists_of,
)


def agrees(state: State, request: Request) -> bool:
    return all(
        person.allowed == oracle(state, request, person.person_id)
        for person in decide(state, request).people
    )


@pytest.mark.parametrize("people", [NAMES[:1], NAMES[:2]], ids=len)
def test_every_pair_of_changes(people: list[PersonId]) -> None:
    """Each change alone and each two together, against the second reading of the rules."""
    allowed = 0
    for pair in itertools.combinations_with_replacement(twists_of(*TABLES), 2):
        state, request = changed_world(pair, tuple(people))
        assert agrees(state, request), pair
        allowed += decide(state, request).allowed
    assert allowed > 200


def test_every_three_changes_of_grant_and_request() -> None:
    for three in itertools.combinations(twists_of("grant", "request"), 3):
        state, request = changed_world(three, (NAMES[0],))
        assert agrees(state, request), three


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(state=states(), request=requests)
def test_a_second_reading_of_the_rules_agrees(state: State, request: Request) -> None:
    assert agrees(state, request)
