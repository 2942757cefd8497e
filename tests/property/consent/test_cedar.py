"""The decision against the same rules in another language, evaluated by another program: Cedar."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cedarpy import AuthzResult, PolicySet, is_authorized_batch
from hypothesis import HealthCheck, given, settings

from consent.decide import decide
from consent.ids import ConsentId, PersonId
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Audience
from tests.property.consent.worlds import (
    NAMES,
    TABLES,
    Twist,
    changed_world,
    requests,
    states,
    twists_of,
)

POLICY = PolicySet.from_str(Path(__file__).with_name("policy.cedar").read_text(encoding="utf-8"))
BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


def ref(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": name}}


def refs(names: Iterable[str]) -> list[dict[str, Any]]:
    return [ref("Person", name) for name in sorted(names)]


def moment(name: str, at: datetime | None) -> dict[str, Any]:
    """A moment in microseconds; without a zone it is none, and `zoned` says so."""
    if at is None:
        return {"zoned": True}
    if at.tzinfo is None:
        return {"zoned": False}
    since = at - BEGIN
    whole = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return {"zoned": True, name: whole}


def counts(counted: ConsentState | GrantState) -> dict[str, Any]:
    limit = {} if counted.max_uses is None else {"max_uses": counted.max_uses}
    return {
        "uses_reserved": counted.uses_reserved,
        "uses_consumed": counted.uses_consumed,
        **limit,
    }


def of_consent(held: ConsentState) -> dict[str, Any]:
    return {
        "id": held.consent_id,
        "audience": str(held.audience),
        "modalities": sorted(held.modalities),
        "purposes": sorted(held.purposes),
        "restrictions": sorted(held.restrictions),
        "never_say": [term.strip("\u200b") for term in held.never_say],
        "apart_from": refs(held.apart_from),
        "max_people": held.max_people,
        "active": held.active,
        "assurance": held.assurance,
        "simulated": held.simulated,
        "approval": str(held.approval),
        "needs_judge": held.needs_judge,
        **moment("expires_at", held.expires_at),
        **counts(held),
    }


def of_person(name: str, subject: Subject) -> dict[str, Any]:
    consent = {} if subject.consent is None else {"consent": of_consent(subject.consent)}
    attrs = {
        "person": ref("Person", subject.person_id),
        "adult": subject.adult,
        "frozen": subject.frozen,
        "paused": subject.paused,
        "epoch": subject.epoch,
        "blocked": refs(subject.blocked),
        "mutuals": refs(subject.mutuals),
        **consent,
    }
    return {"uid": {"type": "Person", "id": name}, "attrs": attrs, "parents": []}


def of_grant(number: int, grant: GrantState) -> dict[str, Any]:
    under = {} if grant.consent_id is None else {"consent_id": grant.consent_id}
    attrs = {
        "id": grant.grant_id,
        "grantee": ref("Person", grant.grantee),
        "modalities": sorted(grant.modalities),
        "purposes": sorted(grant.purposes),
        "active": grant.active,
        **moment("expires_at", grant.expires_at),
        **under,
        **counts(grant),
    }
    return {"uid": {"type": "Grant", "id": f"{number}"}, "attrs": attrs, "parents": []}


def of_request(state: State, request: Request) -> dict[str, Any]:
    return {
        "people": refs(set(request.people)),
        "count": len(set(request.people)),
        "modalities": sorted(request.modalities),
        "purpose": str(request.purpose),
        "classes": sorted(request.content_classes),
        # A term that folds to nothing is said in every clip.
        "words": ["", *request.spoken.lower().split()],
        "own_uses": sorted(request.own_uses),
        "publishing": request.publishing,
        "approved": refs(request.approved),
        "model_allows_commercial": request.model_allows_commercial,
        "min_assurance": state.min_assurance,
        "max_people": state.max_people,
        **{"now": 0, **moment("now", state.now)},
    }


def ask(asked: list[dict[str, Any]], entities: list[dict[str, Any]]) -> list[AuthzResult]:
    answers = is_authorized_batch(asked, POLICY, entities) if asked else []
    # A policy that fails in Cedar is left out, and a forbidding one would then fail open.
    assert not [error for answer in answers for error in answer.diagnostics.errors]
    return answers


def granting(state: State, request: Request, context: dict[str, Any]) -> set[PersonId]:
    """Who gave the requester a grant that Cedar lets be used, in every record of it."""
    verdicts: defaultdict[tuple[PersonId, str], list[bool]] = defaultdict(list)
    for name, subject in state.subjects.items():
        consent_id = ConsentId("") if subject.consent is None else subject.consent.consent_id
        mine = [grant for grant in subject.grants if grant.grantee == request.requester]
        asked = [
            {
                "principal": {"type": "Person", "id": request.requester},
                "action": {"type": "Action", "id": "use"},
                "resource": {"type": "Grant", "id": f"{number}"},
                "context": {**context, "consent_id": consent_id},
            }
            for number in range(len(mine))
        ]
        answers = ask(asked, [of_grant(number, grant) for number, grant in enumerate(mine)])
        for grant, answer in zip(mine, answers, strict=True):
            verdicts[name, grant.grant_id].append(answer.allowed)
    return {name for (name, _), each in verdicts.items() if all(each)}


def cedar(state: State, request: Request) -> list[bool]:
    """Cedar's answer for each distinct person of a request."""
    context = of_request(state, request)
    context["granted"] = refs(granting(state, request, context))
    asked = [
        {
            "principal": {"type": "Person", "id": request.requester},
            "action": {"type": "Action", "id": "appear"},
            "resource": {"type": "Person", "id": name},
            "context": context,
        }
        for name in dict.fromkeys(request.people)
    ]
    entities = [of_person(name, subject) for name, subject in state.subjects.items()]
    return [answer.allowed for answer in ask(asked, entities)]


def agreed(state: State, request: Request) -> bool:
    """Whether the clip is allowed, once both have said the same about each person."""
    ours = [person.allowed for person in decide(state, request).people]
    assert cedar(state, request) == ours
    return all(ours)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(state=states(), request=requests)
def test_cedar_agrees_about_each_person(state: State, request: Request) -> None:
    agreed(state, request)


def test_cedar_agrees_on_every_change_for_two_people() -> None:
    answers = Counter(
        agreed(*changed_world((twist,), tuple(NAMES[:2]))) for twist in twists_of(*TABLES)
    )
    assert min(answers[True], answers[False]) > 20


def test_cedar_agrees_on_every_two_changes() -> None:
    pairs = itertools.combinations(twists_of(*TABLES), 2)
    answers = Counter(agreed(*changed_world(pair, (NAMES[0],))) for pair in pairs)
    assert min(answers[True], answers[False]) > 200


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("requester", [NAMES[0], NAMES[3]])
@pytest.mark.parametrize("granted", [False, True])
@pytest.mark.parametrize("mutual", [False, True])
def test_cedar_agrees_on_who_is_reached(
    audience: Audience, requester: PersonId, granted: bool, mutual: bool
) -> None:
    twists: list[Twist] = [("consent", "audience", audience), ("request", "requester", requester)]
    if not granted:
        twists.append(("subject", "grants", ()))
    if mutual:
        twists.append(("subject", "mutuals", frozenset({requester})))
    expected = (
        requester == NAMES[0]
        or {
            Audience.ONLY_ME: False,
            Audience.APPROVED: granted,
            Audience.MUTUALS: granted or mutual,
            Audience.EVERYONE: True,
        }[audience]
    )
    assert agreed(*changed_world(tuple(twists), (NAMES[0],))) == expected
