"""Consents and grants: prepare, sign, look, preflight, withdraw."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from cameo.api.deps import PersonDep, ServiceDep
from cameo.api.schemas import (
    CheckIn,
    ConsentOut,
    ConsentWishIn,
    GrantWishIn,
    PreparedOut,
    SignedIn,
    WithdrawalOut,
    aware,
)
from cameo.flows.gate import answers
from cameo.flows.permit import GrantWish

router = APIRouter(tags=["consent"])


@router.post("/consents/prepare")
def prepare_consent(served: ServiceDep, who: PersonDep, body: ConsentWishIn) -> PreparedOut:
    """The document that you would sign, and what it says, in English and Japanese."""
    return PreparedOut.of(served.permits.prepare_consent(who, body.wish()))


@router.post("/consents", status_code=201)
def sign_consent(served: ServiceDep, who: PersonDep, body: SignedIn) -> ConsentOut:
    """Hand in a signed consent. It replaces the one before."""
    document, evidence = body.parts()
    return ConsentOut.of(served.permits.sign_consent(who, document, evidence))


@router.get("/consents")
def consents(served: ServiceDep, who: PersonDep) -> dict[str, Any]:
    """Everything you agreed to: consents and grants, newest first."""
    own, given = served.permits.mine(who)
    return {
        "object": "list",
        "consents": [ConsentOut.of(record) for record in own],
        "grants": [ConsentOut.of(record) for record in given],
    }


@router.post("/consents/check")
def check(served: ServiceDep, who: PersonDep, body: CheckIn) -> dict[str, Any]:
    """Would the gate allow this? Tells the rule that refuses, and no private list."""
    people = [served.accounts.find(handle) for handle in body.cameos]
    moderation = served.moderator.moderate(
        body.prompt,
        consented_names=frozenset(person.display_name for person in people),
        handles=frozenset(person.handle for person in people),
    )
    decision = served.permits.check(
        requester=who,
        people=people,
        modalities=frozenset(body.modalities),
        purpose=body.purpose,
        content_classes=moderation.classes,
    )
    return {
        "allowed": decision.allowed,
        "reasons": list(decision.reasons),
        "people": answers(decision, {person.id: person.handle for person in people}),
    }


@router.post("/consents/{consent_id}/revoke")
def revoke_consent(served: ServiceDep, who: PersonDep, consent_id: str) -> WithdrawalOut:
    """Withdraw a consent, every grant under it and every clip made under it."""
    return WithdrawalOut.of(served.revocations.revoke_consent(who, consent_id))


@router.post("/grants/prepare")
def prepare_grant(served: ServiceDep, who: PersonDep, body: GrantWishIn) -> PreparedOut:
    """The document with which you would permit one other person."""
    wish = GrantWish(
        grantee=served.accounts.find(body.grantee),
        modalities=frozenset(body.modalities),
        purposes=frozenset(body.purposes),
        expires_at=aware(body.expires_at),
        max_uses=body.max_uses,
    )
    return PreparedOut.of(served.permits.prepare_grant(who, wish))


@router.post("/grants", status_code=201)
def sign_grant(served: ServiceDep, who: PersonDep, body: SignedIn) -> ConsentOut:
    """Hand in a signed grant."""
    document, evidence = body.parts()
    return ConsentOut.of(served.permits.sign_grant(who, document, evidence))


@router.post("/grants/{grant_id}/revoke")
def revoke_grant(served: ServiceDep, who: PersonDep, grant_id: str) -> WithdrawalOut:
    """Withdraw one grant and every clip made under it."""
    return WithdrawalOut.of(served.revocations.revoke_grant(who, grant_id))
