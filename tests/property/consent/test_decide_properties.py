"""What must hold of the decision for every state and request."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis import strategies as st

from consent import reasons
from consent.decide import Decision, decide
from consent.ids import PersonId
from consent.state import Request, State
from consent.vocabulary import Approval, Audience, Purpose, RestrictionClass
from tests.property.consent.worlds import (
    NOW,
    people,
    requests,
    states,
)

# No deadline: a loaded machine is no failure.
QUICK = settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_the_worlds_drawn_here_allow_and_deny() -> None:
    """Without this, the properties below could hold because nothing was ever allowed."""
    find(
        st.tuples(states(), requests),
        lambda world: decide(*world).allowed and len(world[1].people) == 2,
        settings=settings(max_examples=1000, deadline=None, database=None, phases=[Phase.generate]),
    )


def with_subject(state: State, name: PersonId, **changes: Any) -> State:
    changed = dataclasses.replace(state.subjects[name], **changes)
    return dataclasses.replace(state, subjects={**state.subjects, name: changed})


@QUICK
@given(state=states(), request=requests)
def test_total_and_consistent(state: State, request: Request) -> None:
    decision = decide(state, request)
    assert [p.person_id for p in decision.people] == list(dict.fromkeys(request.people))
    for person in decision.people:
        assert person.allowed == (person.reasons == (reasons.ALLOWED,))
        assert set(person.reasons) <= reasons.REASONS.keys()
        assert person.allowed or not (person.grant_id or person.counts_consent)
        assert not set(person.reasons) & set(reasons.PUBLIC.values())
        own = person.person_id == request.requester
        assert not (own and (person.counts_consent or person.needs_approval))
    # Co-appearance is all or nothing.
    assert not decision.allowed or all(p.allowed for p in decision.people)
    if decision.people:
        assert decision.allowed == all(p.allowed for p in decision.people)
    assert decision.allowed == (decision.reasons == (reasons.ALLOWED,))
    assert decide(state, request) == decision


@QUICK
@given(state=states(), request=requests, data=st.data())
def test_removing_a_grant_never_allows(state: State, request: Request, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(state.subjects)))
    ids = sorted({grant.grant_id for grant in state.subjects[name].grants})
    assume(ids)
    gone = data.draw(st.sampled_from(ids))
    left = tuple(g for g in state.subjects[name].grants if g.grant_id != gone)
    after = decide(with_subject(state, name, grants=left), request)
    assert not after.allowed or decide(state, request).allowed


@QUICK
@given(state=states(), request=requests, data=st.data())
def test_adding_a_block_never_allows(state: State, request: Request, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(state.subjects)))
    blocked = state.subjects[name].blocked | {data.draw(people)}
    after = decide(with_subject(state, name, blocked=blocked), request)
    assert not after.allowed or decide(state, request).allowed


@QUICK
@given(state=states(), request=requests, data=st.data())
def test_tightening_never_allows(state: State, request: Request, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(state.subjects)))
    present = state.subjects[name].consent
    assume(present is not None)
    assert present is not None
    tighter = data.draw(
        st.sampled_from(
            [
                {"active": False},
                {"audience": Audience.ONLY_ME},
                {"modalities": present.modalities - {"face"}},
                {"purposes": present.purposes - {Purpose.SOCIAL}},
                {"restrictions": present.restrictions | {RestrictionClass.POLITICS}},
                {"never_say": (*present.never_say, "well")},
                {"apart_from": present.apart_from | {data.draw(people)}},
                {"approval": Approval.ALWAYS},
                {"needs_judge": True},
                {"max_uses": 0},
                {"max_people": 1},
                {"expires_at": NOW},
            ]
        )
    )
    if "max_people" in tighter or "expires_at" in tighter:
        # These two replace a value that may itself have been garbage or tighter.
        assume(present.max_people >= 1)
        assume(present.expires_at is None or present.expires_at.tzinfo is not None)
        assume(present.expires_at is None or present.expires_at >= NOW)
    after = decide(
        with_subject(state, name, consent=dataclasses.replace(present, **tighter)), request
    )
    assert not after.allowed or decide(state, request).allowed


@QUICK
@given(state=states(), request=requests, data=st.data())
def test_one_more_person_never_allows(state: State, request: Request, data: st.DataObject) -> None:
    assume(request.people)
    more = dataclasses.replace(request, people=(*request.people, data.draw(people)))
    assert not decide(state, more).allowed or decide(state, request).allowed


@QUICK
@given(state=states(), request=requests, data=st.data())
def test_publishing_allows_no_more_than_a_draft(
    state: State, request: Request, data: st.DataObject
) -> None:
    approved = frozenset(data.draw(st.sets(people)))
    draft = dataclasses.replace(request, publishing=False)
    published = dataclasses.replace(request, publishing=True, approved=approved)
    before, after = decide(state, draft), decide(state, published)
    needed = {p.person_id for p in before.people if p.needs_approval}
    assert after.allowed == (before.allowed and needed <= approved)


@QUICK
@given(state=states(), request=requests, data=st.data())
def test_a_pause_denies_at_once(state: State, request: Request, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(state.subjects)))
    after = decide(with_subject(state, name, paused=True), request)
    assert all(not person.allowed for person in after.people if person.person_id == name)


@QUICK
@given(state=states(), request=requests)
def test_withdrawing_denies_at_once(state: State, request: Request) -> None:
    for name in request.people:
        subject = state.subjects.get(name)
        if subject is not None and subject.consent is not None:
            revoked = dataclasses.replace(subject.consent, active=False)
            assert not decide(with_subject(state, name, consent=revoked), request).allowed


@QUICK
@given(state=states(), request=requests, data=st.data())
def test_no_order_matters(state: State, request: Request, data: st.DataObject) -> None:
    shuffled = dataclasses.replace(
        request, people=tuple(data.draw(st.permutations(request.people)))
    )
    names = data.draw(st.permutations(sorted(state.subjects)))
    other = dataclasses.replace(
        state,
        subjects={
            name: dataclasses.replace(
                state.subjects[name],
                grants=tuple(data.draw(st.permutations(state.subjects[name].grants))),
            )
            for name in names
        },
    )

    def unordered(decision: Decision) -> tuple[bool, tuple[str, ...], set[Any]]:
        return decision.allowed, decision.reasons, set(decision.people)

    assert unordered(decide(other, shuffled)) == unordered(decide(state, request))
