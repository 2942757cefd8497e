"""The transparency log. Everything but one's own openings is public and needs no account."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse

from cameo.api.deps import PersonDep, ServiceDep
from cameo.store.errors import NotFoundError

router = APIRouter(prefix="/log", tags=["log"])

_FRESH: Final = {"Cache-Control": "no-store"}
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}

Size = Annotated[int, Query(ge=0, lt=2**63)]


@router.get("/checkpoint", response_class=PlainTextResponse)
def checkpoint(served: ServiceDep) -> PlainTextResponse:
    """The newest signed tree head, with the signatures of witnesses where they are there already.

    C2SP tlog-checkpoint.
    """
    head = served.log_views.head()
    return PlainTextResponse(head.cosigned or head.note, headers=_FRESH)


@router.get("/cosigned", response_class=PlainTextResponse)
def cosigned(served: ServiceDep) -> PlainTextResponse:
    """The newest tree head that a witness cosigned (C2SP tlog-cosignature)."""
    head = served.log_views.cosigned()
    return PlainTextResponse(head.cosigned, headers=_FRESH)


@router.get("/tile/{path:path}", response_class=Response)
def tile(served: ServiceDep, path: str) -> Response:
    """A tile of hashes or a bundle of entries (C2SP tlog-tiles)."""
    found = served.log_views.tile(f"tile/{path}")
    headers = _FOR_EVER if found.immutable else _FRESH
    return Response(found.data, media_type="application/octet-stream", headers=headers)


@router.get("/consistency")
def consistency(
    served: ServiceDep, old: Annotated[Size, Query(alias="from")], to: Size
) -> dict[str, Any]:
    """The proof that the tree of `to` leaves starts with the one of `from` (RFC 9162, 2.1.4)."""
    return served.log_views.consistency(old, to)


@router.get("/key", response_class=PlainTextResponse)
def log_key(served: ServiceDep) -> str:
    """The log's verifier key."""
    return served.ledger.vkey


@router.get("/keys")
def keys(served: ServiceDep) -> dict[str, Any]:
    """Every verifier key that has to do with the log; get them from somewhere else as well."""
    promiser = served.ledger.promiser
    return {
        "log": served.ledger.vkey,
        "promises": None if promiser is None else promiser.vkey,
        "receipts": served.rights.receipts.vkey,
        "kits": served.proofs.kit_signer.vkey,
        "witnesses": [{"url": url, "key": vkey} for url, vkey in served.settings.witness_list],
    }


@router.get("/marks")
def marks(served: ServiceDep) -> dict[str, Any]:
    """The epochs of the watermark's keys: published digests, revealed keys, and their entries."""
    return {"object": "list", "data": [view.to_json() for view in served.marks.views()]}


@router.get("/entries")
def entries(
    served: ServiceDep,
    start: Size = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Leaves in order: salted commitments, nothing that names a person."""
    with served.db.reading() as tx:
        found = tx.log.entries(start, limit)
    return {
        "object": "list",
        "data": [{"index": entry.idx, "body": entry.body.decode()} for entry in found],
    }


@router.get("/proof/{clip_id}", response_class=PlainTextResponse)
def proof(served: ServiceDep, clip_id: str) -> str:
    """The proof that a clip's release is in the log (C2SP tlog-proof)."""
    with served.db.reading() as tx:
        found = served.ledger.prove(tx, kind="release", ref=clip_id)
    if found is None:
        raise NotFoundError(f"no release of {clip_id} is in the log")
    return found.text


@router.get("/mine")
def mine(served: ServiceDep, person: PersonDep, start: Size = 0) -> dict[str, Any]:
    """What opens the entries that concern me, a thousand at a time: who used my key."""
    return served.log_views.mine(person, start)
