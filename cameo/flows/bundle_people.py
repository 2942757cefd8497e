"""What people agreed to, as a bundle shows it: enrolments, consents and grants, each in the log."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cameo.flows.bundle_errors import (
    DocumentError,
    EnrolmentError,
    EpochError,
    MissingError,
    OrderError,
    SuperfluousError,
)
from cameo.flows.bundle_form import Logged, Signed
from cameo.flows.bundle_keys import DrawnFrom, LoggedKey, Ring, require_before, sole_cite
from cameo.flows.bundle_records import DocumentRecord, EnrolRecord, SignedDigests
from consent.documents import ConsentDocument, GrantDocument, parse
from consent.errors import ConsentError
from consent.forms import Document
from consent.ids import PersonId
from provenance.log.openings import Opened

D = TypeVar("D", ConsentDocument, GrantDocument)


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolled:
    """An enrolment in the log."""

    record: EnrolRecord
    place: Opened
    key: LoggedKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreed(Generic[D]):
    """A signed document in the log."""

    document: D
    place: Opened
    key: LoggedKey
    digests: SignedDigests

    @property
    def epoch(self) -> int:
        """The person's epoch after it."""
        return sole_cite(self.place).epoch


@dataclass(kw_only=True, slots=True)
class References:
    """Which salted reference stands for whom, the same in all leaves of a bundle."""

    by_person: dict[PersonId, str] = field(default_factory=dict)

    def note(self, person: PersonId, place: Opened) -> None:
        """Note down whom a leaf is about.

        Raises:
            EpochError: Other leaves say otherwise.
        """
        ref = sole_cite(place).ref
        if self.by_person.setdefault(person, ref) != ref:
            raise EpochError("two references for one person")
        if len(set(self.by_person.values())) != len(self.by_person):
            raise EpochError("one reference for two people")


@dataclass(kw_only=True, slots=True)
class Agreements:
    """Everything that people agreed to; it notes down what was needed."""

    ring: Ring
    references: References = field(default_factory=References)
    enrolments: dict[str, Enrolled] = field(default_factory=dict)
    consents: dict[str, Agreed[ConsentDocument]] = field(default_factory=dict)
    grants: dict[str, Agreed[GrantDocument]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def enrolment(self, place: Opened) -> None:
        """Take an enrolment.

        Raises:
            BundleError: Of the kind that says what is wrong.
        """
        record = EnrolRecord.of(place.record)
        key = self.ring.find(record.key)
        if key.registration.person != record.person:
            raise EnrolmentError("drawn from somebody else's key")
        require_before(key.place, place, "a key and the enrolment that was drawn from it")
        if record.released_at > place.entry.at:
            raise OrderError("an enrolment that began after its entry")
        self.references.note(record.person, place)
        _once(self.enrolments, record.enrolment)
        self.enrolments[record.enrolment] = Enrolled(record=record, place=place, key=key)

    def consent(self, logged: Logged, place: Opened) -> None:
        """Take a consent, whose enrolment was taken before.

        Raises:
            BundleError: Of the kind that says what is wrong.
        """
        document, enrolled = _consent_in(logged.signed, self.enrolments)
        self.used.add(enrolled.record.enrolment)
        require_before(enrolled.place, place, "an enrolment and the consent for it")
        _once(self.consents, document.document_id)
        self.consents[document.document_id] = self._agreed(
            document, logged.signed, place, drawn_from(enrolled)
        )

    def grant(self, logged: Logged, place: Opened) -> None:
        """Take a grant, whose consent was taken before.

        Raises:
            BundleError: Of the kind that says what is wrong.
        """
        document = _grant_in(logged.signed)
        consent = self.consents.get(document.consent_id)
        if consent is None:
            raise MissingError(document.consent_id)
        if consent.document.subject != document.subject:
            raise DocumentError("a grant under somebody else's consent")
        require_before(consent.place, place, "a consent and the grant under it")
        enrolled = drawn_from(self.enrolled(consent))
        _once(self.grants, document.document_id)
        self.grants[document.document_id] = self._agreed(document, logged.signed, place, enrolled)

    def enrolled(self, consent: Agreed[ConsentDocument]) -> Enrolled:
        """The enrolment that a consent is for."""
        return self.enrolments[consent.document.enrolment_id]

    def require_all_used(self) -> None:
        """Refuse what nothing rests on.

        Raises:
            SuperfluousError: There is something.
        """
        there = self.enrolments.keys() | self.consents.keys() | self.grants.keys()
        if there - self.used:
            raise SuperfluousError("a document or an enrolment")
        self.ring.require_all_used()

    def _agreed(self, document: D, signed: Signed, place: Opened, enrolled: DrawnFrom) -> Agreed[D]:
        record = DocumentRecord.of(place.record)
        if (record.id, record.person) != (document.document_id, document.subject):
            raise DocumentError("another document's entry")
        if record.digests != digests_of(signed):
            raise DocumentError("another digest in the entry")
        self.references.note(document.subject, place)
        # A document that replaced another raised the epoch once more than it had read.
        if sole_cite(place).epoch - document.subject_epoch not in (0, 1):
            raise EpochError("a document of another epoch than its entry")
        if document.issued_at > place.entry.at:
            raise OrderError("a document that was prepared after its entry")
        key = self.ring.check(signed, place, enrolled).key
        return Agreed(document=document, place=place, key=key, digests=record.digests)


def _consent_in(
    signed: Signed, enrolments: dict[str, Enrolled]
) -> tuple[ConsentDocument, Enrolled]:
    document = parsed(signed)
    if not isinstance(document, ConsentDocument):
        raise DocumentError("no consent")
    enrolled = enrolments.get(document.enrolment_id)
    if enrolled is None:
        raise MissingError(document.enrolment_id)
    record = enrolled.record
    logged = (record.person, record.assurance, record.simulated, record.notice_sha256)
    said = (document.subject, document.assurance, document.simulated, document.notice_sha256)
    if said != logged:
        raise EnrolmentError
    return document, enrolled


def _grant_in(signed: Signed) -> GrantDocument:
    document = parsed(signed)
    if not isinstance(document, GrantDocument):
        raise DocumentError("no grant")
    return document


def parsed(signed: Signed) -> Document:
    """The document that a person signed.

    Raises:
        DocumentError: It is none.
    """
    try:
        return parse(signed.document)
    except ConsentError as cause:
        raise DocumentError(cause.code) from cause


def _once(taken: Mapping[str, object], name: str) -> None:
    if name in taken:
        raise SuperfluousError("one twice")


def drawn_from(enrolled: Enrolled) -> DrawnFrom:
    """What matters of an enrolment for keys."""
    return DrawnFrom(key=enrolled.key, released_at=enrolled.record.released_at)


def digests_of(signed: Signed) -> SignedDigests:
    """How the log cites a signed document."""
    return SignedDigests(
        sha256=hashlib.sha256(signed.document).hexdigest(),
        evidence_sha256=hashlib.sha256(signed.evidence).hexdigest(),
    )


def require_order(places: Sequence[Opened]) -> None:
    """Refuse leaves that do not stand in the order of the log.

    Raises:
        SuperfluousError: They do not, or one stands there twice.
    """
    indexes = [place.index for place in places]
    if indexes != sorted(set(indexes)):
        raise SuperfluousError("entries out of order")
