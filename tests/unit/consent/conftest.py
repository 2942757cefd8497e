"""Valid values to start from; nobody in them is a real person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from consent.documents import (
    ApprovalDocument,
    ConsentDocument,
    GrantDocument,
    KeyDocument,
    ResumptionDocument,
    RevocationDocument,
)
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Approval, Audience, EvidenceType, Purpose, RestrictionClass

ISSUED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def consent_document(**changes: Any) -> ConsentDocument:
    fields: dict[str, Any] = {
        "document_id": "cns_01ALICE",
        "controller": "Cameo",
        "language": "en",
        "subject": "prs_alice",
        "subject_handle": "alice",
        "audience": Audience.APPROVED,
        "modalities": frozenset({"face", "voice"}),
        "purposes": frozenset({Purpose.PERSONAL, Purpose.SOCIAL}),
        "restrictions": frozenset({RestrictionClass.POLITICS}),
        "never_say": ("buy now", "買って"),
        "wishes": ("no alcohol", "always wear a hat"),
        "apart_from": ("prs_mallory",),
        "apart_from_handles": ("mallory",),
        "max_people": 2,
        "max_uses": 100,
        "approval": Approval.IF_NEEDED,
        "retention_days": 90,
        "expires_at": datetime(2027, 1, 1, tzinfo=UTC),
        "issued_at": ISSUED,
        "nonce": "ab" * 32,
        "notice_sha256": "cd" * 32,
        "assurance": 1,
        "simulated": False,
        "enrolment_id": "enr_01",
        "subject_epoch": 3,
        "previous_sha256": None,
    }
    return ConsentDocument(**{**fields, **changes})


def grant_document(**changes: Any) -> GrantDocument:
    fields: dict[str, Any] = {
        "document_id": "gnt_01",
        "controller": "Cameo",
        "language": "en",
        "subject": "prs_alice",
        "consent_id": "cns_01ALICE",
        "grantee": "prs_bob",
        "grantee_handle": "bob",
        "modalities": frozenset({"face"}),
        "purposes": frozenset({Purpose.SOCIAL}),
        "expires_at": None,
        "max_uses": 3,
        "issued_at": ISSUED,
        "nonce": "01" * 32,
        "subject_epoch": 4,
        "previous_sha256": "ef" * 32,
    }
    return GrantDocument(**{**fields, **changes})


ACT: dict[str, Any] = {
    "subject": "prs_alice",
    "language": "en",
    "issued_at": ISSUED,
    "nonce": "02" * 32,
    "subject_epoch": 5,
    "previous_sha256": None,
}


def revocation_document(**changes: Any) -> RevocationDocument:
    fields = {**ACT, "document_id": "rvk_01", "target_id": "gnt_01"}
    return RevocationDocument(**{**fields, **changes})


def key_document(**changes: Any) -> KeyDocument:
    fields = {
        **ACT,
        "document_id": "kad_01",
        "key_id": "key_" + "0a" * 16,
        "key_type": EvidenceType.WEBAUTHN,
        "registration_sha256": "0b" * 32,
    }
    return KeyDocument(**{**fields, **changes})


def resumption_document(**changes: Any) -> ResumptionDocument:
    return ResumptionDocument(**{**ACT, "document_id": "rsm_01", **changes})


def approval_document(**changes: Any) -> ApprovalDocument:
    fields = {
        **ACT,
        "document_id": "apr_01",
        "clip_id": "clip_01",
        "media_sha256": "0c" * 32,
        "consent_id": "cns_01ALICE",
    }
    return ApprovalDocument(**{**fields, **changes})


def consent_state(**changes: Any) -> ConsentState:
    fields: dict[str, Any] = {
        "consent_id": "cns_01ALICE",
        "audience": Audience.APPROVED,
        "modalities": frozenset({"face", "voice"}),
        "purposes": frozenset({Purpose.SOCIAL}),
        "restrictions": frozenset({RestrictionClass.POLITICS}),
        "never_say": ("Buy Now",),
        "apart_from": frozenset(),
        "max_people": 2,
        "expires_at": None,
        "active": True,
        "assurance": 1,
        "simulated": False,
        "approval": Approval.IF_NEEDED,
        "needs_judge": False,
        "max_uses": None,
        "uses_reserved": 0,
        "uses_consumed": 0,
    }
    return ConsentState(**{**fields, **changes})


def grant_state(**changes: Any) -> GrantState:
    fields: dict[str, Any] = {
        "grant_id": "gnt_01",
        "grantee": "prs_bob",
        "modalities": frozenset({"face", "voice"}),
        "purposes": frozenset({Purpose.SOCIAL}),
        "expires_at": None,
        "active": True,
        "max_uses": None,
        "uses_reserved": 0,
        "uses_consumed": 0,
    }
    return GrantState(**{**fields, **changes})


def subject(name: str = "alice", **changes: Any) -> Subject:
    fields: dict[str, Any] = {
        "person_id": f"prs_{name}",
        "handle": name,
        "adult": True,
        "frozen": False,
        "paused": False,
        "epoch": 7,
        "consent": consent_state(),
        "grants": (grant_state(),),
        "blocked": frozenset(),
        "mutuals": frozenset(),
    }
    return Subject(**{**fields, **changes})


def state(*subjects: Subject, **changes: Any) -> State:
    fields: dict[str, Any] = {
        "subjects": {s.person_id: s for s in subjects},
        "now": NOW,
        "min_assurance": 1,
        "max_people": 2,
    }
    return State(**{**fields, **changes})


def request_for(*people: str, **changes: Any) -> Request:
    fields: dict[str, Any] = {
        "requester": "prs_bob",
        "people": tuple(people or ("prs_alice",)),
        "modalities": frozenset({"face"}),
        "purpose": Purpose.SOCIAL,
        "content_classes": frozenset(),
    }
    return Request(**{**fields, **changes})


class Make:
    """The factories above, for tests that cannot import this file."""

    now = NOW
    issued = ISSUED
    consent_document = staticmethod(consent_document)
    grant_document = staticmethod(grant_document)
    revocation_document = staticmethod(revocation_document)
    key_document = staticmethod(key_document)
    resumption_document = staticmethod(resumption_document)
    approval_document = staticmethod(approval_document)
    consent_state = staticmethod(consent_state)
    grant_state = staticmethod(grant_state)
    subject = staticmethod(subject)
    state = staticmethod(state)
    request = staticmethod(request_for)


@pytest.fixture
def make() -> type[Make]:
    """Factories of valid values."""
    return Make
