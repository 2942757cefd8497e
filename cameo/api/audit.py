"""For auditors: verify a copy. No account is needed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile

from cameo.api.deps import ServiceDep, heavily, received

router = APIRouter(tags=["audit"])


@router.post("/verify")
async def verify(
    request: Request, served: ServiceDep, file: Annotated[UploadFile, File()]
) -> dict[str, Any]:
    """The verdict on any copy: where it comes from, and whether everybody in it still agrees."""
    async with received(file, served) as path:
        report = await heavily(request.app.state.public, served.verification.verify, path)
    return report.to_json()
