"""The documents as values: every limit is checked when one is made, so an invalid one cannot be.

Public names are exported by `consent.documents`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from consent.errors import MalformedDocument
from consent.folding import fold
from consent.ids import (
    CONSENT,
    ENROLMENT,
    GRANT,
    PERSON,
    REVOCATION,
    ConsentId,
    EnrolmentId,
    GrantId,
    PersonId,
    RevocationId,
    Sha256Hex,
    is_id,
    is_sha256_hex,
)
from consent.vocabulary import (
    MAX_ASSURANCE,
    MODALITIES,
    Audience,
    Modality,
    Purpose,
    RestrictionClass,
)

VERSION: Final = 1
MAX_TERMS: Final = 50
"""How many never-say terms one consent may hold."""
MAX_TERM_LENGTH: Final = 80
"""How long a never-say term may be, in code points."""
MAX_PEOPLE: Final = 10
"""The most people that a consent can let appear together."""
MAX_USES: Final = 1_000_000
MAX_EPOCH: Final = 2**53 - 1
"""The largest integer that canonical JSON carries without loss."""

_HANDLE: Final = re.compile(r"[0-9a-z][0-9a-z_.-]{0,39}")
_YEARS: Final = range(2000, 9999)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentDocument:
    """What a person agrees to, in general: who may ask, for what, with what limits.

    Raises:
        MalformedDocument: If a field is out of its range or two fields contradict each other.
    """

    document_id: ConsentId
    version: int = VERSION
    kind: Literal["consent"] = "consent"
    subject: PersonId
    subject_handle: str
    """The handle at the time of signing, without ``@``: 1 to 40 of ``a-z 0-9 _ . -``."""
    audience: Audience
    modalities: frozenset[Modality]
    purposes: frozenset[Purpose]
    restrictions: frozenset[RestrictionClass]
    """Classes of content that are forbidden; may be empty."""
    never_say: tuple[str, ...]
    """Terms that must not be spoken: at most 50, of 1 to 80 code points."""
    max_people: int
    """How many people may appear together in one clip, this person included: 1 to 10."""
    expires_at: datetime | None
    issued_at: datetime
    nonce: str
    """32 random bytes of the service as lower-case hex: no two requests to sign are equal."""
    notice_sha256: Sha256Hex
    """The SHA-256 of the notice text that was shown."""
    assurance: int
    """How far the enrolment was checked: 0 to 3; 0 where `simulated`."""
    simulated: bool
    enrolment_id: EnrolmentId
    subject_epoch: int
    previous_sha256: Sha256Hex | None
    """The digest of the person's consent before this one; None for the first."""

    def __post_init__(self) -> None:
        _check_common(self)
        _require(is_id(self.document_id, CONSENT), "document_id")
        _require(is_id(self.enrolment_id, ENROLMENT), "enrolment_id")
        _require(_HANDLE.fullmatch(self.subject_handle) is not None, "subject_handle")
        _check_scope(self.modalities, self.purposes, self.expires_at, self.issued_at)
        _require(isinstance(self.audience, Audience), "audience")
        _require(all(isinstance(r, RestrictionClass) for r in self.restrictions), "restrictions")
        _check_terms(self.never_say)
        _require(_whole(self.max_people, 1, MAX_PEOPLE), "max_people")
        _require(is_sha256_hex(self.notice_sha256), "notice_sha256")
        _require(_whole(self.assurance, 0, MAX_ASSURANCE), "assurance")
        _require(isinstance(self.simulated, bool), "simulated")
        _require(not (self.simulated and self.assurance), "simulated with assurance above 0")


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantDocument:
    """What a person allows one other person, under a consent.

    Raises:
        MalformedDocument: If a field is out of its range or two fields contradict each other.
    """

    document_id: GrantId
    version: int = VERSION
    kind: Literal["grant"] = "grant"
    subject: PersonId
    consent_id: ConsentId
    """The consent it stands under; a grant allows nothing beyond it."""
    grantee: PersonId
    grantee_handle: str
    modalities: frozenset[Modality]
    purposes: frozenset[Purpose]
    expires_at: datetime | None
    max_uses: int | None
    """How many clips may be released with it, 1 to 1,000,000; None for any number."""
    issued_at: datetime
    nonce: str
    subject_epoch: int
    previous_sha256: Sha256Hex | None

    def __post_init__(self) -> None:
        _check_common(self)
        _require(is_id(self.document_id, GRANT), "document_id")
        _require(is_id(self.consent_id, CONSENT), "consent_id")
        _require(is_id(self.grantee, PERSON), "grantee")
        _require(self.grantee != self.subject, "grantee is the subject")
        _require(_HANDLE.fullmatch(self.grantee_handle) is not None, "grantee_handle")
        _check_scope(self.modalities, self.purposes, self.expires_at, self.issued_at)
        _require(self.max_uses is None or _whole(self.max_uses, 1, MAX_USES), "max_uses")


