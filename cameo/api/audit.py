"""For auditors: verify a copy, which needs no account; and the bundle of a clip, for its people."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Request, Response, UploadFile

from cameo.api.deps import PersonDep, ServiceDep, heavily, received

router = APIRouter(tags=["audit"])


@router.post("/verify")
async def verify(
    request: Request, served: ServiceDep, file: Annotated[UploadFile, File()]
) -> dict[str, Any]:
    """The verdict on any copy: where it comes from, and whether everybody in it still agrees."""
    async with received(file, served) as path:
        report = await heavily(request.app.state.public, served.verification.verify, path)
    return report.to_json()


@router.get("/videos/{video_id}/bundle", response_class=Response)
def bundle(served: ServiceDep, who: PersonDep, video_id: str) -> Response:
    """What shows anybody who agreed to a video, for its maker and the people in it.

    One canonical JSON file; `cameo verify` and `docs/verify_bundle.py` check it without us.
    """
    data = served.proofs.bundles.for_person(who, video_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{video_id}.bundle.json"',
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type="application/json", headers=headers)
