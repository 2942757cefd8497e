"""Accounts, keys, notices, notifications."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from cameo.api.deps import PersonDep, ServiceDep
from cameo.api.schemas import KeyIn, KeyOut, PersonOut, SignUpIn, SignUpOut, unbase64
from cameo.flows.notice import NOTICE_EN, NOTICE_JA, NOTICE_SHA256

router = APIRouter(tags=["people"])


@router.post("/people", status_code=201)
def sign_up(served: ServiceDep, body: SignUpIn) -> SignUpOut:
    """Create an account. Its API key is in the answer, this once."""
    person, api_key = served.accounts.sign_up(
        handle=body.handle, display_name=body.display_name, adult=body.adult
    )
    return SignUpOut(**PersonOut.of(person).model_dump(), api_key=api_key)


@router.get("/people/me")
def me(who: PersonDep) -> PersonOut:
    """Who this API key belongs to."""
    return PersonOut.of(who)


@router.get("/people/me/notifications")
def notifications(served: ServiceDep, who: PersonDep) -> dict[str, Any]:
    """What you were told: clips with you in them, withdrawals. Newest first."""
    with served.db.reading() as tx:
        return {"object": "list", "data": list(tx.clips.notifications(who.id))}


@router.post("/keys", status_code=201)
def register_key(served: ServiceDep, who: PersonDep, body: KeyIn) -> KeyOut:
    """Register the public half of a key that you hold; the private half stays with you."""
    record = served.accounts.register_key(who, unbase64(body.public_key))
    return KeyOut(id=record.id, type=record.evidence_type, registered_at=record.registered_at)


@router.get("/keys")
def keys(served: ServiceDep, who: PersonDep) -> dict[str, Any]:
    """Your keys, oldest first."""
    return {
        "object": "list",
        "data": [
            KeyOut(id=key.id, type=key.evidence_type, registered_at=key.registered_at)
            for key in served.accounts.keys(who)
        ],
    }


@router.get("/notice")
def notice() -> dict[str, str]:
    """The notice to read before a capture, and the digest that says it was shown."""
    return {"en": NOTICE_EN, "ja": NOTICE_JA, "sha256": NOTICE_SHA256}
