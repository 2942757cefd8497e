"""All tables. Migrations import this module; nothing outside `cameo.store` does.

SQLModel skips validation when a table class is constructed, so rows are built from values that the
flows have checked, and leave the store as the frozen records of `cameo.store.records`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, text
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


# By columns that a release does not touch: on PostgreSQL, a row whose indexed columns stay as they
# were is changed in its page, without a new entry in every index.
KEY_LEFT: Final = text(
    "dek_id is not null and (failure_code is not null or withdrawn_at is not null)"
)


def _instant(*, null: bool = False) -> Any:
    return Field(default=None, sa_type=Instant, nullable=null)


class Person(SQLModel, table=True):
    """An account. `epoch` grows with every event that can turn allow into deny."""

    id: str = Field(primary_key=True)
    handle: str = Field(unique=True)
    display_name: str
    api_key_hash: str = Field(unique=True)
    adult_declared_at: datetime = _instant()
    consent_id: str | None = None  # the newest consent, whatever its status
    frozen: bool = False  # while a contest is open or was upheld
    paused_at: datetime | None = _instant(null=True)
    held_at: datetime | None = _instant(null=True)  # a legal hold: stops destruction, never use
    hold_reason: str | None = None
    epoch: int = 0
    log_salt: bytes = Field(sa_type=LargeBinary)  # of this person's references in the log
    created_at: datetime = _instant()


class PersonKey(SQLModel, table=True):
    """A public key that a person registered. The private half never reaches the service."""

    __tablename__ = "person_key"
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    evidence_type: str  # ed25519, webauthn
    public_key: bytes = Field(sa_type=LargeBinary)  # raw for ed25519, COSE for webauthn
    label: str = ""
    how: str  # first, added, recovered
    registration: bytes = Field(sa_type=LargeBinary)  # canonical record; its digest is logged
    document: bytes | None = Field(default=None, sa_type=LargeBinary)  # by which an old key agreed
    evidence: str | None = None
    credential_id: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True, index=True)
    rp_id: str | None = None
    origins: str | None = None  # JSON
    sign_count: int = 0
    registered_at: datetime = _instant()
    effective_at: datetime = _instant()  # a recovered key signs nothing before
    revoked_at: datetime | None = _instant(null=True)


class LoginSession(SQLModel, table=True):
    """A signed-in session. It may withdraw and pause; granting needs a key."""

    __tablename__ = "login_session"
    token_hash: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    key_id: str | None = Field(default=None, foreign_key="person_key.id")
    created_at: datetime = _instant()
    expires_at: datetime = _instant()
    ended_at: datetime | None = _instant(null=True)


class Ceremony(SQLModel, table=True):
    """A WebAuthn challenge that was issued; single use, short-lived."""

    challenge_hash: str = Field(primary_key=True)
    kind: str  # register, sign_in, recover
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = _instant()
    expires_at: datetime = _instant()
    used_at: datetime | None = _instant(null=True)


class Follow(SQLModel, table=True):
    """One person follows another; two that follow each other are mutuals."""

    person_id: str = Field(foreign_key="person.id", primary_key=True)
    followed_id: str = Field(foreign_key="person.id", primary_key=True, index=True)
    created_at: datetime = _instant()


class Block(SQLModel, table=True):
    """One person never appears for, or beside, another."""

    person_id: str = Field(foreign_key="person.id", primary_key=True)
    blocked_id: str = Field(foreign_key="person.id", primary_key=True)
    created_at: datetime = _instant()


class Enrolment(SQLModel, table=True):
    """One challenge and what became of it."""

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    status: str  # challenged, assessing, accepted, refused, erased
    challenge: str  # JSON; single use
    key_id: str | None = None  # the registered key from which the digits were derived
    nonce: str | None = None  # hex; with the key it gives the digits again
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
    capture_erased_at: datetime | None = _instant(null=True)
    erased_at: datetime | None = _instant(null=True)


class Consent(SQLModel, table=True):
    """A signed consent document, exactly as signed, and its evidence."""

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    enrolment_id: str = Field(foreign_key="enrolment.id")
    status: str  # active, superseded, revoked
    document: bytes = Field(sa_type=LargeBinary)
    evidence: str
    sha256: str
    max_uses: int | None = None
    uses_reserved: int = 0
    uses_consumed: int = 0
    retention_days: int = 90
    created_at: datetime = _instant()
    expires_at: datetime | None = _instant(null=True)
    ended_at: datetime | None = _instant(null=True)
    erased_at: datetime | None = _instant(null=True)  # the document is gone, its digest stays


class Grant(SQLModel, table=True):
    """A signed permission for one other person, with its count of uses."""

    __table_args__ = (Index(None, "person_id", "grantee_id", "created_at"),)

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
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
    erased_at: datetime | None = _instant(null=True)


class Clip(SQLModel, table=True):
    """A generated or stamped clip. The prompt stands only in `request`, encrypted."""

    __table_args__ = (
        # The few clips that are over and whose key is yet to be destroyed.
        Index("ix_clip_key_left", "id", postgresql_where=KEY_LEFT, sqlite_where=KEY_LEFT),
    )

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
    remixed_from: str | None = Field(default=None, index=True)
    media_sha256: str | None = None
    share_token: str | None = Field(default=None, unique=True, index=True)
    published_at: datetime | None = _instant(null=True)
    failure_code: str | None = None
    failure_detail: str | None = None
    withdrawn_reason: str | None = None
    media_bytes: int | None = None
    created_at: datetime = _instant()
    started_at: datetime | None = _instant(null=True)
    completed_at: datetime | None = _instant(null=True)
    withdrawn_at: datetime | None = _instant(null=True)
    mark_epoch: int = 1  # under whose key it is marked, from its order on


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
    counts_consent: bool = False  # whether it takes a use of the consent itself
    released_at: datetime | None = _instant(null=True)
    approval: str = "none"  # none, needed, asked, approved, declined
    approval_document: bytes | None = Field(default=None, sa_type=LargeBinary)
    approval_evidence: str | None = None
    approved_at: datetime | None = _instant(null=True)


class RegistryEntry(SQLModel, table=True):
    """Payload -> clip, fingerprint and archived manifest; written once."""

    __tablename__ = "registry"
    payload: str = Field(primary_key=True)
    clip_id: str = Field(foreign_key="clip.id", unique=True)
    fingerprint: bytes = Field(sa_type=LargeBinary)
    manifest: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = _instant()
    epoch: int = Field(default=1, index=True)  # of the marks' keys
    modalities: str = "video"  # which marks it carries, commas between
    sound_fingerprint: bytes | None = Field(default=None, sa_type=LargeBinary)
    manifest_id: str = Field(unique=True, index=True)  # urn:c2pa:..., random: nobody can guess it


class MarkEpoch(SQLModel, table=True):
    """An epoch of the marks' keys: when, and what was published of its keys. Never a key."""

    __tablename__ = "mark_epoch"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    secret: int = 1  # the number of the secret from which its keys follow
    video: str | None = None  # commitments, hex; none while nothing was published
    image: str | None = None
    sound: str | None = None
    began_at: datetime | None = _instant(null=True)  # none until a signed head shows its beginning
    ended_at: datetime | None = _instant(null=True)
    leaked_at: datetime | None = _instant(null=True)
    revealed_at: datetime | None = _instant(null=True)


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
    detail: str | None = None
    created_at: datetime = _instant()


