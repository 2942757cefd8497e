"""The gate: fill a `State` under locks, and ask `consent.decide`. Nothing else decides.

The same function serves preflight (no locks, an answer that may age), the start of a generation
(uses are reserved) and its release (shared locks on everybody in it, decided anew, uses consumed).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from cameo.flows.errors import ConsentRefusedError
from cameo.flows.policy import Policy
from cameo.store.database import Transaction
from cameo.store.gate import ConsentRow, GrantRow, Standing
from cameo.store.records import ClipPersonRecord
from cameo.store.releasing import Lease
from cameo.store.withdrawing import Holding
from consent.decide import Decision, decide
from consent.documents import ConsentDocument, GrantDocument, parse
from consent.errors import ConsentError
from consent.ids import GrantId, PersonId
from consent.reasons import in_order, public
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Modality, Purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What the gate is asked: who wants whom for what, and in which capacity.

    Attributes:
        held: grants and consents of which this clip holds one use already.
        licensed: whether the generator's licence allows what is made with it to be sold.
        publishing: whether it is to be shared, which may need approvals.
        approved: who approved this very file by a signature.
    """

    requester: str
    people: tuple[str, ...]
    modalities: frozenset[Modality]
    purpose: Purpose
    content_classes: frozenset[str]
    spoken: str
    held: frozenset[str] = frozenset()
    licensed: bool = True
    publishing: bool = False
    approved: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A decision and what it was taken on."""

    decision: Decision
    now: datetime
    """The database's clock, read with the people, after the locks."""
    people: tuple[Standing, ...]
    """Everybody asked for who is known."""


def ask_gate(tx: Transaction, ask: Ask, policy: Policy) -> Answer:
    """Read the state as it stands in this transaction and decide.

    For a decision that is acted upon, the caller holds at least the shared locks of all people.
    """
    people = tuple(dict.fromkeys(ask.people))
    now, found = tx.gate.standings(people[: policy.max_people + 1], ask.requester)
    requester = PersonId(ask.requester)
    subjects = {PersonId(person): _subject(each, requester) for person, each in found.items()}
    state = State(
        subjects=subjects,
        now=now,
        min_assurance=policy.min_assurance,
        max_people=policy.max_people,
    )
    request = Request(
        requester=requester,
        people=tuple(PersonId(person) for person in people),
        modalities=ask.modalities,
        purpose=ask.purpose,
        content_classes=ask.content_classes,
        spoken=ask.spoken,
        own_uses=frozenset(GrantId(held) for held in ask.held),
        publishing=ask.publishing,
        approved=frozenset(PersonId(person) for person in ask.approved),
        model_allows_commercial=ask.licensed,
    )
    return Answer(decision=decide(state, request), now=now, people=tuple(found.values()))


def require(decision: Decision, handles: Mapping[str, str]) -> Decision:
    """Pass an allowing decision on.

    Raises:
        ConsentRefusedError: with a reason code for each person.
    """
    if not decision.allowed:
        raise ConsentRefusedError(told(decision), answers(decision, handles))
    return decision


def told(decision: Decision) -> tuple[str, ...]:
    """What a requester may know of why it was decided so, of everybody together."""
    of_people = {code for person in decision.people for code in person.reasons}
    said = {code for person in decision.people for code in public(person.reasons)}
    return in_order({*public(set(decision.reasons) - of_people), *said})


def answers(decision: Decision, handles: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a requester may know of a decision: outcome and rule for each person, no lists."""
    return [
        {
            "person_id": person.person_id,
            "handle": handles.get(person.person_id, ""),
            "allowed": person.allowed,
            "reasons": list(public(person.reasons)),
        }
        for person in decision.people
    ]


def counted_uses(decision: Decision) -> list[str]:
    """The grants, and the consents that count, of which a clip takes one use each."""
    people = decision.people
    granted = [str(person.grant_id) for person in people if person.grant_id is not None]
    return granted + [str(person.consent_id) for person in people if person.counts_consent]


def held_uses(people: Iterable[Lease | Holding | ClipPersonRecord]) -> list[str]:
    """The grants, and the consents that count, of which a clip holds one use each."""
    held = [person.grant_id for person in people if person.grant_id is not None]
    return held + [person.consent_id for person in people if person.counts_consent]


def handles_of(tx: Transaction, people: Iterable[str]) -> dict[str, str]:
    """Person id -> handle."""
    return {person: tx.people.get(person).handle for person in people}


def _subject(standing: Standing, requester: PersonId) -> Subject:
    consent = None if standing.consent is None else _consent_state(standing.consent)
    grant = None if standing.grant is None else _grant_state(standing.grant)
    return Subject(
        person_id=PersonId(standing.id),
        handle=standing.handle,
        adult=True,  # an account exists only for a person who declared to be one
        frozen=standing.frozen,
        paused=standing.paused,
        epoch=standing.epoch,
        consent=consent,
        grants=() if grant is None else (grant,),
        # Only whether somebody who matters here is blocked is read, never the person's list.
        blocked=frozenset({requester} if standing.blocks else ()),
        mutuals=frozenset({requester} if standing.mutual else ()),
    )


@lru_cache(maxsize=4096)
def _consent_in(document: bytes) -> tuple[PersonId, ConsentState] | None:
    """Whose consent these bytes are, and what it stands for; None where they are no consent.

    The same bytes always say the same, so what they say may be remembered; whether it still holds
    is read anew each time.
    """
    try:
        read = parse(document)
    except ConsentError:
        return None
    if not isinstance(read, ConsentDocument):
        return None
    return read.subject, ConsentState.of(read, active=False, uses_reserved=0, uses_consumed=0)


@lru_cache(maxsize=4096)
def _grant_in(document: bytes) -> tuple[PersonId, GrantState] | None:
    """As `_consent_in`, for grants."""
    try:
        read = parse(document)
    except ConsentError:
        return None
    if not isinstance(read, GrantDocument):
        return None
    return read.subject, GrantState.of(read, active=False, uses_reserved=0, uses_consumed=0)


def _consent_state(row: ConsentRow) -> ConsentState | None:
    # A document that does not read, or is not what its row says, allows nothing.
    found = _consent_in(row.document)
    if found is None or (found[0], found[1].consent_id) != (row.person_id, row.id):
        return None
    return replace(
        found[1],
        active=row.status == "active",
        uses_reserved=row.uses_reserved,
        uses_consumed=row.uses_consumed,
    )


def _grant_state(row: GrantRow) -> GrantState | None:
    found = _grant_in(row.document)
    expected = (row.person_id, row.id, row.grantee_id)
    if found is None or (found[0], found[1].grant_id, found[1].grantee) != expected:
        return None
    return replace(
        found[1],
        active=row.status == "active",
        uses_reserved=row.uses_reserved,
        uses_consumed=row.uses_consumed,
    )
