"""All tables. Migrations import this module; nothing outside `cameo.store` does.

SQLModel skips validation when a table class is constructed, so rows are built from values that the
flows have checked, and leave the store as the frozen records of `cameo.store.records`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary
from sqlmodel import Field, SQLModel

from cameo.store.columns import Instant

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only where the column is INTEGER.
_COUNTER: Final = BigInteger().with_variant(Integer, "sqlite")


def _instant(*, null: bool = False) -> Any:
    return Field(default=None, sa_type=Instant, nullable=null)


class Person(SQLModel, table=True):
    """An account. `epoch` grows with every event that can turn allow into deny."""

    id: str = Field(primary_key=True)
    handle: str = Field(unique=True)
    display_name: str
    api_key_hash: str = Field(unique=True)
    adult_declared_at: datetime = _instant()
    frozen: bool = False
    epoch: int = 0
    log_salt: bytes = Field(sa_type=LargeBinary)  # of this person's references in the log
    created_at: datetime = _instant()


class PersonKey(SQLModel, table=True):
    """A public key that a person registered. The private half never reaches the service."""

    __tablename__ = "person_key"
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    evidence_type: str
    public_key: bytes = Field(sa_type=LargeBinary)
    registered_at: datetime = _instant()
    revoked_at: datetime | None = _instant(null=True)


class Enrolment(SQLModel, table=True):
    """One challenge and what became of it."""

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    status: str  # challenged, accepted, refused
    challenge: str  # JSON; single use
    simulated: bool
    notice_sha256: str
    expires_at: datetime = _instant()
    created_at: datetime = _instant()
    decided_at: datetime | None = _instant(null=True)
    assurance: int | None = None
    report: str | None = None  # JSON of the checks
    capture_sha256: str | None = Field(default=None, unique=True)
    deks: str | None = None  # JSON: part of the likeness -> id of the key it lies under
    face_model: str | None = None
    voice_model: str | None = None


class Consent(SQLModel, table=True):
    """A signed consent document, exactly as signed, and its evidence."""

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    enrolment_id: str = Field(foreign_key="enrolment.id")
    status: str  # active, superseded, revoked
    document: bytes = Field(sa_type=LargeBinary)
    evidence: str
    sha256: str
    created_at: datetime = _instant()
    expires_at: datetime | None = _instant(null=True)
    ended_at: datetime | None = _instant(null=True)


class Grant(SQLModel, table=True):
    """A signed permission for one other person, with its count of uses."""

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    consent_id: str = Field(foreign_key="consent.id", index=True)
    grantee_id: str = Field(foreign_key="person.id", index=True)
    status: str  # active, superseded, revoked
    document: bytes = Field(sa_type=LargeBinary)
    evidence: str
    sha256: str
    max_uses: int | None = None
    uses_reserved: int = 0
    uses_consumed: int = 0
    created_at: datetime = _instant()
    expires_at: datetime | None = _instant(null=True)
    ended_at: datetime | None = _instant(null=True)


class Clip(SQLModel, table=True):
    """A generated or stamped clip. The prompt stands only in `request`, encrypted."""

    id: str = Field(primary_key=True)
    maker_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    kind: str  # generated, stamped
    status: str  # queued, in_progress, completed, failed, withdrawn
    step: str = ""
    progress: int = 0
    seconds: float
    width: int
    height: int
    fps: int
    style: str
    model: str
    seed: int
    payload: str = Field(unique=True)  # 16 hex digits
    short_payload: str = Field(unique=True)  # its first 8: the short id for sound
    request: bytes | None = Field(default=None, sa_type=LargeBinary)
    dek_id: str | None = None
    remixed_from: str | None = None
    failure_code: str | None = None
    failure_detail: str | None = None
    withdrawn_reason: str | None = None
    media_bytes: int | None = None
    created_at: datetime = _instant()
    started_at: datetime | None = _instant(null=True)
    completed_at: datetime | None = _instant(null=True)
    withdrawn_at: datetime | None = _instant(null=True)


class ClipPerson(SQLModel, table=True):
    """A person in a clip, the documents cited for it, and the lease on their template."""

    __tablename__ = "clip_person"
    clip_id: str = Field(foreign_key="clip.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id", primary_key=True, index=True)
    consent_id: str = Field(foreign_key="consent.id")
    grant_id: str | None = Field(default=None, foreign_key="grant.id")
    epoch: int
    assurance: int
    simulated: bool
    lease_expires_at: datetime = _instant()
    use: str = "none"  # none, reserved, consumed, returned
    released_at: datetime | None = _instant(null=True)


class RegistryEntry(SQLModel, table=True):
    """Payload -> clip, fingerprint and archived manifest; written once."""

    __tablename__ = "registry"
    payload: str = Field(primary_key=True)
    clip_id: str = Field(foreign_key="clip.id", unique=True)
    fingerprint: bytes = Field(sa_type=LargeBinary)
    manifest: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = _instant()


class Charge(SQLModel, table=True):
    """One generation, charged once to its maker."""

    clip_id: str = Field(foreign_key="clip.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    created_at: datetime = _instant()
    returned_at: datetime | None = _instant(null=True)


class Outbox(SQLModel, table=True):
    """Work promised in a business commit; a poller hands it to the workflow engine."""

    id: int | None = Field(default=None, sa_column=Column(_COUNTER, primary_key=True))
    kind: str
    ref: str = Field(unique=True)
    created_at: datetime = _instant()
    done_at: datetime | None = _instant(null=True)


class Notification(SQLModel, table=True):
    """Something a person is told: a clip with them in it, a withdrawal."""

    id: int | None = Field(default=None, sa_column=Column(_COUNTER, primary_key=True))
    person_id: str = Field(foreign_key="person.id", index=True)
    kind: str
    clip_id: str | None = None
    created_at: datetime = _instant()


class LogPending(SQLModel, table=True):
    """A leaf written inside a business commit that has no index yet."""

    __tablename__ = "log_pending"
    id: int | None = Field(default=None, sa_column=Column(_COUNTER, primary_key=True))
    body: bytes = Field(sa_type=LargeBinary)
    kind: str
    ref: str = Field(index=True)
    opening: bytes = Field(
        sa_type=LargeBinary
    )  # what the commitment opens to: salt and private body


class LogEntry(SQLModel, table=True):
    """A leaf of the Merkle tree."""

    __tablename__ = "log_entry"
    idx: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    body: bytes = Field(sa_type=LargeBinary)
    kind: str
    ref: str = Field(index=True)
    opening: bytes = Field(sa_type=LargeBinary)


class LogNode(SQLModel, table=True):
    """A perfect subtree's hash: level 0 holds leaf hashes."""

    __tablename__ = "log_node"
    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    idx: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_type=LargeBinary)


class LogCheckpoint(SQLModel, table=True):
    """A signed tree head."""

    __tablename__ = "log_checkpoint"
    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_type=LargeBinary)
    note: str
    created_at: datetime = _instant()


metadata = SQLModel.metadata
