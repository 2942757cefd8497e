"""Worlds for the decision, and a second reading of its rules."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from consent.ids import ConsentId, GrantId, PersonId
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Approval, Audience, Modality, Purpose, RestrictionClass

NAMES = [PersonId(f"prs_{name}") for name in "abcd"]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
MODALITIES: list[Modality] = ["face", "voice"]

GRANT_IDS = [GrantId(f"gnt_{n}") for n in range(3)]
MOMENTS = [None, NOW, NOW - timedelta(days=1), NOW + timedelta(days=1), NOW.replace(tzinfo=None)]

# A world starts out allowing everything and is then changed in a few places, so that allowing and
# denying, and denying for one reason alone, are all drawn often.
SUBJECT: dict[str, list[Any]] = {
    "adult": [False],
    "frozen": [True],
    "paused": [True],
    "epoch": [-1, 5],
    "consent": [None],
    "grants": [()],
    "blocked": [frozenset({name}) for name in NAMES],
    "mutuals": [frozenset({name}) for name in NAMES],
    "person_id": [PersonId("prs_x")],
}
CONSENT: dict[str, list[Any]] = {
    "audience": [*Audience, *Audience],
    "active": [False],
    "expires_at": MOMENTS,
    "modalities": [frozenset(), frozenset({"voice"}), frozenset({"face"})],
    "purposes": [frozenset(), frozenset({Purpose.PERSONAL})],
    "restrictions": [frozenset({RestrictionClass.POLITICS})],
    "never_say": [("no",), ("\u200b",)],
    "apart_from": [frozenset({name}) for name in NAMES],
    "max_people": [0, 1, 2],
    "assurance": [0, 3, 9],
    "simulated": [True],
    "consent_id": ["cns_2"],
    "approval": [Approval.ALWAYS],
    "needs_judge": [True],
    "max_uses": [0, 1, 2],
    "uses_reserved": [-1, 1, 2],
    "uses_consumed": [-1, 1, 2],
}
GRANT: dict[str, list[Any]] = {
    "active": [False],
    "expires_at": MOMENTS,
    "modalities": [frozenset(), frozenset({"voice"})],
    "purposes": [frozenset()],
    "max_uses": [0, 1, 2],
    "uses_reserved": [-1, 1, 2],
    "uses_consumed": [-1, 1, 2],
    "grantee": NAMES,
    "consent_id": ["cns_1", "cns_2"],
    "grant_id": GRANT_IDS,
}
REQUEST: dict[str, list[Any]] = {
    "requester": NAMES,
    "people": [(), ("prs_a", "prs_a"), ("prs_a", "prs_x"), ("prs_a", "prs_b", "prs_c")],
    "modalities": [frozenset(), frozenset({"face", "voice"})],
    "purpose": list(Purpose),
    "content_classes": [frozenset({"politics"}), frozenset({"horror"}), frozenset({"?"})],
    "spoken": ["well", "NO"],
    "own_uses": [frozenset({GRANT_IDS[0]}), frozenset({*GRANT_IDS, "cns_1"})],
    "publishing": [True],
    "approved": [frozenset({NAMES[0]}), frozenset(NAMES)],
    "model_allows_commercial": [False],
}
STATE: dict[str, list[Any]] = {
    "now": [NOW.replace(tzinfo=None)],
    "min_assurance": [-1, 0, 3],
    "max_people": [-1, 0, 1, 2],
}
people = st.sampled_from(NAMES)


def consent() -> ConsentState:
    return ConsentState(
        consent_id=ConsentId("cns_1"),
        audience=Audience.APPROVED,
        modalities=frozenset(MODALITIES),
        purposes=frozenset(Purpose),
        restrictions=frozenset(),
        never_say=(),
        apart_from=frozenset(),
        max_people=3,
        expires_at=None,
        active=True,
        assurance=1,
        simulated=False,
        approval=Approval.IF_NEEDED,
        needs_judge=False,
        max_uses=None,
        uses_reserved=0,
        uses_consumed=0,
    )


def grant(grant_id: GrantId, grantee: PersonId) -> GrantState:
    return GrantState(
        grant_id=grant_id,
        grantee=grantee,
        modalities=frozenset(MODALITIES),
        purposes=frozenset(Purpose),
        expires_at=None,
        active=True,
        max_uses=None,
        uses_reserved=0,
        uses_consumed=0,
    )


def changes(draw: st.DrawFn, table: dict[str, list[Any]], at_most: int) -> dict[str, Any]:
    fields = draw(st.lists(st.sampled_from(sorted(table)), max_size=at_most, unique=True))
    return {field: draw(st.sampled_from(table[field])) for field in fields}


@st.composite
def subjects(draw: st.DrawFn, name: PersonId) -> Subject:
    grants = tuple(
        dataclasses.replace(grant(grant_id, PersonId("prs_d")), **changes(draw, GRANT, 2))
        for grant_id in GRANT_IDS[: draw(st.integers(0, 3))]
    )
    plain = Subject(
        person_id=name,
        handle=name[4:],
        adult=True,
        frozen=False,
        paused=False,
        epoch=0,
        consent=dataclasses.replace(consent(), **changes(draw, CONSENT, 2)),
        grants=grants,
        blocked=frozenset(),
        mutuals=frozenset(),
    )
    return dataclasses.replace(plain, **changes(draw, SUBJECT, 1))


@st.composite
def states(draw: st.DrawFn) -> State:
    plain = State(
        subjects={name: draw(subjects(name)) for name in NAMES[:2]},
        now=NOW,
        min_assurance=1,
        max_people=3,
    )
    return dataclasses.replace(plain, **changes(draw, STATE, 1)) if draw(rarely) else plain


@st.composite
def requests_strategy(draw: st.DrawFn) -> Request:
    plain = Request(
        requester=PersonId("prs_d"),
        people=draw(st.sampled_from([("prs_a",), ("prs_a",), ("prs_a", "prs_b")])),
        modalities=frozenset({"face"}),
        purpose=Purpose.SOCIAL,
        content_classes=frozenset(),
    )
    return dataclasses.replace(plain, **changes(draw, REQUEST, 2))


rarely = st.sampled_from([False, False, False, True])
requests = requests_strategy()


def left(counted: ConsentState | GrantState, document_id: str, request: Request) -> bool:
    """Whether a use is left, or one of those on record is this clip's own."""
    taken = counted.uses_reserved + counted.uses_consumed
    own = document_id in request.own_uses and taken > 0
    return counted.max_uses is None or taken < counted.max_uses + own


