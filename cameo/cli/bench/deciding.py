"""The pure decision beside two libraries that decide from policies: Cedar and Casbin.

The libraries get a part of the rules only - an active consent, a grant to whoever asks, the
purpose, the forbidden classes - and the same two people; ours gets all of its rules.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cameo.cli.bench.figures import emit, median_seconds
from cameo.wiring.home import clock
from consent.decide import decide
from consent.ids import ConsentId, GrantId, PersonId
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Approval, Audience, Purpose

_DECISIONS: Final = 2000
_THEIRS: Final = 200
_GRANTS: Final = 100
_CASBIN_RULES: Final = 10_000
_CEDAR: Final = """
permit (principal, action == Action::"appear", resource)
when { resource.active && resource.purposes.contains(context.purpose) }
unless { resource.restrictions.containsAny(context.classes) };
forbid (principal, action, resource) unless { resource.grantees.contains(principal) };
forbid (principal, action, resource)
when { resource.frozen || resource.blocked.contains(principal) };
"""
_CASBIN: Final = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
"""


def measure_decide() -> None:
    """`consent.decide` for two people, one of them with 100 grants, beside its peers."""
    state, request = _state()

    def ours() -> None:
        for _ in range(_DECISIONS):
            decide(state, request)

    seconds = median_seconds(ours) / _DECISIONS
    for name, theirs in (("cedarpy", _cedar), ("casbin, 10,000 rules", _casbin)):
        peer = theirs()
        emit(
            "consent.decide.pure",
            seconds * 1e6,
            "us",
            on=f"2 people, {_GRANTS} grants",
            n=_DECISIONS,
            peer=None if peer is None else (name, peer * 1e6),
        )
    emit("consent.decide.rate", 1 / seconds, "1/s", on="2 people", n=_DECISIONS)


def _cedar() -> float | None:
    try:
        from cedarpy import PolicySet, is_authorized_batch  # noqa: PLC0415
    except ImportError:
        return None
    policies = PolicySet.from_str(_CEDAR)
    entities = [_cedar_person(name) for name in ("alice", "bob")]
    asked = [
        {
            "principal": 'Person::"bob"',
            "action": 'Action::"appear"',
            "resource": f'Person::"{name}"',
            "context": {"purpose": "personal", "classes": []},
        }
        for name in ("alice", "bob")
    ]
    answers = is_authorized_batch(asked, policies, entities)
    if not all(answer.allowed for answer in answers):
        raise RuntimeError("Cedar refused what is allowed")
    return _each(lambda: is_authorized_batch(asked, policies, entities))


def _cedar_person(name: str) -> dict[str, Any]:
    grantees = ["bob", *(f"p{number}" for number in range(_GRANTS - 1))]
    return {
        "uid": {"type": "Person", "id": name},
        "attrs": {
            "active": True,
            "frozen": False,
            "purposes": ["personal"],
            "restrictions": ["nudity"],
            "blocked": [],
            "grantees": [{"__entity": {"type": "Person", "id": each}} for each in grantees],
        },
        "parents": [],
    }


def _casbin() -> float | None:
    try:
        from casbin import Enforcer  # noqa: PLC0415
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.conf"
        model.write_text(_CASBIN)
        enforcer: Any = Enforcer(str(model))
    enforcer.add_policies(
        [[f"p{number}", "alice", "personal"] for number in range(_CASBIN_RULES - 2)]
        + [["bob", "alice", "personal"], ["bob", "bob", "personal"]]
    )
    asked = (("bob", "alice", "personal"), ("bob", "bob", "personal"))
    if not all(enforcer.enforce(*each) for each in asked):
        raise RuntimeError("Casbin refused what is allowed")
    return _each(lambda: [enforcer.enforce(*each) for each in asked], times=5)


def _each(work: Callable[[], object], times: int = _THEIRS) -> float:
    def several() -> None:
        for _ in range(times):
            work()

    return median_seconds(several) / times


def _state() -> tuple[State, Request]:
    alice, bob = PersonId("prs_alice"), PersonId("prs_bob")
    grants = tuple(
        GrantState(
            grant_id=GrantId(f"gnt_{number}"),
            grantee=bob if number == _GRANTS - 1 else PersonId(f"prs_{number}"),
            modalities=frozenset({"face", "voice"}),
            purposes=frozenset({Purpose.PERSONAL}),
            expires_at=None,
            active=True,
            max_uses=None,
            uses_reserved=0,
            uses_consumed=0,
        )
        for number in range(_GRANTS)
    )
    subjects = {
        person: Subject(
            person_id=person,
            handle=person[4:],
            adult=True,
            frozen=False,
            paused=False,
            epoch=3,
            consent=_consent(person),
            grants=grants if person == alice else (),
            blocked=frozenset(),
            mutuals=frozenset(),
        )
        for person in (alice, bob)
    }
    state = State(subjects=subjects, now=clock(), min_assurance=1, max_people=2)
    request = Request(
        requester=bob,
        people=(alice, bob),
        modalities=frozenset({"face", "voice"}),
        purpose=Purpose.PERSONAL,
        content_classes=frozenset(),
    )
    return state, request


def _consent(person: PersonId) -> ConsentState:
    return ConsentState(
        consent_id=ConsentId(f"cns_{person[4:]}"),
        audience=Audience.APPROVED,
        modalities=frozenset({"face", "voice"}),
        purposes=frozenset({Purpose.PERSONAL}),
        restrictions=frozenset(),
        never_say=(),
        apart_from=frozenset(),
        max_people=2,
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        active=True,
        assurance=1,
        simulated=False,
        approval=Approval.IF_NEEDED,
        needs_judge=False,
        max_uses=None,
        uses_reserved=0,
        uses_consumed=0,
    )
