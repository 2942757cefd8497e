"""Whether a person's consent reaches whoever asks, and by which grant: a part of the decision.

`consent.decide` is the only caller; nothing else may take this for an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consent import reasons
from consent.folding import Speech
from consent.ids import ConsentId, GrantId, PersonId
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Audience


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request with what is the same for every person in it."""

    state: State
    request: Request
    people: frozenset[PersonId]
    common: frozenset[str]
    spoken: Speech


def permission(
    asked: Asked, subject: Subject, consent: ConsentState
) -> tuple[GrantId | None, Iterable[str]]:
    """The grant that is needed, and why whoever asks is not reached."""
    requester = asked.request.requester
    if requester == subject.person_id or consent.audience is Audience.EVERYONE:
        return None, ()
    if consent.audience is Audience.MUTUALS:
        if requester in subject.mutuals:
            return None, ()
        return _grant(asked, subject, consent, otherwise=reasons.AUDIENCE)
    if consent.audience is Audience.APPROVED:
        return _grant(asked, subject, consent, otherwise=reasons.NOT_GRANTED)
    return None, (reasons.AUDIENCE,)


def _grant(
    asked: Asked, subject: Subject, consent: ConsentState, *, otherwise: str
) -> tuple[GrantId | None, Iterable[str]]:
    """The best usable grant, or what is wrong with the one that comes nearest."""
    found: dict[GrantId, set[str]] = {}
    counted: set[GrantId] = set()
    for grant in subject.grants:
        if grant.grantee == asked.request.requester:
            # Two records of one grant that disagree are held against it.
            found.setdefault(grant.grant_id, set()).update(_faults(asked, grant, consent))
            if grant.max_uses is not None:
                counted.add(grant.grant_id)
    if not found:
        return None, (otherwise,)
    held = asked.request.own_uses
    usable = [grant_id for grant_id, faults in found.items() if not faults]
    if usable:
        return min(usable, key=lambda g: (g not in held, g in counted, g)), ()
    nearest = min(sorted(found, reverse=True), key=lambda g: len(found[g]))
    return None, found[nearest]


def _faults(asked: Asked, grant: GrantState, consent: ConsentState) -> Iterable[str]:
    if grant.uses_reserved < 0 or grant.uses_consumed < 0:
        yield reasons.INVALID_STATE
    if grant.consent_id is not None and grant.consent_id != consent.consent_id:
        yield reasons.NOT_GRANTED
    if not grant.active:
        yield reasons.GRANT_REVOKED
    yield from _expiry_fault(grant, asked.state.now)
    if not asked.request.modalities <= grant.modalities:
        yield reasons.MODALITY
    if asked.request.purpose not in grant.purposes:
        yield reasons.PURPOSE
    if is_used_up(asked, grant, grant.grant_id):
        yield reasons.GRANT_USED_UP


def _expiry_fault(grant: GrantState, now: datetime) -> Iterable[str]:
    if grant.expires_at is None:
        return
    if not is_aware(grant.expires_at):
        yield reasons.INVALID_STATE
    elif now >= grant.expires_at:
        yield reasons.GRANT_EXPIRED


def is_used_up(
    asked: Asked, counted: ConsentState | GrantState, document_id: ConsentId | GrantId
) -> bool:
    """Whether every use that a consent or a grant allows is taken, by others than this clip."""
    if counted.max_uses is None:
        return False
    taken = counted.uses_reserved + counted.uses_consumed
    # A claimed use of which there is none on record is not believed: it would be a use for free.
    own = document_id in asked.request.own_uses and taken > 0
    return taken - own >= counted.max_uses


def is_aware(moment: datetime) -> bool:
    """Whether a moment has a zone, so that it can be compared."""
    return moment.utcoffset() is not None
