"""Registering keys and ending them.

The first key comes by a session, each further one on the word of an older key, and where all are
lost by recovery: after a delay in which the person is told and can object, and with nothing to sign
but withdrawals until a new enrolment was made with it. Each is logged before anything is drawn from
it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cameo.flows import ceremonies
from cameo.flows.errors import (
    KeyExistsError,
    KeyNotPendingError,
    NoKeyYetError,
    RecoveryPendingError,
    StaleDocumentError,
    TooManyKeysError,
)
from cameo.flows.keys import KeyView, view, waits
from cameo.flows.ledger import Ledger
from cameo.flows.policy import Policy
from cameo.flows.registering import NewKey, made, require_ours
from cameo.flows.signing import Prepared, prepared, require_fresh, take_signed
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.ids import new_id
from cameo.store.records import KeyRecord, PersonRecord
from consent.documents import KeyDocument, digest
from consent.evidence import Evidence
from consent.ids import KeyDocumentId, PersonId, Sha256Hex
from consent.registration import (
    How,
    Registration,
    parse_registration,
    registration_bytes,
    registration_fields,
)
from consent.vocabulary import Lang
from consent.webauthn import ALGORITHMS

MOST_KEYS: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationOptions:
    """What a page asks an authenticator for, when it is to make a key."""

    challenge: bytes
    rp_id: str
    rp_name: str
    user_id: bytes
    user_name: str
    user_display_name: str
    algorithms: tuple[int, ...]
    exclude: tuple[bytes, ...]
    """Credentials that the person has: their authenticators make no second one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedKey:
    """A further key, and the document by which an older one lets it sign."""

    registration: bytes
    agreement: Prepared


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyring:
    """Registers keys, and ends them."""

    db: Database
    ledger: Ledger
    policy: Policy

    def challenge(self, person: PersonRecord, kind: ceremonies.Kind) -> CreationOptions:
        """Draw a challenge for a new passkey of this person."""
        with self.db.transaction() as tx:
            challenge = ceremonies.draw(tx, kind, person.id)
            held = tx.people.keys(person.id)
        return CreationOptions(
            challenge=challenge,
            rp_id=self.policy.rp_id,
            rp_name=self.policy.brand,
            user_id=person.id.encode(),
            user_name=person.handle,
            user_display_name=person.display_name,
            algorithms=tuple(int(each) for each in ALGORITHMS),
            exclude=tuple(key.credential_id for key in held if key.credential_id),
        )

    def register(self, person: PersonRecord, new: NewKey) -> KeyView:
        """Register a person's first key, on the word of their session.

        Raises:
            KeyExistsError: there was a key before.
            CeremonyError: the passkey's challenge is not one to answer.
            EvidenceError: the key is unsound, or the passkey's answer is wrong.
            TakenError: it is registered already.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            now = tx.now()
            if tx.people.keys(person.id):
                raise KeyExistsError
            registration = made(tx, self.policy, person, new, How.FIRST)
            self._keep(tx, person, registration)
            tx.clips.notify(person.id, "key.registered", None, now, registration.key_id)
            return view(tx, registration.key_id)

    def prepare(self, person: PersonRecord, new: NewKey, language: Lang = "en") -> PreparedKey:
        """The registration of a further key, and the document for an older key to sign.

        Raises:
            NoKeyYetError: there is no older key.
            CeremonyError: the passkey's challenge is not one to answer.
            EvidenceError: the key is unsound, or the passkey's answer is wrong.
        """
        with self.db.reading() as tx:
            held = tx.people.keys(person.id)
            if not held:
                raise NoKeyYetError("you have no key yet; register your first one")
            new_key = made(tx, self.policy, person, new, How.ADDED)
            registration = registration_bytes(new_key)
            document = KeyDocument(
                document_id=KeyDocumentId(new_id("kad")),
                subject=PersonId(person.id),
                language=language,
                key_id=new_key.key_id,
                key_type=new_key.type,
                registration_sha256=_sha256(registration),
                issued_at=new_key.registered_at,
                nonce=secrets.token_hex(32),
                subject_epoch=tx.people.get(person.id).epoch,
                previous_sha256=_last_document(held),
            )
        return PreparedKey(registration=registration, agreement=prepared(document))

    def add(
        self, person: PersonRecord, registration: bytes, document: bytes, evidence: Evidence
    ) -> KeyView:
        """Take a further key, agreed to by an older one.

        Raises:
            EvidenceError: the signature is not by a key of this person, or the new key is wrong.
            KeyNeedsEnrolmentError: the older key was recovered; see also `signing_keys`.
            StaleDocumentError: something changed since it was prepared.
            CeremonyError: the passkey's challenge is not one to answer.
            TakenError: the key is registered already.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            now = tx.now()
            new = parse_registration(registration)
            taken = take_signed(tx, person, document, evidence, KeyDocument)
            signed, last = taken.document, _last_document(tx.people.keys(person.id))
            require_fresh(tx, self.policy, person, signed, previous_sha256=last, now=now)
            named = (signed.key_id, signed.key_type, signed.registration_sha256)
            if named != (new.key_id, new.type, _sha256(registration)):
                raise StaleDocumentError
            require_ours(tx, self.policy, person, new)
            self._keep(tx, person, new, document=document, evidence=taken.evidence)
            tx.clips.notify(person.id, "key.added", None, now, new.key_id)
            return view(tx, new.key_id)

    def recover(self, person: PersonRecord, new: NewKey) -> KeyView:
        """Start a recovery: a key on the word of a session, which counts only after a delay.

        Older keys stay as they are: whoever still has one can cancel, and loses nothing.

        Raises:
            NoKeyYetError: there was no key before; the first one needs no recovery.
            RecoveryPendingError: one is under way.
            CeremonyError: the passkey's challenge is not one to answer.
            EvidenceError: the key is unsound, or the passkey's answer is wrong.
            TakenError: the key is registered already.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            now = tx.now()
            held = tx.people.keys(person.id)
            if not held:
                raise NoKeyYetError
            if any(waits(key, now) for key in held):
                raise RecoveryPendingError
            registration = made(tx, self.policy, person, new, How.RECOVERED)
            self._keep(tx, person, registration)
            tx.people.raise_epoch(person.id)
            self._restrict(tx, person, registration.key_id, "recovery_started", now)
            until = registration.effective_at.isoformat()
            tx.clips.notify(person.id, "key.recovery_started", None, now, until)
            return view(tx, registration.key_id)

    def cancel(self, person: PersonRecord, key: str) -> KeyView:
        """Stop a recovery that waits; any session of the person suffices.

        Raises:
            NotFoundError: it is not a key of this person.
            KeyNotPendingError: it does not wait.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            now = tx.now()
            if not waits(_own(tx, person, key), now):
                raise KeyNotPendingError
            self._end(tx, person, key, "recovery_cancelled", now)
            return view(tx, key)

    def revoke(self, person: PersonRecord, key: str) -> KeyView:
        """End a key, the last one too; a session suffices. What it signed before stays signed.

        Raises:
            NotFoundError: it is not a key of this person.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            if _own(tx, person, key).revoked_at is None:
                self._end(tx, person, key, "revoked", tx.now())
            return view(tx, key)

    def all(self, person: PersonRecord) -> tuple[KeyView, ...]:
        """Every key a person ever registered, oldest first."""
        with self.db.reading() as tx:
            return tuple(view(tx, key.id) for key in tx.people.keys(person.id))

    def _keep(
        self,
        tx: Transaction,
        person: PersonRecord,
        registration: Registration,
        *,
        document: bytes | None = None,
        evidence: str | None = None,
    ) -> None:
        """Row and leaf in one commit: a key that is not logged does not exist."""
        held = [key for key in tx.people.keys(person.id) if key.revoked_at is None]
        if len(held) >= MOST_KEYS:
            raise TooManyKeysError
        passkey = registration.passkey
        tx.people.add_key(
            KeyRecord(
                id=registration.key_id,
                person_id=person.id,
                evidence_type=str(registration.type),
                public_key=registration.public_key,
                label=registration.label,
                how=str(registration.how),
                registration=registration_bytes(registration),
                document=document,
                evidence=evidence,
                credential_id=None if passkey is None else passkey.credential_id,
                rp_id=None if passkey is None else passkey.rp_id,
                origins=None if passkey is None else json.dumps(passkey.origins),
                registered_at=registration.registered_at,
                effective_at=registration.effective_at,
            )
        )
        # The leaf commits to the very bytes of the registration: what an auditor is shown, and
        # what a key document cites, is what was logged.
        self.ledger.record(
            tx,
            kind="key",
            ref=registration.key_id,
            private=registration_fields(registration),
            at=tx.now(),
            people=[tx.people.get(person.id)],
        )

    def _end(
        self, tx: Transaction, person: PersonRecord, key: str, act: str, now: datetime
    ) -> None:
        tx.people.revoke_key(key, now)
        tx.sessions.end_of_key(key, now)
        tx.people.raise_epoch(person.id)
        self._restrict(tx, person, key, act, now)
        tx.clips.notify(person.id, f"key.{act}", None, now, key)

    def _restrict(
        self, tx: Transaction, person: PersonRecord, key: str, act: str, now: datetime
    ) -> None:
        self.ledger.record(
            tx,
            kind="restrict",
            ref=key,
            private={"act": f"key.{act}", "key": key, "person": person.id},
            at=now,
            people=[tx.people.get(person.id)],
        )


def _own(tx: Transaction, person: PersonRecord, key: str) -> KeyRecord:
    record = tx.people.find_key(key)
    if record is None or record.person_id != person.id:
        raise NotFoundError(f"no key {key}")
    return record


def _last_document(keys: Sequence[KeyRecord]) -> Sha256Hex | None:
    """The digest of the newest document by which a person let a key sign."""
    signed = [key.document for key in keys if key.document is not None]
    return digest(signed[-1]) if signed else None


def _sha256(data: bytes) -> Sha256Hex:
    return Sha256Hex(hashlib.sha256(data).hexdigest())
