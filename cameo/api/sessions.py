"""Sessions: sign in with a passkey, sign out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from cameo.api.deps import CallerDep, ServiceDep
from cameo.api.passkeys import AuthenticationIn, request_json, unbase64url

router = APIRouter(prefix="/sessions", tags=["sessions"])


class SignInIn(BaseModel):
    """What the passkey answered."""

    model_config = ConfigDict(extra="forbid")
    credential: AuthenticationIn


class SessionOut(BaseModel):
    """A session; its token is shown this once."""

    token: str
    person_id: str
    key_id: str | None
    expires_at: datetime


@router.post("/challenge", status_code=201)
def challenge(served: ServiceDep) -> dict[str, Any]:
    """What `navigator.credentials.get` takes, to sign in; good for five minutes, once."""
    return {"publicKey": request_json(served.sessions.challenge())}


@router.post("", status_code=201)
def sign_in(served: ServiceDep, body: SignInIn) -> SessionOut:
    """Sign in with a passkey. Send the token as `Authorization: Bearer session_...`."""
    credential = body.credential
    session, token = served.sessions.sign_in(
        credential.assertion(), unbase64url(credential.response.userHandle)
    )
    return SessionOut(
        token=token,
        person_id=session.person_id,
        key_id=session.key_id,
        expires_at=session.expires_at,
    )


@router.delete("/current")
def sign_out(served: ServiceDep, who: CallerDep) -> dict[str, bool]:
    """End this session."""
    return {"ended": served.sessions.sign_out(who)}
