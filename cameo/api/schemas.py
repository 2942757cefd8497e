"""What goes over the wire, in and out."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cameo.flows.errors import InvalidRequestError
from cameo.flows.permit import ConsentWish, Prepared
from cameo.flows.revoke import Withdrawal
from cameo.store.records import (
    ClipPersonRecord,
    ClipRecord,
    ConsentRecord,
    EnrolmentRecord,
    GrantRecord,
    PersonRecord,
)
from consent.documents import parse
from consent.evidence import Evidence, evidence_from_json
from consent.vocabulary import Audience, Modality, Purpose, RestrictionClass

Handle = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignUpIn(_In):
    """A new account."""

    handle: Handle
    display_name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    adult: bool = Field(description="I declare that I am 18 or older.")


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


class KeyIn(_In):
    """The public half of a key that the person holds."""

    type: Literal["ed25519"] = "ed25519"
    public_key: Annotated[str, Field(description="32 bytes, base64", max_length=64)]


class KeyOut(BaseModel):
    """A registered key."""

    id: str
    type: str
    registered_at: datetime


class EnrolmentIn(_In):
    """Ask for a challenge."""

    notice_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    simulated: bool = Field(
        default=False, description="A synthetic person; the assurance level is then 0."
    )


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


class ConsentWishIn(_In):
    """What a person wants to agree to; the defaults are the safe ones."""

    audience: Audience = Audience.ONLY_ME
    modalities: Annotated[list[Modality], Field(min_length=1, max_length=2)] = ["face", "voice"]
    purposes: Annotated[list[Purpose], Field(min_length=1, max_length=8)] = [Purpose.PERSONAL]
    restrictions: Annotated[list[RestrictionClass], Field(max_length=32)] = [
        RestrictionClass.NUDITY
    ]
    never_say: Annotated[list[str], Field(max_length=50)] = []
    max_people: Annotated[int, Field(ge=1, le=8)] = 2
    expires_at: datetime | None = None

    def wish(self) -> ConsentWish:
        """As the flow takes it."""
        return ConsentWish(
            audience=self.audience,
            modalities=frozenset(self.modalities),
            purposes=frozenset(self.purposes),
            restrictions=frozenset(self.restrictions),
            never_say=tuple(self.never_say),
            max_people=self.max_people,
            expires_at=aware(self.expires_at),
        )


class GrantWishIn(_In):
    """What a person wants to permit somebody."""

    grantee: Handle
    modalities: Annotated[list[Modality], Field(min_length=1, max_length=2)] = ["face", "voice"]
    purposes: Annotated[list[Purpose], Field(min_length=1, max_length=8)] = [Purpose.PERSONAL]
    expires_at: datetime | None = None
    max_uses: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


class PreparedOut(BaseModel):
    """A document to sign: the exact bytes, and what they say."""

    document: str = Field(description="canonical JSON (RFC 8785), base64")
    text_en: str
    text_ja: str

    @classmethod
    def of(cls, prepared: Prepared) -> Self:
        """From the flow's value."""
        encoded = base64.b64encode(prepared.document).decode()
        return cls(document=encoded, text_en=prepared.text_en, text_ja=prepared.text_ja)


class SignedIn(_In):
    """A document and the evidence that its subject signed it."""

    document: Annotated[str, Field(max_length=40_000)]
    evidence: dict[str, Any]

    def parts(self) -> tuple[bytes, Evidence]:
        """Bytes and evidence.

        Raises:
            MalformedEvidence: it cannot be read without doubt.
        """
        return unbase64(self.document), evidence_from_json(json.dumps(self.evidence).encode())


class ConsentOut(BaseModel):
    """A signed consent or grant."""

    id: str
    status: str
    sha256: str
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    document: dict[str, Any]
    evidence: dict[str, Any]
    max_uses: int | None = None
    uses_reserved: int | None = None
    uses_consumed: int | None = None

    @classmethod
    def of(cls, record: ConsentRecord | GrantRecord) -> Self:
        """From the store's record."""
        parse(record.document)
        out = cls(
            id=record.id,
            status=record.status,
            sha256=record.sha256,
            created_at=record.created_at,
            expires_at=record.expires_at,
            ended_at=record.ended_at,
            document=json.loads(record.document),
            evidence=json.loads(record.evidence),
        )
        if isinstance(record, GrantRecord):
            out.max_uses = record.max_uses
            out.uses_reserved = record.uses_reserved
            out.uses_consumed = record.uses_consumed
        return out


class CheckIn(_In):
    """A preflight: would the gate allow this?"""

    cameos: Annotated[list[Handle], Field(min_length=1, max_length=16)]
    modalities: list[Modality] = ["face", "voice"]
    purpose: Purpose = Purpose.PERSONAL
    prompt: Annotated[str, StringConstraints(max_length=4000)] = ""


class WithdrawalOut(BaseModel):
    """What a withdrawal did."""

    id: str
    at: datetime
    already: bool
    withdrawn: list[str]
    stopped: list[str]

    @classmethod
    def of(cls, withdrawal: Withdrawal) -> Self:
        """From the flow's value."""
        return cls(
            id=withdrawal.id,
            at=withdrawal.at,
            already=withdrawal.already,
            withdrawn=list(withdrawal.withdrawn),
            stopped=list(withdrawal.stopped),
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
        "error": {"code": code, "message": clip.failure_detail or code} if failed else None,
        "cameos": [
            {
                "person_id": person.person_id,
                "handle": handle,
                "consent_id": person.consent_id,
                "grant_id": person.grant_id,
                "assurance": person.assurance,
                "simulated": person.simulated,
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
