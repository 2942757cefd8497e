"""Consents and grants: prepare a document, take the person's signature, answer preflights."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cameo.flows.errors import (
    InvalidRequestError,
    NoConsentError,
    NotEnrolledError,
    SelfGrantError,
    StaleDocumentError,
    UnknownHandleError,
)
from cameo.flows.gate import Ask, ask_gate
from cameo.flows.ledger import Ledger
from cameo.flows.policy import Policy
from cameo.flows.signing import Prepared, prepared, require_fresh, take_signed
from cameo.store.database import Database, Transaction
from cameo.store.ids import new_id
from cameo.store.records import ConsentRecord, EnrolmentRecord, GrantRecord, PersonRecord
from consent.decide import Decision
from consent.documents import ConsentDocument, GrantDocument, digest
from consent.evidence import Evidence
from consent.ids import ConsentId, EnrolmentId, GrantId, PersonId, Sha256Hex
from consent.rules import named_apart
from consent.vocabulary import Approval, Audience, Lang, Modality, Purpose, RestrictionClass


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentWish:
    """What a person wants to agree to; the defaults are the safe ones."""

    audience: Audience = Audience.ONLY_ME
    modalities: frozenset[Modality] = frozenset({"face", "voice"})
    purposes: frozenset[Purpose] = frozenset({Purpose.PERSONAL})
    restrictions: frozenset[RestrictionClass] = frozenset({RestrictionClass.NUDITY})
    never_say: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    """Limits in the person's own words; see `consent.rules`."""
    apart_from: tuple[str, ...] = ()
    """Handles of people not to appear with, with or without @."""
    max_people: int = 2
    max_uses: int | None = None
    """How many clips others may release under it in all."""
    approval: Approval = Approval.IF_NEEDED
    expires_at: datetime | None = None
    retention_days: int = 90
    language: Lang = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantWish:
    """What a person wants to permit somebody; nothing beyond their consent."""

    grantee: PersonRecord
    modalities: frozenset[Modality] = frozenset({"face", "voice"})
    purposes: frozenset[Purpose] = frozenset({Purpose.PERSONAL})
    expires_at: datetime | None = None
    max_uses: int | None = None
    language: Lang = "en"


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
            UnknownHandleError: nobody has a handle of `apart_from`.
            InvalidRequestError: `apart_from` names the person.
            MalformedDocument: a limit is out of its range.
        """
        wishes = _tidy(wish.wishes)
        with self.db.reading() as tx:
            enrolment = tx.enrolments.latest(person.id)
            enrolled = _enrolled_as(enrolment)
            if enrolment is None or enrolled is None:
                raise NotEnrolledError
            previous = tx.consents.latest(person.id)
            apart = _apart(tx, person, wish.apart_from, named_apart(wishes))
            document = ConsentDocument(
                document_id=ConsentId(new_id("cns")),
                controller=self.policy.brand,
                language=wish.language,
                subject=PersonId(person.id),
                subject_handle=person.handle,
                audience=wish.audience,
                modalities=wish.modalities,
                purposes=wish.purposes,
                restrictions=wish.restrictions,
                never_say=wish.never_say,
                wishes=wishes,
                apart_from=tuple(PersonId(each.id) for each in apart),
                apart_from_handles=tuple(each.handle for each in apart),
                max_people=wish.max_people,
                max_uses=wish.max_uses,
                approval=wish.approval,
                expires_at=wish.expires_at,
                retention_days=wish.retention_days,
                issued_at=tx.now(),
                nonce=secrets.token_hex(32),
                notice_sha256=Sha256Hex(enrolment.notice_sha256),
                assurance=enrolled[1],
                simulated=enrolled[2],
                enrolment_id=EnrolmentId(enrolled[0]),
                subject_epoch=tx.people.get(person.id).epoch,
                previous_sha256=_digest_of(previous),
            )
        return prepared(document)

    def prepare_grant(self, person: PersonRecord, wish: GrantWish) -> Prepared:
        """The document for a grant under the person's present consent.

        Raises:
            NoConsentError: the person has none, or it has ended.
            SelfGrantError: the grant is to oneself.
        """
        if wish.grantee.id == person.id:
            raise SelfGrantError
        with self.db.reading() as tx:
            consent = _standing_consent(tx, person)
            document = GrantDocument(
                document_id=GrantId(new_id("gnt")),
                controller=self.policy.brand,
                language=wish.language,
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
                previous_sha256=_digest_of(_last_grant(tx, person, wish.grantee.id)),
            )
        return prepared(document)

    def sign_consent(
        self, person: PersonRecord, document: bytes, evidence: Evidence
    ) -> ConsentRecord:
        """Take a signed consent. A new one replaces the old, which may narrow what is allowed.

        Raises:
            EvidenceError: the signature is not by a key of this person.
            MalformedDocument: the bytes are no document.
            StaleDocumentError: something changed since it was prepared, or other text was shown.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            signed = take_signed(tx, person, document, evidence, ConsentDocument)
            consent, now = signed.document, tx.now()
            previous = _digest_of(tx.consents.latest(person.id))
            require_fresh(tx, self.policy, person, consent, previous_sha256=previous, now=now)
            enrolled = _enrolled_as(tx.enrolments.latest(person.id))
            if enrolled != (consent.enrolment_id, consent.assurance, consent.simulated):
                raise StaleDocumentError
            self._require_true_names(tx, person, consent)
            record = ConsentRecord(
                id=consent.document_id,
                person_id=person.id,
                enrolment_id=consent.enrolment_id,
                status="active",
                document=document,
                evidence=signed.evidence,
                sha256=signed.sha256,
                created_at=now,
                expires_at=consent.expires_at,
                ended_at=None,
                max_uses=consent.max_uses,
                retention_days=consent.retention_days,
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
            StaleDocumentError: something changed since it was prepared, or other text was shown.
            NoConsentError: the consent that it stands under has ended.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            signed = take_signed(tx, person, document, evidence, GrantDocument)
            grant, now = signed.document, tx.now()
            consent = _standing_consent(tx, person)
            previous = _digest_of(_last_grant(tx, person, grant.grantee))
            require_fresh(tx, self.policy, person, grant, previous_sha256=previous, now=now)
            named = (grant.consent_id, grant.controller, grant.grantee_handle)
            handle = tx.people.get(grant.grantee).handle
            if named != (consent.id, self.policy.brand, handle):
                raise StaleDocumentError
            record = GrantRecord(
                id=grant.document_id,
                person_id=person.id,
                consent_id=grant.consent_id,
                grantee_id=grant.grantee,
                status="active",
                document=document,
                evidence=signed.evidence,
                sha256=signed.sha256,
                max_uses=grant.max_uses,
                uses_reserved=0,
                uses_consumed=0,
                created_at=now,
                expires_at=grant.expires_at,
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
            return ask_gate(tx, ask, self.policy).decision

    def mine(
        self, person: PersonRecord
    ) -> tuple[tuple[ConsentRecord, ...], tuple[GrantRecord, ...]]:
        """All consents and all grants of a person, newest first."""
        with self.db.reading() as tx:
            return tx.consents.history(person.id), tx.consents.given(person.id)

    def _require_true_names(
        self, tx: Transaction, person: PersonRecord, consent: ConsentDocument
    ) -> None:
        # What the person read must be what the record says: names and notice are shown text.
        # The notice is the one that was in force when they were recorded.
        notice = tx.enrolments.get(consent.enrolment_id).notice_sha256
        named = (consent.subject_handle, consent.notice_sha256, consent.controller)
        if named != (person.handle, notice, self.policy.brand):
            raise StaleDocumentError
        for handle, person_id in zip(consent.apart_from_handles, consent.apart_from, strict=True):
            other = tx.people.find_handle(handle)
            if other is None or other.id != person_id:
                raise StaleDocumentError

    def _log(
        self,
        tx: Transaction,
        kind: Literal["consent", "grant"],
        record: ConsentRecord | GrantRecord,
        person: PersonRecord,
        now: datetime,
    ) -> None:
        self.ledger.record(
            tx,
            kind=kind,
            ref=record.id,
            private={
                "id": record.id,
                "person": person.id,
                "sha256": record.sha256,
                # The signature too: a digest alone would not show that the person had signed
                # before whatever stands after this leaf.
                "evidence_sha256": digest(record.evidence.encode()),
            },
            at=now,
            people=[tx.people.get(person.id)],
        )


def _tidy(wishes: Iterable[str]) -> tuple[str, ...]:
    """Wishes with single blanks, each once: a full-width blank is not worth a refusal."""
    return tuple(dict.fromkeys(" ".join(wish.split()) for wish in wishes))


def _apart(
    tx: Transaction, person: PersonRecord, chosen: Iterable[str], named: Iterable[str]
) -> tuple[PersonRecord, ...]:
    """The people whom a person does not want to appear with.

    A handle in a wish that belongs to nobody is no error: the wish stays, and needs a judge.
    """
    found: dict[str, PersonRecord] = {}
    for handle in (each.strip().removeprefix("@").casefold() for each in chosen):
        other = tx.people.find_handle(handle)
        if other is None:
            raise UnknownHandleError(f"nobody here has the handle @{handle[:40]}")
        if other.id == person.id:
            raise InvalidRequestError("apart_from: that is you")
        found[other.id] = other
    others = (tx.people.find_handle(handle) for handle in named)
    found.update({each.id: each for each in others if each is not None and each.id != person.id})
    return tuple(found.values())


def _enrolled_as(enrolment: EnrolmentRecord | None) -> tuple[str, int, bool] | None:
    """What a consent says about the enrolment that it is for; None where nothing is enrolled."""
    if enrolment is None or enrolment.assurance is None or enrolment.erased_at is not None:
        return None
    return enrolment.id, enrolment.assurance, enrolment.simulated


def _last_grant(tx: Transaction, person: PersonRecord, grantee_id: str) -> GrantRecord | None:
    return next(iter(tx.consents.grants_for(person.id, grantee_id)), None)


def _digest_of(record: ConsentRecord | GrantRecord | None) -> Sha256Hex | None:
    return None if record is None else Sha256Hex(record.sha256)


def _standing_consent(tx: Transaction, person: PersonRecord) -> ConsentRecord:
    consent = tx.consents.latest(person.id)
    if consent is None or consent.status != "active":
        raise NoConsentError
    return consent
