"""What leaves the store: one frozen record a table, with the same field names."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, TypeVar

R = TypeVar("R")

UNFINISHED = ("queued", "in_progress")
"""Statuses of clips that are being made."""
OVER = ("failed", "withdrawn")
"""Statuses of clips that are not served and never will be."""
CONSENT_ENDED = frozenset({"consent.revoked", "consent.expired"})
"""Why clips were withdrawn that rest on a consent which has ended."""

UseState = Literal["none", "reserved", "consumed", "returned"]
ApprovalState = Literal["none", "needed", "asked", "approved", "declined"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRecord:
    """An account."""

    id: str
    handle: str
    display_name: str
    frozen: bool
    epoch: int
    log_salt: bytes
    created_at: datetime
    paused_at: datetime | None = None
    held_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRecord:
    """A registered public key."""

    id: str
    person_id: str
    evidence_type: str
    public_key: bytes
    registered_at: datetime
    effective_at: datetime
    how: str = "first"
    registration: bytes = b""
    label: str = ""
    document: bytes | None = None
    evidence: str | None = None
    credential_id: bytes | None = None
    rp_id: str | None = None
    origins: str | None = None
    sign_count: int = 0
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRecord:
    """Somebody signed in with a passkey."""

    token_hash: str
    person_id: str
    key_id: str | None
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CeremonyRecord:
    """A challenge for a passkey, issued and perhaps used."""

    challenge_hash: str
    kind: str
    person_id: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentRecord:
    """One challenge and what became of it."""

    id: str
    person_id: str
    status: str
    challenge: str
    simulated: bool
    notice_sha256: str
    expires_at: datetime
    created_at: datetime
    decided_at: datetime | None
    assurance: int | None
    report: str | None
    deks: str | None
    face_model: str | None
    voice_model: str | None
    key_id: str | None = None
    nonce: str | None = None
    capture_erased_at: datetime | None = None
    erased_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentRecord:
    """A signed consent."""

    id: str
    person_id: str
    enrolment_id: str
    status: str
    document: bytes
    evidence: str
    sha256: str
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    max_uses: int | None = None
    uses_reserved: int = 0
    uses_consumed: int = 0
    retention_days: int = 90
    erased_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRecord:
    """A signed permission for one other person."""

    id: str
    person_id: str
    consent_id: str
    grantee_id: str
    status: str
    document: bytes
    evidence: str
    sha256: str
    max_uses: int | None
    uses_reserved: int
    uses_consumed: int
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    erased_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRecord:
    """A clip."""

    id: str
    maker_id: str | None
    kind: str
    status: str
    step: str
    progress: int
    seconds: float
    width: int
    height: int
    fps: int
    style: str
    model: str
    seed: int
    payload: str
    request: bytes | None
    dek_id: str | None
    remixed_from: str | None
    failure_code: str | None
    failure_detail: str | None
    withdrawn_reason: str | None
    media_bytes: int | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    withdrawn_at: datetime | None
    media_sha256: str | None = None
    share_token: str | None = None
    published_at: datetime | None = None
    mark_epoch: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipPersonRecord:
    """A person in a clip and the documents cited for it."""

    clip_id: str
    person_id: str
    consent_id: str
    grant_id: str | None
    epoch: int
    assurance: int
    simulated: bool
    lease_expires_at: datetime
    use: UseState
    released_at: datetime | None
    counts_consent: bool = False
    approval: ApprovalState = "none"
    approval_document: bytes | None = None
    approval_evidence: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryRecord:
    """What an auditor's payload leads to."""

    payload: str
    clip_id: str
    fingerprint: bytes
    manifest: bytes
    created_at: datetime
    epoch: int
    modalities: str
    manifest_id: str
    sound_fingerprint: bytes | None = None

    @property
    def marks(self) -> tuple[str, ...]:
        """Which marks the clip carries: video, image, sound."""
        return tuple(self.modalities.split(","))


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkEpochRecord:
    """An epoch of the marks' keys. It begins when a signed head of the log shows it."""

    number: int
    secret: int
    video: str | None
    image: str | None
    sound: str | None
    began_at: datetime | None
    ended_at: datetime | None
    leaked_at: datetime | None
    revealed_at: datetime | None

    @property
    def commitments(self) -> dict[str, str] | None:
        """Digests of its keys, by modality; None while they are not published."""
        found = {"video": self.video, "image": self.image, "sound": self.sound}
        published = {name: digest for name, digest in found.items() if digest is not None}
        return published if len(published) == len(found) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntryRecord:
    """A leaf; `idx` is None while it waits for its index."""

    idx: int | None
    body: bytes
    kind: str
    ref: str
    opening: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointRecord:
    """A signed tree head."""

    size: int
    root: bytes
    note: str
    created_at: datetime
    cosigned: str | None = None


def record_of(kind: type[R], row: Any) -> R:
    """Copy a row's fields into a record of `kind`."""
    return kind(**{field.name: getattr(row, field.name) for field in fields(kind)})  # type: ignore[arg-type]
