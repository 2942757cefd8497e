"""Which keys of a person may sign now. The private halves never come here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from cameo.flows.errors import (
    FlowError,
    KeyNeedsEnrolmentError,
    KeyNotEffectiveError,
    KeyRevokedError,
    NoKeyError,
)
from cameo.flows.ledger import Ledger
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import KeyRecord, PersonRecord
from consent.errors import KeyMismatch
from consent.evidence import RegisteredKey, evidence_from_json
from consent.ids import KeyId
from consent.registration import How, parse_registration, registered_key

Status = Literal["active", "waiting", "needs_enrolment", "revoked"]
_STATUS_OF: Final[Mapping[type[FlowError] | None, Status]] = MappingProxyType(
    {
        None: "active",
        KeyNotEffectiveError: "waiting",
        KeyNeedsEnrolmentError: "needs_enrolment",
        KeyRevokedError: "revoked",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyView:
    """A key, and what it may do now."""

    record: KeyRecord
    status: Status


def signing_keys(
    tx: Transaction, person: PersonRecord, *, granting: bool, signer: str | None = None
) -> Mapping[KeyId, RegisteredKey]:
    """The keys of a person that may sign now, for `verify_evidence`.

    The caller holds the person's lock, so that no key is revoked between this and its commit.

    Args:
        tx: the transaction in which the signature counts.
        person: whose keys.
        granting: whether more may be allowed by what is signed: a consent, a grant, an approval, a
            resumption, a further key. A withdrawal is not: it takes any key that was not revoked.
        signer: the key that did sign. Only that one is looked at then, and a key of this person
            that may not sign is refused by the reason.

    Raises:
        KeyRevokedError: the signer was revoked.
        KeyNotEffectiveError: the signer was recovered and still waits.
        KeyNeedsEnrolmentError: the signer goes back to a recovery, and the newest enrolment does
            not.
    """
    allowed: dict[KeyId, RegisteredKey] = {}
    for record in tx.people.keys(person.id):
        if signer not in (None, record.id):
            continue
        refusal = _refusal(tx, record, tx.now(), granting=granting)
        if refusal is None:
            allowed[KeyId(record.id)] = _registered(record)
        elif signer is not None:
            raise refusal
    return allowed


def view(tx: Transaction, key: str) -> KeyView:
    """A key and its status.

    Raises:
        NotFoundError: there is none.
    """
    record = tx.people.find_key(key)
    if record is None:
        raise NotFoundError(f"no key {key}")
    refusal = _refusal(tx, record, tx.now(), granting=True)
    return KeyView(record=record, status=_STATUS_OF[None if refusal is None else type(refusal)])


def enrolling_key(
    tx: Transaction, person: PersonRecord, wanted: str | None = None
) -> RegisteredKey:
    """The key from which an enrolment's digits are derived.

    Args:
        tx: the transaction in which they are.
        person: who enrols.
        wanted: a key of this person; None takes the newest that stands.

    Raises:
        NoKeyError: the person has none that stands, or not that one.
        KeyNotEffectiveError: that key was recovered and still waits.
    """
    now = tx.now()
    held = [key for key in tx.people.keys(person.id) if wanted in (None, key.id)]
    standing = [key for key in held if key.revoked_at is None]
    ready = [key for key in standing if not waits(key, now)]
    if not ready:
        raise KeyNotEffectiveError if standing else NoKeyError
    return _registered(ready[-1])


def logged_key(
    db: Database, ledger: Ledger, person: PersonRecord, wanted: str | None = None
) -> RegisteredKey:
    """The key to draw an enrolment from, once the log has it; see `enrolling_key`.

    The order of the log shows afterwards that the key was there before the challenge. More is not
    claimed: the service draws the nonce, and six digits are few enough to be searched.
    """
    for _ in range(2):
        with db.reading() as tx:
            chosen = enrolling_key(tx, person, wanted)
            if ledger.prove(tx, kind="key", ref=chosen.key_id) is not None:
                return chosen
        ledger.sequence()
    raise NoKeyError("your key is not in the log yet; try again in a moment")


def goes_back_to_recovery(tx: Transaction, person_id: str, key: str | None) -> bool:
    """Whether a key was recovered, or was added on the word of one that was, however far back."""
    held = {each.id: each for each in tx.people.keys(person_id)}
    return key in held and _origin(held[key], held).how == How.RECOVERED


def _origin(record: KeyRecord, held: Mapping[str, KeyRecord]) -> KeyRecord:
    """The key that a session registered, from which others agreed down to this one."""
    while record.how == How.ADDED and record.evidence is not None:
        # It ends: a key is added by one that was registered before it.
        record = held[evidence_from_json(record.evidence.encode()).key_id]
    return record


def _refusal(
    tx: Transaction, record: KeyRecord, now: datetime, *, granting: bool
) -> FlowError | None:
    """Why a key may not sign; None where it may."""
    if record.revoked_at is not None:
        return KeyRevokedError()
    held = {each.id: each for each in tx.people.keys(record.person_id)}
    origin = _origin(record, held)
    if not granting or origin.how != How.RECOVERED:
        return None
    if now < origin.effective_at:
        return KeyNotEffectiveError(f"this key was recovered and waits until {origin.effective_at}")
    # Whoever recovered an account permits things for the likeness that they enrolled, and for no
    # other: the newest enrolment must go back to the same recovery, and was begun after the wait.
    newest = tx.enrolments.latest(record.person_id)
    drawn_from = held.get(newest.key_id or "") if newest is not None else None
    if (
        newest is None
        or drawn_from is None
        or _origin(drawn_from, held).id != origin.id
        or newest.created_at < origin.effective_at
    ):
        return KeyNeedsEnrolmentError()
    return None


def _registered(record: KeyRecord) -> RegisteredKey:
    # Read from what was logged; the row's other columns only help to find it.
    registration = parse_registration(record.registration)
    if (registration.key_id, registration.person) != (record.id, record.person_id):
        raise KeyMismatch(record.id)
    return registered_key(registration)


def waits(record: KeyRecord, now: datetime) -> bool:
    """Whether a key is one of a recovery that can be cancelled."""
    return record.how == How.RECOVERED and record.revoked_at is None and now < record.effective_at
