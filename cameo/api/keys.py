"""Keys: register the first, add another, recover, end."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from cameo.api.deps import PersonDep, ServiceDep
from cameo.api.passkeys import KeyIn, KeyOut, PreparedKeyOut, PrepareKeyIn, creation_json
from cameo.api.schemas import SignedIn, unbase64

router = APIRouter(prefix="/keys", tags=["keys"])


class ChallengeIn(BaseModel):
    """What a new passkey is for."""

    model_config = ConfigDict(extra="forbid")
    purpose: Literal["register", "recover"] = "register"


class AddedIn(SignedIn):
    """A registration that was prepared, and an older key's signature under its document."""

    registration: Annotated[str, Field(max_length=40_000)]


@router.get("")
def keys(served: ServiceDep, who: PersonDep) -> dict[str, Any]:
    """Your keys, oldest first, and what each may do now."""
    return {"object": "list", "data": [KeyOut.of(view) for view in served.keyring.all(who)]}


@router.post("/challenge", status_code=201)
def challenge(served: ServiceDep, who: PersonDep, body: ChallengeIn) -> dict[str, Any]:
    """What `navigator.credentials.create` takes, to make a passkey; good for five minutes."""
    return {"publicKey": creation_json(served.keyring.challenge(who, body.purpose))}


@router.post("", status_code=201)
def register(served: ServiceDep, who: PersonDep, body: KeyIn) -> KeyOut:
    """Register your first key: the public half of a key file, or a passkey."""
    return KeyOut.of(served.keyring.register(who, body.new_key()))


@router.post("/prepare")
def prepare(served: ServiceDep, who: PersonDep, body: PrepareKeyIn) -> PreparedKeyOut:
    """A further key: its registration, and the document that one of your keys is to sign."""
    return PreparedKeyOut.of(served.keyring.prepare(who, body.key.new_key(), body.language))


@router.post("/add", status_code=201)
def add(served: ServiceDep, who: PersonDep, body: AddedIn) -> KeyOut:
    """Hand in what was prepared, signed by one of your keys."""
    document, evidence = body.parts()
    return KeyOut.of(served.keyring.add(who, unbase64(body.registration), document, evidence))


@router.post("/recover", status_code=201)
def recover(served: ServiceDep, who: PersonDep, body: KeyIn) -> KeyOut:
    """Start over with a new key where you lost the others.

    It waits; you are told at once and can cancel. It signs withdrawals from the start, everything
    else only after it waited and you enrolled anew with it.
    """
    return KeyOut.of(served.keyring.recover(who, body.new_key()))


@router.post("/{key_id}/cancel")
def cancel(served: ServiceDep, who: PersonDep, key_id: str) -> KeyOut:
    """Stop a recovery that waits."""
    return KeyOut.of(served.keyring.cancel(who, key_id))


@router.post("/{key_id}/revoke")
def revoke(served: ServiceDep, who: PersonDep, key_id: str) -> KeyOut:
    """End a key; sessions that it opened end with it. What it signed stays signed."""
    return KeyOut.of(served.keyring.revoke(who, key_id))
