"""The gate: fill a `State` under locks, and ask `consent.decide`. Nothing else decides.

The same function serves preflight (no locks, an answer that may age), the start of a generation
(uses are reserved) and its release (shared locks on everybody in it, decided anew, uses consumed).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cameo.flows.errors import ConsentRefusedError
from cameo.flows.policy import Policy
from cameo.store.database import Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import ConsentRecord, GrantRecord
from consent.decide import Decision, decide
from consent.documents import ConsentDocument, GrantDocument, parse
from consent.errors import ConsentError
from consent.ids import GrantId, PersonId
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Modality, Purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What the gate is asked: who wants whom for what."""

    requester: str
    people: tuple[str, ...]
    modalities: frozenset[Modality]
    purpose: Purpose
    content_classes: frozenset[str]
    spoken: str
    reserved: frozenset[str] = frozenset()


def ask_gate(tx: Transaction, ask: Ask, policy: Policy) -> Decision:
    """Read the state as it stands in this transaction and decide.

    For a decision that is acted upon, the caller holds at least the shared locks of all people;
    the database's clock is read here, after them.
    """
    subjects = {}
    for person_id in dict.fromkeys(ask.people):
        subject = _subject(tx, PersonId(person_id), ask.requester)
        if subject is not None:
            subjects[subject.person_id] = subject
    state = State(
        subjects=subjects,
        now=tx.now(),
        min_assurance=policy.min_assurance,
        max_people=policy.max_people,
    )
    request = Request(
        requester=PersonId(ask.requester),
        people=tuple(PersonId(person) for person in ask.people),
        modalities=ask.modalities,
        purpose=ask.purpose,
        content_classes=ask.content_classes,
        spoken=ask.spoken,
        own_reservation=frozenset(GrantId(grant) for grant in ask.reserved),
    )
    return decide(state, request)


def require(decision: Decision, handles: Mapping[str, str]) -> Decision:
    """Pass an allowing decision on.

    Raises:
        ConsentRefusedError: with a reason code for each person.
    """
    if not decision.allowed:
        raise ConsentRefusedError(decision.reasons, answers(decision, handles))
    return decision


def answers(decision: Decision, handles: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a requester may know of a decision: outcome and rule for each person, no lists."""
    return [
        {
            "person_id": person.person_id,
            "handle": handles.get(person.person_id, ""),
            "allowed": person.allowed,
            "reasons": list(person.reasons),
        }
        for person in decision.people
    ]


def cited_grants(decision: Decision) -> list[str]:
    """The grants whose uses a decision counts."""
    return [person.grant_id for person in decision.people if person.grant_id is not None]


def handles_of(tx: Transaction, people: Iterable[str]) -> dict[str, str]:
    """Person id -> handle."""
    return {person: tx.people.get(person).handle for person in people}


def _subject(tx: Transaction, person_id: PersonId, requester: str) -> Subject | None:
    try:
        person = tx.people.get(person_id)
    except NotFoundError:
        return None
    consent = tx.consents.latest(person_id)
    grants = tx.consents.grants_for(person_id, requester)
    return Subject(
        person_id=person_id,
        handle=person.handle,
        adult=True,  # an account exists only for a person who declared to be one
        frozen=person.frozen,
        epoch=person.epoch,
        consent=None if consent is None else _consent_state(consent),
        grants=tuple(state for grant in grants if (state := _grant_state(grant)) is not None),
        blocked=frozenset(),
        mutuals=frozenset(),
    )


def _consent_state(record: ConsentRecord) -> ConsentState | None:
    # A document that does not read, or is not what its row says, allows nothing.
    try:
        document = parse(record.document)
    except ConsentError:
        return None
    if not isinstance(document, ConsentDocument) or document.document_id != record.id:
        return None
    if document.subject != record.person_id:
        return None
    return ConsentState.of(document, active=record.status == "active")


def _grant_state(record: GrantRecord) -> GrantState | None:
    try:
        document = parse(record.document)
    except ConsentError:
        return None
    if not isinstance(document, GrantDocument) or document.document_id != record.id:
        return None
    if (document.subject, document.grantee) != (record.person_id, record.grantee_id):
        return None
    return GrantState.of(
        document,
        active=record.status == "active",
        uses_reserved=record.uses_reserved,
        uses_consumed=record.uses_consumed,
    )