def usable(grant: GrantState, held: ConsentState, state: State, request: Request) -> bool:
    return (
        grant.active
        and lasting(grant.expires_at, state.now)
        and grant.consent_id in {None, held.consent_id}
        and request.modalities <= grant.modalities
        and request.purpose in grant.purposes
        and min(grant.uses_reserved, grant.uses_consumed) >= 0
        and left(grant, grant.grant_id, request)
    )


def lasting(end: datetime | None, now: datetime) -> bool:
    return end is None or (end.tzinfo is not None and now < end)


def reached(subject: Subject, held: ConsentState, state: State, request: Request) -> bool:
    mine = [g for g in subject.grants if g.grantee == request.requester]
    spoiled = {g.grant_id for g in mine if not usable(g, held, state, request)}
    granted = any(g.grant_id not in spoiled for g in mine)
    return (
        request.requester == subject.person_id
        or {
            Audience.ONLY_ME: False,
            Audience.APPROVED: granted,
            Audience.MUTUALS: granted or request.requester in subject.mutuals,
            Audience.EVERYONE: True,
        }[held.audience]
    )


def for_others(held: ConsentState, name: PersonId, request: Request) -> bool:
    """What a clip by somebody else needs besides: a use that is left, and approval if it is so."""
    asked_first = held.needs_judge or held.approval is Approval.ALWAYS
    return left(held, held.consent_id, request) and (
        not (request.publishing and asked_first) or name in request.approved
    )


def oracle(state: State, request: Request, name: PersonId) -> bool:
    """The rules of the decision once more, written as one condition that allows."""
    subject = state.subjects.get(name)
    held = subject.consent if subject is not None else None
    if subject is None or held is None or state.now.tzinfo is None:
        return False
    count = len(set(request.people))
    return (
        state.min_assurance in range(4)
        and 0 < count <= state.max_people
        and bool(request.modalities)
        and request.content_classes <= set(RestrictionClass)
        and subject.person_id == name
        and subject.epoch >= 0
        and subject.adult
        and not subject.frozen
        and not subject.paused
        and not subject.blocked & {request.requester, *request.people}
        and (request.model_allows_commercial or request.purpose is not Purpose.COMMERCIAL)
        and (request.requester == name or for_others(held, name, request))
        and held.active
        and lasting(held.expires_at, state.now)
        and state.min_assurance <= held.assurance <= 3
        and (held.assurance == 0 or not held.simulated)
        and min(held.uses_reserved, held.uses_consumed) >= 0
        and not held.apart_from & {*request.people}
        and count <= held.max_people
        and request.modalities <= held.modalities
        and request.purpose in held.purposes
        and not request.content_classes & held.restrictions
        and not any(term.strip("\u200b") in request.spoken.lower() for term in held.never_say)
        and reached(subject, held, state, request)
    )


def changed_world(twists: tuple[Twist, ...], people: tuple[PersonId, ...]) -> tuple[State, Request]:
    """A world that allows, with each of `twists` made to its first person."""
    of: dict[str, dict[str, Any]] = {n: {} for n in TABLES}
    for table, field, value in twists:
        of[table][field] = value
    spare = dataclasses.replace(grant(GRANT_IDS[2], NAMES[3]), active=False)
    alice = Subject(
        person_id=NAMES[0],
        handle="a",
        adult=True,
        frozen=False,
        paused=False,
        epoch=0,
        consent=dataclasses.replace(consent(), **of["consent"]),
        grants=(spare, dataclasses.replace(grant(GRANT_IDS[0], NAMES[3]), **of["grant"])),
        blocked=frozenset(),
        mutuals=frozenset(),
    )
    other = dataclasses.replace(alice, consent=consent(), person_id=NAMES[1])
    other = dataclasses.replace(other, grants=(grant(GRANT_IDS[1], NAMES[3]),))
    state = State(
        subjects={NAMES[0]: dataclasses.replace(alice, **of["subject"]), NAMES[1]: other},
        now=NOW,
        min_assurance=1,
        max_people=3,
    )
    request = Request(
        requester=NAMES[3],
        people=people,
        modalities=frozenset({"face"}),
        purpose=Purpose.SOCIAL,
        content_classes=frozenset(),
    )
    return (
        dataclasses.replace(state, **of["state"]),
        dataclasses.replace(request, **of["request"]),
    )


Twist = tuple[str, str, Any]
TABLES = {
    "subject": SUBJECT,
    "consent": CONSENT,
    "grant": GRANT,
    "request": REQUEST,
    "state": STATE,
}


def twists_of(*tables: str) -> list[Twist]:
    return [(t, f, v) for t in tables for f, values in TABLES[t].items() for v in values]
