"""Withdrawing, adding a key, resuming, approving: the documents of single acts, as values.

Public names are exported by `consent.documents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from consent.checks import SignedForm, check_common, require
from consent.ids import (
    APPROVAL,
    CLIP,
    CONSENT,
    GRANT,
    KEY,
    KEY_DOCUMENT,
    RESUMPTION,
    REVOCATION,
    ApprovalId,
    ClipId,
    ConsentId,
    GrantId,
    KeyDocumentId,
    KeyId,
    ResumptionId,
    RevocationId,
    Sha256Hex,
    is_id,
    is_sha256_hex,
)
from consent.vocabulary import EvidenceType


@dataclass(frozen=True, kw_only=True, slots=True)
class RevocationDocument(SignedForm):
    """A withdrawal that the person chose to sign.

    Withdrawing never requires one: it must be easier than agreeing. A signed one shows afterwards
    that the withdrawal came from the person.

    Raises:
        MalformedDocument: If a field is out of its range.
    """

    document_id: RevocationId
    kind: Literal["revocation"] = "revocation"
    target_id: ConsentId | GrantId
    """The consent or the grant that is withdrawn."""

    def __post_init__(self) -> None:
        check_common(self)
        require(self.kind == "revocation" and is_id(self.document_id, REVOCATION), "document_id")
        require(is_id(self.target_id, CONSENT) or is_id(self.target_id, GRANT), "target_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyDocument(SignedForm):
    """By which a key of the person lets a further key sign for them.

    Raises:
        MalformedDocument: If a field is out of its range.
    """

    document_id: KeyDocumentId
    kind: Literal["key"] = "key"
    key_id: KeyId
    """The new key."""
    key_type: EvidenceType
    registration_sha256: Sha256Hex
    """The digest of the new key's registration record."""

    def __post_init__(self) -> None:
        check_common(self)
        require(self.kind == "key" and is_id(self.document_id, KEY_DOCUMENT), "document_id")
        require(is_id(self.key_id, KEY), "key_id")
        require(isinstance(self.key_type, EvidenceType), "key_type")
        require(is_sha256_hex(self.registration_sha256), "registration_sha256")


@dataclass(frozen=True, kw_only=True, slots=True)
class ResumptionDocument(SignedForm):
    """By which a person ends their own pause. Pausing needs no document, ending it does.

    Raises:
        MalformedDocument: If a field is out of its range.
    """

    document_id: ResumptionId
    kind: Literal["resumption"] = "resumption"

    def __post_init__(self) -> None:
        check_common(self)
        require(self.kind == "resumption" and is_id(self.document_id, RESUMPTION), "document_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalDocument(SignedForm):
    """By which a person lets one clip with them in it be published.

    Raises:
        MalformedDocument: If a field is out of its range.
    """

    document_id: ApprovalId
    kind: Literal["approval"] = "approval"
    clip_id: ClipId
    media_sha256: Sha256Hex
    """The digest of the file as the person saw it: another file needs another approval."""
    consent_id: ConsentId
    """The consent that the clip rests on."""

    def __post_init__(self) -> None:
        check_common(self)
        require(self.kind == "approval" and is_id(self.document_id, APPROVAL), "document_id")
        require(is_id(self.clip_id, CLIP), "clip_id")
        require(is_sha256_hex(self.media_sha256), "media_sha256")
        require(is_id(self.consent_id, CONSENT), "consent_id")
