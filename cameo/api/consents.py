"""Consents and grants: prepare, sign, look, preflight, withdraw."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from cameo.api.agreements import CheckIn, ConsentOut, ConsentWishIn, GrantWishIn, PreparedOut
from cameo.api.deps import PersonDep, ServiceDep
from cameo.api.schemas import SignedIn, WithdrawalOut
from cameo.flows.gate import answers, told

router = APIRouter(tags=["consent"])


@router.post("/consents/prepare")
def prepare_consent(served: ServiceDep, who: PersonDep, body: ConsentWishIn) -> PreparedOut:
    """The document that you would sign, what it says, and which of your wishes needs a judge."""
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
    # One more than may appear is enough to be refused; a crowd is not looked up.
    handles = dict.fromkeys(name.strip().removeprefix("@").casefold() for name in body.cameos)
    looked_up = list(handles)[: served.permits.policy.max_people + 1]
    people = [served.accounts.find(handle) for handle in looked_up]
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
    each = answers(decision, {person.id: person.handle for person in people})
    return {
        "allowed": decision.allowed,
        "reasons": list(told(decision)),
        "people": [
            {**answer, "needs_approval": person.needs_approval}
            for answer, person in zip(each, decision.people, strict=True)
        ],
    }


@router.post("/consents/{consent_id}/revoke")
def revoke_consent(served: ServiceDep, who: PersonDep, consent_id: str) -> WithdrawalOut:
    """Withdraw a consent, every grant under it and every clip made under it."""
    return WithdrawalOut.of(served.revocations.revoke_consent(who, consent_id))


@router.get("/withdrawals/{ref}/promise", response_class=PlainTextResponse)
def promise(served: ServiceDep, who: PersonDep, ref: str) -> str:
    """The signed promise that a withdrawal of yours got, once more."""
    return served.revocations.promise(who, ref)


@router.post("/grants/prepare")
def prepare_grant(served: ServiceDep, who: PersonDep, body: GrantWishIn) -> PreparedOut:
    """The document with which you would permit one other person."""
    wish = body.wish(served.accounts.find(body.grantee))
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