@dataclass(frozen=True, kw_only=True, slots=True)
class RevocationDocument:
    """A withdrawal that the person chose to sign.

    Withdrawing never requires one: it must be easier than agreeing. A signed one shows afterwards
    that the withdrawal came from the person.

    Raises:
        MalformedDocument: If a field is out of its range.
    """

    document_id: RevocationId
    version: int = VERSION
    kind: Literal["revocation"] = "revocation"
    subject: PersonId
    target_id: ConsentId | GrantId
    """The consent or the grant that is withdrawn."""
    issued_at: datetime
    nonce: str
    subject_epoch: int
    previous_sha256: Sha256Hex | None
    """The digest of the document that is withdrawn, where the person has it."""

    def __post_init__(self) -> None:
        _check_common(self)
        _require(is_id(self.document_id, REVOCATION), "document_id")
        _require(is_id(self.target_id, CONSENT) or is_id(self.target_id, GRANT), "target_id")


Document = ConsentDocument | GrantDocument | RevocationDocument


def _require(holds: bool, field: str) -> None:
    if not holds:
        raise MalformedDocument(field)


def _whole(value: object, low: int, high: int) -> bool:
    # A bool is an int to Python but not to a reader of the document.
    return type(value) is int and low <= value <= high


def _check_common(document: Document) -> None:
    _require(_whole(document.version, VERSION, VERSION), "version")
    _require(document.kind == _KIND_OF[type(document).__name__], "kind")
    _require(is_id(document.subject, PERSON), "subject")
    _check_time(document.issued_at, "issued_at")
    _require(is_sha256_hex(document.nonce), "nonce")
    _require(_whole(document.subject_epoch, 0, MAX_EPOCH), "subject_epoch")
    previous = document.previous_sha256
    _require(previous is None or is_sha256_hex(previous), "previous_sha256")


_KIND_OF: Final = {
    "ConsentDocument": "consent",
    "GrantDocument": "grant",
    "RevocationDocument": "revocation",
}


def _check_time(value: datetime, field: str) -> None:
    _require(value.tzinfo is not None and value.utcoffset() is not None, f"{field} without a zone")
    _require(value.year in _YEARS, field)


def _check_scope(
    modalities: frozenset[Modality],
    purposes: frozenset[Purpose],
    expires_at: datetime | None,
    issued_at: datetime,
) -> None:
    _require(bool(modalities) and modalities <= MODALITIES.keys(), "modalities")
    _require(bool(purposes) and all(isinstance(p, Purpose) for p in purposes), "purposes")
    if expires_at is not None:
        _check_time(expires_at, "expires_at")
        _require(expires_at > issued_at, "expires_at is not after issued_at")


def _check_terms(terms: tuple[str, ...]) -> None:
    _require(len(terms) <= MAX_TERMS, "never_say: too many terms")
    _require(len(set(terms)) == len(terms), "never_say: a term twice")
    for term in terms:
        _require(0 < len(term) <= MAX_TERM_LENGTH and term.isprintable(), "never_say: a term")
        # A term that folds to nothing would be found in every text, so it is no term.
        _require(bool(fold(term)) and term == term.strip(), "never_say: a blank term")
