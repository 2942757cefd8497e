"""What goes over the wire, in and out."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from cameo.flows.errors import InvalidRequestError
from cameo.flows.revoke import Withdrawal
from cameo.store.records import (
    ClipPersonRecord,
    ClipRecord,
    EnrolmentRecord,
    PersonRecord,
)
from consent.evidence import Evidence, evidence_from_json

Handle = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignUpIn(_In):
    """A new account."""

    handle: Handle
    display_name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    adult: StrictBool = Field(description="I declare that I am 18 or older.")


class PersonOut(BaseModel):
    """An account as others see it."""

    id: str
    handle: str
    display_name: str

    @classmethod
    def of(cls, record: PersonRecord) -> Self:
        """From the store's record."""
        return cls(id=record.id, handle=record.handle, display_name=record.display_name)


class SignUpOut(PersonOut):
    """A new account and its API key, which is shown this once."""

    api_key: str


class EnrolmentIn(_In):
    """Ask for a challenge."""

    notice_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    release: StrictBool = Field(description="I have read the notice and allow this recording.")
    simulated: bool = Field(
        default=False, description="A synthetic person; the assurance level is then 0."
    )
    key_id: Annotated[str | None, Field(max_length=40)] = None


class EnrolmentOut(BaseModel):
    """An enrolment; `challenge` only while it can be answered."""

    id: str
    status: str
    simulated: bool
    assurance: int | None
    challenge: dict[str, Any] | None
    expires_at: datetime
    report: dict[str, Any] | None

    @classmethod
    def of(cls, record: EnrolmentRecord) -> Self:
        """From the store's record."""
        waiting = record.status == "challenged"
        return cls(
            id=record.id,
            status=record.status,
            simulated=record.simulated,
            assurance=record.assurance,
            challenge=json.loads(record.challenge) if waiting else None,
            expires_at=record.expires_at,
            report=json.loads(record.report) if record.report else None,
        )


class SignedIn(_In):
    """A document and the evidence that its subject signed it."""

    document: Annotated[str, Field(max_length=48_000)]
    evidence: dict[str, Any]

    def parts(self) -> tuple[bytes, Evidence]:
        """Bytes and evidence.

        Raises:
            MalformedEvidence: it cannot be read without doubt.
        """
        return unbase64(self.document), evidence_from_json(json.dumps(self.evidence).encode())


class WithdrawalOut(BaseModel):
    """What a withdrawal did."""

    id: str
    at: datetime
    already: bool
    withdrawn: list[str]
    stopped: list[str]
    promise: str | None = Field(
        description="Signed: the log will show this withdrawal in time. Keep it."
    )

    @classmethod
    def of(cls, withdrawal: Withdrawal) -> Self:
        """From the flow's value."""
        return cls(
            id=withdrawal.id,
            at=withdrawal.at,
            already=withdrawal.already,
            withdrawn=list(withdrawal.withdrawn),
            stopped=list(withdrawal.stopped),
            promise=withdrawal.promise,
        )


def video_json(
    clip: ClipRecord, people: tuple[tuple[ClipPersonRecord, str], ...]
) -> dict[str, Any]:
    """A clip in the Videos API's shape, with `cameos`, `step` and `withdrawn_at` added."""
    failed = clip.status in ("failed", "withdrawn")
    code = clip.failure_code if clip.status == "failed" else clip.withdrawn_reason
    return {
        "id": clip.id,
        "object": "video",
        "model": clip.model,
        "status": clip.status,
        "step": clip.step,
        "progress": clip.progress,
        "created_at": int(clip.created_at.timestamp()),
        "completed_at": None if clip.completed_at is None else int(clip.completed_at.timestamp()),
        "withdrawn_at": None if clip.withdrawn_at is None else int(clip.withdrawn_at.timestamp()),
        "expires_at": None,
        "seconds": f"{clip.seconds:g}",
        "size": f"{clip.width}x{clip.height}",
        "style": clip.style,
        "remixed_from_video_id": clip.remixed_from,
        "shared_path": None if clip.share_token is None else f"/s/{clip.share_token}",
        "error": {"code": code, "message": clip.failure_detail or code} if failed else None,
        "cameos": [
            {
                "person_id": person.person_id,
                "handle": handle,
                "consent_id": person.consent_id,
                "grant_id": person.grant_id,
                "assurance": person.assurance,
                "simulated": person.simulated,
                "approval": person.approval,
            }
            for person, handle in people
        ],
    }


def aware(moment: datetime | None) -> datetime | None:
    """A time with its zone; one without is read as UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def unbase64(text: str) -> bytes:
    """Strict base64.

    Raises:
        InvalidRequestError: it is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidRequestError("a value is not base64") from error
