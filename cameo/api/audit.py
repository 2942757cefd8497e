"""For auditors: verify a copy, read the log. No account is needed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, UploadFile
from fastapi.responses import PlainTextResponse

from cameo.api.deps import ServiceDep, heavily, received
from cameo.store.errors import NotFoundError

router = APIRouter(tags=["audit"])


@router.post("/verify")
async def verify(
    request: Request, served: ServiceDep, file: Annotated[UploadFile, File()]
) -> dict[str, Any]:
    """The verdict on any copy: where it comes from, and whether everybody in it still agrees."""
    async with received(file, served) as path:
        report = await heavily(request.app.state.public, served.verification.verify, path)
    return report.to_json()


@router.get("/log/checkpoint", response_class=PlainTextResponse)
def checkpoint(served: ServiceDep) -> str:
    """The newest signed tree head (C2SP tlog-checkpoint)."""
    head = served.ledger.head()
    if head is None:
        raise NotFoundError("the log is empty")
    return head.note


@router.get("/log/key", response_class=PlainTextResponse)
def log_key(served: ServiceDep) -> str:
    """The log's verifier key."""
    return served.ledger.vkey


@router.get("/log/entries")
def entries(
    served: ServiceDep,
    start: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Leaves in order: salted commitments, nothing that names a person."""
    with served.db.reading() as tx:
        found = tx.log.entries(start, limit)
    return {
        "object": "list",
        "data": [{"index": entry.idx, "body": entry.body.decode()} for entry in found],
    }


@router.get("/log/proof/{clip_id}", response_class=PlainTextResponse)
def proof(served: ServiceDep, clip_id: str) -> str:
    """The proof that a clip's release is in the log (C2SP tlog-proof)."""
    with served.db.reading() as tx:
        found = served.ledger.prove(tx, kind="release", ref=clip_id)
    if found is None:
        raise NotFoundError(f"no release of {clip_id} is in the log")
    return found.text
