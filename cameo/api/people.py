"""Accounts, notices, notifications."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from cameo.api.deps import CallerDep, PersonDep, ServiceDep
from cameo.api.schemas import PersonOut, SignUpIn, SignUpOut
from cameo.flows.notice import notice_of

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
    """Who this API key or session belongs to."""
    return PersonOut.of(who)


@router.post("/people/me/api-key", status_code=201)
def new_api_key(served: ServiceDep, who: CallerDep) -> SignUpOut:
    """A new API key, shown this once; the old one opens nothing. Needs a passkey's session."""
    api_key = served.accounts.new_api_key(who)
    return SignUpOut(**PersonOut.of(who.person).model_dump(), api_key=api_key)


@router.get("/people/me/notifications")
def notifications(served: ServiceDep, who: PersonDep) -> dict[str, Any]:
    """What you were told: clips with you in them, withdrawals. Newest first."""
    with served.db.reading() as tx:
        return {"object": "list", "data": list(tx.clips.notifications(who.id))}


@router.get("/notice")
def notice(served: ServiceDep) -> dict[str, str]:
    """The notice to read before a capture, and the digest that says it was shown."""
    shown = notice_of(served.policy)
    return {"en": shown.en, "ja": shown.ja, "sha256": shown.sha256}
