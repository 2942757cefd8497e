"""Enrolment: ask for a challenge, answer it with a capture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile

from cameo.api.deps import PersonDep, ServiceDep, heavily, received
from cameo.api.schemas import EnrolmentIn, EnrolmentOut

router = APIRouter(prefix="/enrolments", tags=["enrolment"])


@router.post("", status_code=201)
def begin(served: ServiceDep, who: PersonDep, body: EnrolmentIn) -> EnrolmentOut:
    """A challenge: turn your head in this order, say these digits. Single use, short-lived."""
    record = served.enrolments.begin(
        who,
        notice_sha256=body.notice_sha256,
        release=body.release,
        simulated=body.simulated,
        key=body.key_id,
    )
    return EnrolmentOut.of(record)


@router.post("/{enrolment_id}/capture")
async def answer(
    request: Request,
    served: ServiceDep,
    who: PersonDep,
    enrolment_id: str,
    capture: Annotated[UploadFile, File()],
) -> EnrolmentOut:
    """Answer the challenge with a video that has sound."""
    async with received(capture, served) as path:
        record = await heavily(
            request.app.state.heavy, served.enrolments.answer, who, enrolment_id, path
        )
    return EnrolmentOut.of(record)


@router.get("/{enrolment_id}")
def get(served: ServiceDep, who: PersonDep, enrolment_id: str) -> EnrolmentOut:
    """An enrolment of yours: every check with its figure."""
    return EnrolmentOut.of(served.enrolments.get(who, enrolment_id))
