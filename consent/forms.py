"""Consent and grant as values: limits are checked when one is made, so no invalid one can be.

Public names are exported by `consent.documents`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from consent.acts import ApprovalDocument, KeyDocument, ResumptionDocument, RevocationDocument
from consent.checks import SignedForm, check_common, check_lines, check_scope, require, whole
from consent.ids import (
    CONSENT,
    ENROLMENT,
    GRANT,
    PERSON,
    ConsentId,
    EnrolmentId,
    GrantId,
    PersonId,
    Sha256Hex,
    is_id,
    is_sha256_hex,
)
from consent.vocabulary import (
    MAX_ASSURANCE,
    Approval,
    Audience,
    Modality,
    Purpose,
    RestrictionClass,
)

MAX_TERMS: Final = 50
"""How many never-say terms one consent may hold."""
MAX_TERM_LENGTH: Final = 80
"""How long a never-say term may be, in code points."""
MAX_WISHES: Final = 10
"""How many wishes in one's own words a consent may hold."""
MAX_WISH_LENGTH: Final = 200
"""How long a wish may be, in code points."""
MAX_APART: Final = 20
"""How many people a consent may name that the person is not to appear with."""
MAX_PEOPLE: Final = 10
"""The most people that a consent can let appear together."""
MAX_USES: Final = 1_000_000
MAX_RETENTION_DAYS: Final = 3650
MAX_CONTROLLER_LENGTH: Final = 200

_HANDLE: Final = re.compile(r"[0-9a-z][0-9a-z_.-]{0,39}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentDocument(SignedForm):
    """What a person agrees to, in general: who may ask, for what, with what limits.

    Raises:
        MalformedDocument: If a field is out of its range or two fields contradict each other.
    """

    document_id: ConsentId
    kind: Literal["consent"] = "consent"
    controller: str
    """Who runs the service, by name."""
    subject_handle: str
    """The handle at the time of signing, without ``@``: 1 to 40 of ``a-z 0-9 _ . -``."""
    audience: Audience
    modalities: frozenset[Modality]
    purposes: frozenset[Purpose]
    restrictions: frozenset[RestrictionClass]
    """Classes of content that are forbidden; may be empty."""
    never_say: tuple[str, ...]
    """Terms that must not be spoken: at most 50, of 1 to 80 code points."""
    wishes: tuple[str, ...]
    """Limits in the person's own words: at most 10, of 1 to 200 code points. See `consent.rules`
    for what becomes of them."""
    apart_from: tuple[PersonId, ...]
    """People whom the person does not want to appear with in one clip: at most 20."""
    apart_from_handles: tuple[str, ...]
    """Their handles at the time of signing, in the same order."""
    max_people: int
    """How many people may appear together in one clip, this person included: 1 to 10."""
    max_uses: int | None
    """How many clips others may release under it in all, 1 to 1,000,000; None for any number."""
    approval: Approval
    expires_at: datetime | None
    retention_days: int
    """The likeness is destroyed at the latest so many days after the consent ended: 1 to 3650."""
    notice_sha256: Sha256Hex
    """The SHA-256 of the notice text that was shown."""
    assurance: int
    """How far the enrolment was checked: 0 to 3; 0 where `simulated`."""
    simulated: bool
    enrolment_id: EnrolmentId

    def __post_init__(self) -> None:
        check_common(self)
        require(self.kind == "consent" and is_id(self.document_id, CONSENT), "document_id")
        require(is_id(self.enrolment_id, ENROLMENT), "enrolment_id")
        require(_is_handle(self.subject_handle), "subject_handle")
        check_controller(self.controller)
        check_scope(self.modalities, self.purposes, self.expires_at, self.issued_at)
        require(isinstance(self.audience, Audience), "audience")
        require(isinstance(self.approval, Approval), "approval")
        self._check_limits()
        require(is_sha256_hex(self.notice_sha256), "notice_sha256")
        require(whole(self.assurance, 0, MAX_ASSURANCE), "assurance")
        require(isinstance(self.simulated, bool), "simulated")
        require(not (self.simulated and self.assurance), "simulated with assurance above 0")

    def _check_limits(self) -> None:
        require(all(isinstance(r, RestrictionClass) for r in self.restrictions), "restrictions")
        check_lines(self.never_say, "never_say", most=MAX_TERMS, longest=MAX_TERM_LENGTH)
        check_lines(self.wishes, "wishes", most=MAX_WISHES, longest=MAX_WISH_LENGTH)
        require(len(self.apart_from) <= MAX_APART, "apart_from: too many")
        require(len(set(self.apart_from)) == len(self.apart_from), "apart_from: one twice")
        require(all(is_id(person, PERSON) for person in self.apart_from), "apart_from")
        require(self.subject not in self.apart_from, "apart_from: the subject")
        handles = self.apart_from_handles
        require(len(set(handles)) == len(handles) == len(self.apart_from), "apart_from_handles")
        require(all(_is_handle(handle) for handle in handles), "apart_from_handles")
        require(whole(self.max_people, 1, MAX_PEOPLE), "max_people")
        require(self.max_uses is None or whole(self.max_uses, 1, MAX_USES), "max_uses")
        require(whole(self.retention_days, 1, MAX_RETENTION_DAYS), "retention_days")


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantDocument(SignedForm):
    """What a person allows one other person, under a consent.

    Raises:
        MalformedDocument: If a field is out of its range or two fields contradict each other; so a
            grant to oneself cannot be made.
    """

    document_id: GrantId
    kind: Literal["grant"] = "grant"
    controller: str
    consent_id: ConsentId
    """The consent it stands under; a grant allows nothing beyond it."""
    grantee: PersonId
    grantee_handle: str
    modalities: frozenset[Modality]
    purposes: frozenset[Purpose]
    expires_at: datetime | None
    max_uses: int | None
    """How many clips may be released with it, 1 to 1,000,000; None for any number."""

    def __post_init__(self) -> None:
        check_common(self)
        require(self.kind == "grant" and is_id(self.document_id, GRANT), "document_id")
        check_controller(self.controller)
        require(is_id(self.consent_id, CONSENT), "consent_id")
        require(is_id(self.grantee, PERSON), "grantee")
        require(self.grantee != self.subject, "grantee is the subject")
        require(_is_handle(self.grantee_handle), "grantee_handle")
        check_scope(self.modalities, self.purposes, self.expires_at, self.issued_at)
        require(self.max_uses is None or whole(self.max_uses, 1, MAX_USES), "max_uses")


Document = (
    ConsentDocument
    | GrantDocument
    | RevocationDocument
    | KeyDocument
    | ResumptionDocument
    | ApprovalDocument
)


def check_controller(name: str) -> None:
    """Check the name of who runs the service.

    Raises:
        MalformedDocument: If it is no printable line of 1 to 200 code points.
    """
    check_lines((name,), "controller", most=1, longest=MAX_CONTROLLER_LENGTH)


def _is_handle(text: str) -> bool:
    return _HANDLE.fullmatch(text) is not None