class Contest(SQLModel, table=True):
    """Somebody says: this is my face, and I did not enrol it."""

    id: str = Field(primary_key=True)
    contestant_id: str = Field(foreign_key="person.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)  # whose cameo is contested
    status: str  # open, matched, doubtful, not_matched, lapsed, upheld, dismissed
    enrolment_id: str | None = Field(default=None, foreign_key="enrolment.id")
    similarity: float | None = None
    created_at: datetime = _instant()
    expires_at: datetime = _instant()
    decided_at: datetime | None = _instant(null=True)


class Erasure(SQLModel, table=True):
    """A cameo that is to be erased, or was; the receipt is the person's."""

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    reason: str  # asked, contest, restored (from a backup, and erased again)
    requested_at: datetime = _instant()
    done_at: datetime | None = _instant(null=True)  # None while a legal hold stops it
    receipt: str | None = None  # signed note


class Promise(SQLModel, table=True):
    """The signed promise that a withdrawal got: the log must show it in time."""

    ref: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    note: str
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


class LogCite(SQLModel, table=True):
    """Which leaves cite which salted reference: public, like the leaves that say it."""

    __tablename__ = "log_cite"
    ref: str = Field(primary_key=True)
    idx: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


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
    cosigned: str | None = None  # the same head with signatures of witnesses
    created_at: datetime = _instant()


def table_of(kind: type[SQLModel]) -> Table:
    """The table behind a class, for statements that are to cost little."""
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


metadata = SQLModel.metadata
