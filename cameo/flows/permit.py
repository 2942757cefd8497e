"""Consents and grants: prepare a document, take the person's signature, answer preflights."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cameo.flows.errors import (
    AudienceError,
    InvalidRequestError,
    NoConsentError,
    NotEnrolledError,
    StaleDocumentError,
)
from cameo.flows.gate import Ask, ask_gate
from cameo.flows.ledger import Ledger
from cameo.flows.notice import NOTICE_SHA256
from cameo.flows.policy import Policy
from cameo.store.database import Database, Transaction
from cameo.store.ids import new_id
from cameo.store.records import ConsentRecord, GrantRecord, PersonRecord
from consent.decide import Decision
from consent.documents import (
    ConsentDocument,
    GrantDocument,
    canonical,
    describe,
)
from consent.evidence import Evidence, evidence_to_json, verify_evidence
from consent.ids import ConsentId, EnrolmentId, GrantId, KeyId, PersonId, Sha256Hex
from consent.vocabulary import Audience, Modality, Purpose, RestrictionClass

OFFERED_AUDIENCES = frozenset({Audience.ONLY_ME, Audience.APPROVED, Audience.EVERYONE})


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentWish:
    """What a person wants to agree to; the defaults are the safe ones."""

    audience: Audience = Audience.ONLY_ME
    modalities: frozenset[Modality] = frozenset({"face", "voice"})
    purposes: frozenset[Purpose] = frozenset({Purpose.PERSONAL})
    restrictions: frozenset[RestrictionClass] = frozenset({RestrictionClass.NUDITY})
    never_say: tuple[str, ...] = ()
    max_people: int = 2
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantWish:
    """What a person wants to permit somebody; nothing beyond their consent."""

    grantee: PersonRecord
    modalities: frozenset[Modality] = frozenset({"face", "voice"})
    purposes: frozenset[Purpose] = frozenset({Purpose.PERSONAL})
    expires_at: datetime | None = None
    max_uses: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A document to sign: its exact bytes, and what they say for people."""

    document: bytes
    text_en: str
    text_ja: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Permits:
    """What a person agrees to. The service prepares and checks; only the person signs."""

    db: Database
    ledger: Ledger
    policy: Policy

    def prepare_consent(self, person: PersonRecord, wish: ConsentWish) -> Prepared:
        """The document for a consent under the person's newest enrolment.

        Raises:
            NotEnrolledError: there is no enrolment.
            AudienceError: the audience is not offered.
            MalformedDocument: a limit is out of its range.
        """
        if wish.audience not in OFFERED_AUDIENCES:
            raise AudienceError
        with self.db.reading() as tx:
            enrolment = tx.enrolments.latest(person.id)
            if enrolment is None or enrolment.assurance is None:
                raise NotEnrolledError
            previous = tx.consents.latest(person.id)
            current = tx.people.get(person.id)
            document = ConsentDocument(
                document_id=ConsentId(new_id("cns")),
                subject=PersonId(person.id),
                subject_handle=person.handle,
                audience=wish.audience,
                modalities=wish.modalities,
                purposes=wish.purposes,
                restrictions=wish.restrictions,
                never_say=wish.never_say,
                max_people=wish.max_people,
                expires_at=wish.expires_at,
                issued_at=tx.now(),
                nonce=secrets.token_hex(32),
                notice_sha256=Sha256Hex(enrolment.notice_sha256),
                assurance=enrolment.assurance,
                simulated=enrolment.simulated,
                enrolment_id=EnrolmentId(enrolment.id),
                subject_epoch=current.epoch,
                previous_sha256=None if previous is None else Sha256Hex(previous.sha256),
            )
        return _prepared(document)

    def prepare_grant(self, person: PersonRecord, wish: GrantWish) -> Prepared:
        """The document for a grant under the person's present consent.

        Raises:
            NoConsentError: the person has none, or it has ended.
            InvalidRequestError: the grant is to oneself.
        """
        if wish.grantee.id == person.id:
            raise InvalidRequestError("you need no grant for yourself")
        with self.db.reading() as tx:
            consent = _standing_consent(tx, person)
            earlier = tx.consents.grants_for(person.id, wish.grantee.id)
            document = GrantDocument(
                document_id=GrantId(new_id("gnt")),
                subject=PersonId(person.id),
                consent_id=ConsentId(consent.id),
                grantee=PersonId(wish.grantee.id),
                grantee_handle=wish.grantee.handle,
                modalities=wish.modalities,
                purposes=wish.purposes,
                expires_at=wish.expires_at,
                max_uses=wish.max_uses,
                issued_at=tx.now(),
                nonce=secrets.token_hex(32),
                subject_epoch=tx.people.get(person.id).epoch,
                previous_sha256=Sha256Hex(earlier[0].sha256) if earlier else None,
            )
        return _prepared(document)

    def sign_consent(
        self, person: PersonRecord, document: bytes, evidence: Evidence
    ) -> ConsentRecord:
        """Take a signed consent. A new one replaces the old, which may narrow what is allowed.

        Raises:
            EvidenceError: the signature is not by a key of this person.
            MalformedDocument: the bytes are no document.
            StaleDocumentError: something changed since it was prepared.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            verified = verify_evidence(document, evidence, registered_keys=_keys(tx, person))
            signed = verified.document
            if not isinstance(signed, ConsentDocument):
                raise InvalidRequestError("this is not a consent document")
            now = tx.now()
            previous = tx.consents.latest(person.id)
            self._require_fresh(tx, person, signed, previous.sha256 if previous else None, now)
            enrolment = tx.enrolments.latest(person.id)
            expected = enrolment and (enrolment.id, enrolment.assurance, enrolment.simulated)
            if expected != (signed.enrolment_id, signed.assurance, signed.simulated):
                raise StaleDocumentError
            if signed.audience not in OFFERED_AUDIENCES:
                raise AudienceError
            # What the person read must be what the record says: names and notice are shown text.
            if (signed.subject_handle, signed.notice_sha256) != (person.handle, NOTICE_SHA256):
                raise StaleDocumentError
            record = ConsentRecord(
                id=signed.document_id,
                person_id=person.id,
                enrolment_id=signed.enrolment_id,
                status="active",
                document=document,
                evidence=evidence_to_json(evidence).decode(),
                sha256=verified.document_sha256,
                created_at=now,
                expires_at=signed.expires_at,
                ended_at=None,
            )
            # A replaced consent may have allowed more: that counts as an event that can deny.
            if tx.consents.add(record):
                tx.people.raise_epoch(person.id)
            self._log(tx, "consent", record, person, now)
        return record

    def sign_grant(self, person: PersonRecord, document: bytes, evidence: Evidence) -> GrantRecord:
        """Take a signed grant.

        Raises:
            EvidenceError: the signature is not by a key of this person.
            StaleDocumentError: something changed since it was prepared.
            NoConsentError: the consent that it stands under has ended.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            verified = verify_evidence(document, evidence, registered_keys=_keys(tx, person))
            signed = verified.document
            if not isinstance(signed, GrantDocument):
                raise InvalidRequestError("this is not a grant document")
            now = tx.now()
            consent = _standing_consent(tx, person)
            earlier = tx.consents.grants_for(person.id, signed.grantee)
            self._require_fresh(tx, person, signed, earlier[0].sha256 if earlier else None, now)
            if signed.consent_id != consent.id or signed.grantee == person.id:
                raise StaleDocumentError
            if tx.people.get(signed.grantee).handle != signed.grantee_handle:
                raise StaleDocumentError
            record = GrantRecord(
                id=signed.document_id,
                person_id=person.id,
                consent_id=signed.consent_id,
                grantee_id=signed.grantee,
                status="active",
                document=document,
                evidence=evidence_to_json(evidence).decode(),
                sha256=verified.document_sha256,
                max_uses=signed.max_uses,
                uses_reserved=0,
                uses_consumed=0,
                created_at=now,
                expires_at=signed.expires_at,
                ended_at=None,
            )
            if tx.consents.add_grant(record):
                tx.people.raise_epoch(person.id)
            self._log(tx, "grant", record, person, now)
        return record

    def check(
        self,
        *,
        requester: PersonRecord,
        people: Iterable[PersonRecord],
        modalities: frozenset[Modality],
        purpose: Purpose,
        content_classes: frozenset[str] = frozenset(),
        spoken: str = "",
    ) -> Decision:
        """What the gate would say now; it reserves nothing, and the answer may age."""
        ask = Ask(
            requester=requester.id,
            people=tuple(person.id for person in people),
            modalities=modalities,
            purpose=purpose,
            content_classes=content_classes,
            spoken=spoken,
        )
        with self.db.reading() as tx:
            return ask_gate(tx, ask, self.policy)

    def mine(
        self, person: PersonRecord
    ) -> tuple[tuple[ConsentRecord, ...], tuple[GrantRecord, ...]]:
        """All consents and all grants of a person, newest first."""
        with self.db.reading() as tx:
            return tx.consents.history(person.id), tx.consents.given(person.id)

    def _require_fresh(
        self,
        tx: Transaction,
        person: PersonRecord,
        signed: ConsentDocument | GrantDocument,
        previous_sha256: str | None,
        now: datetime,
    ) -> None:
        # The chain of digests and the epoch make an old or a replayed signature useless: whatever
        # was accepted or withdrawn since then changed one of them.
        age = now - signed.issued_at
        current = (person.id, previous_sha256, tx.people.get(person.id).epoch)
        stated = (signed.subject, signed.previous_sha256, signed.subject_epoch)
        if stated != current or not -self.policy.prepared_ttl < age < self.policy.prepared_ttl:
            raise StaleDocumentError

    def _log(
        self,
        tx: Transaction,
        kind: str,
        record: ConsentRecord | GrantRecord,
        person: PersonRecord,
        now: datetime,
    ) -> None:
        self.ledger.record(
            tx,
            kind="consent" if kind == "consent" else "grant",
            ref=record.id,
            private={"id": record.id, "person": person.id, "sha256": record.sha256},
            at=now,
            people=[tx.people.get(person.id)],
        )


def _prepared(document: ConsentDocument | GrantDocument) -> Prepared:
    return Prepared(
        document=canonical(document),
        text_en=describe(document, "en"),
        text_ja=describe(document, "ja"),
    )


def _keys(tx: Transaction, person: PersonRecord) -> dict[KeyId, bytes]:
    return {
        KeyId(key.id): key.public_key for key in tx.people.keys(person.id) if key.revoked_at is None
    }


def _standing_consent(tx: Transaction, person: PersonRecord) -> ConsentRecord:
    consent = tx.consents.latest(person.id)
    if consent is None or consent.status != "active":
        raise NoConsentError
    return consent
