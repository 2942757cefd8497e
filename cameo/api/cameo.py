"""One's own cameo: what is held of it, erasing it, and contesting somebody else's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from cameo.api.deps import PersonDep, ServiceDep
from cameo.api.schemas import Handle, WithdrawalOut
from cameo.flows.erase import Erased
from cameo.flows.receipt import in_words, read_receipt
from cameo.flows.retention import Kept, Schedule
from cameo.store.records import PersonRecord
from cameo.store.rights import ContestRecord, ErasureRecord

router = APIRouter(tags=["cameo"])


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EraseIn(_In):
    """Confirm an erasure."""

    confirm: Handle = Field(description="your own handle, to confirm")


class ContestIn(_In):
    """Contest a cameo."""

    handle: Handle


class CompareIn(_In):
    """Which of your enrolments to compare."""

    enrolment_id: str = Field(max_length=60)


class KeptOut(BaseModel):
    """An enrolment of which something is kept."""

    enrolment_id: str
    since: datetime
    assurance: int | None
    simulated: bool
    parts: list[str]
    recording_until: datetime | None = Field(description="null: the recording is gone")
    until: datetime | None = Field(description="null: while a consent stands that has no end")
    waits_for_destruction: bool

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """From the flow's value."""
        enrolment = kept.enrolment
        return cls(
            enrolment_id=enrolment.id,
            since=enrolment.decided_at or enrolment.created_at,
            assurance=enrolment.assurance,
            simulated=enrolment.simulated,
            parts=list(kept.parts),
            recording_until=kept.capture_until,
            until=kept.until,
            waits_for_destruction=enrolment.status == "erased",
        )


class ErasureOut(BaseModel):
    """An erasure, and the receipt when it is done."""

    id: str
    state: str = Field(description="waiting, held (the law makes it wait) or done")
    reason: str
    requested_at: datetime
    done_at: datetime | None
    receipt: str | None = Field(description="signed note; see /v1/log/keys for the key")
    receipt_en: str | None
    receipt_ja: str | None

    @classmethod
    def of(cls, record: ErasureRecord, *, held: bool) -> Self:
        """From the store's record."""
        words = (None, None) if record.receipt is None else in_words(read_receipt(record.receipt))
        waiting = "held" if held else "waiting"
        return cls(
            id=record.id,
            state=waiting if record.done_at is None else "done",
            reason=record.reason,
            requested_at=record.requested_at,
            done_at=record.done_at,
            receipt=record.receipt,
            receipt_en=words[0],
            receipt_ja=words[1],
        )


class CameoOut(BaseModel):
    """What is held of a person, since when and until when."""

    handle: str
    paused_at: datetime | None
    frozen: bool
    legal_hold: bool
    kept: list[KeptOut]
    consents: list[dict[str, Any]]
    clips: int
    erasures: list[ErasureOut]

    @classmethod
    def of(cls, found: Schedule) -> Self:
        """From the flow's value."""
        held = found.person.held_at is not None
        return cls(
            handle=found.person.handle,
            paused_at=found.person.paused_at,
            frozen=found.person.frozen,
            legal_hold=held,
            kept=[KeptOut.of(each) for each in found.kept],
            consents=[
                {
                    "id": each.id,
                    "status": each.status,
                    "expires_at": each.expires_at,
                    "ended_at": each.ended_at,
                    "erased_at": each.erased_at,
                    "retention_days": each.retention_days,
                }
                for each in found.consents
            ],
            clips=found.clips,
            erasures=[ErasureOut.of(each, held=held) for each in found.erasures],
        )


class ErasedOut(BaseModel):
    """What asking for an erasure did."""

    erasure: ErasureOut
    withdrawal: WithdrawalOut | None
    past_consent: dict[str, Any] = Field(
        description="proves what you agreed to; shown now, and kept by nobody but you"
    )

    @classmethod
    def of(cls, erased: Erased) -> Self:
        """From the flow's value."""
        done = erased.withdrawal
        return cls(
            erasure=ErasureOut.of(erased.record, held=erased.held),
            withdrawal=None if done is None else WithdrawalOut.of(done),
            past_consent=erased.past,
        )


class ContestOut(BaseModel):
    """A contest, as both sides see it: how alike the faces are is shown to neither."""

    id: str
    mine: bool = Field(description="whether you began it; otherwise it is about your cameo")
    status: str
    enrolment_id: str | None
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, record: ContestRecord, who: PersonRecord) -> Self:
        """From the store's record."""
        mine = record.contestant_id == who.id
        return cls(
            id=record.id,
            mine=mine,
            status=record.status,
            enrolment_id=record.enrolment_id if mine else None,
            created_at=record.created_at,
            expires_at=record.expires_at,
            decided_at=record.decided_at,
        )


@router.get("/cameo")
def cameo(served: ServiceDep, who: PersonDep) -> CameoOut:
    """What is held of you, since when, and when it is destroyed."""
    return CameoOut.of(served.rights.retention.schedule(who))


@router.delete("/cameo")
def erase(served: ServiceDep, who: PersonDep, body: EraseIn) -> ErasedOut:
    """Erase your cameo: everything you agreed to ends at once, and all of it is destroyed.

    The account stays. No signature is asked for. The answer holds what proves your past consent;
    nobody else keeps that.
    """
    return ErasedOut.of(served.rights.erasures.erase(who, confirm=body.confirm))


@router.get("/contests")
def contests(served: ServiceDep, who: PersonDep) -> dict[str, Any]:
    """Contests that you began or that are about your cameo; newest first."""
    found = served.rights.contests.of(who)
    return {"object": "list", "data": [ContestOut.of(each, who) for each in found]}


@router.post("/contests", status_code=201)
def contest(served: ServiceDep, who: PersonDep, body: ContestIn) -> ContestOut:
    """Say that a cameo shows you and that you did not enrol it. It is frozen at once."""
    contested = served.accounts.find(body.handle)
    return ContestOut.of(served.rights.contests.open(who, contested), who)


@router.get("/contests/{contest_id}")
def one_contest(served: ServiceDep, who: PersonDep, contest_id: str) -> ContestOut:
    """How a contest stands."""
    return ContestOut.of(served.rights.contests.get(who, contest_id), who)


@router.post("/contests/{contest_id}/compare")
def compare(served: ServiceDep, who: PersonDep, contest_id: str, body: CompareIn) -> ContestOut:
    """Compare a new enrolment of yours with the contested cameo."""
    done = served.rights.contests.compare(who, contest_id, body.enrolment_id)
    return ContestOut.of(done, who)
