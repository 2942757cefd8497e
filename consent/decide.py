"""The one decision: may these people appear in this clip for whoever asks.

It is asked before a generation starts, again at release and again at publication, always here.
`decide` is pure and total: it reads nothing but its arguments and answers for every value of them.
Whatever denies wins over whatever allows, and what cannot be understood denies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consent import reasons
from consent.folding import Speech
from consent.ids import ConsentId, GrantId, PersonId
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import MAX_ASSURANCE, MODALITIES, Audience, RestrictionClass


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonDecision:
    """The decision for one person, by that person's own terms."""

    person_id: PersonId
    allowed: bool
    reasons: tuple[str, ...]
    """Codes of `consent.reasons`; exactly ``consent.allowed`` where allowed."""
    consent_id: ConsentId | None
    """The consent it rests on, also where it was not enough; None where there is none."""
    grant_id: GrantId | None
    """The grant of which the clip takes one use; None where none is needed or none fits."""
    epoch: int
    """The person's epoch that was looked at; -1 for an unknown person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The decision for the clip: allowed only where every person in it allows it."""

    allowed: bool
    people: tuple[PersonDecision, ...]
    """One per distinct person, in the order of the request."""
    reasons: tuple[str, ...]
    """The distinct codes of all denials in the table's order, or exactly ``consent.allowed``."""


def decide(state: State, request: Request) -> Decision:
    """Decide whether the people named in a request may appear in the clip.

    - A person needs an active, unexpired consent that covers face or voice as asked, the purpose,
      the kinds of content and the words, and an enrolment that was checked far enough.
    - Who asks must be reached by the consent: the person alone (``only_me``), holders of a usable
      grant (``approved``), mutual followers and holders of a usable grant (``mutuals``), everyone.
      The person needs no grant, but is bound by the consent's other terms like anybody else. A
      grant adds nothing to ``only_me``, takes nothing from ``everyone``, and allows nothing that
      the consent does not.
    - A person's block counts against whoever asks and against everybody else in the clip.
    - Withdrawing a grant ends that grant; whom an ``everyone`` consent shall not reach is blocked.
    - One person's denial denies the clip. A clip with nobody in it needs nobody's consent.

    Args:
        state: The people as they stand; see `consent.state` for what its reader owes.
        request: What is asked for.

    Returns:
        The decision, with the reasons of every person.
    """
    people = tuple(dict.fromkeys(request.people))
    asked = _Asked(
        state=state,
        request=request,
        people=people,
        common=_common(state, request, len(people)),
        spoken=Speech.of(request.spoken),
    )
    decisions = tuple(_person(asked, person_id) for person_id in people)
    # With nobody in the clip only a state that contradicts itself is left to deny.
    denials = {code for d in decisions if not d.allowed for code in d.reasons}
    if not people:
        denials.update(asked.common)
    return Decision(
        allowed=not denials,
        people=decisions,
        reasons=reasons.in_order(denials or (reasons.ALLOWED,)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A request with what is the same for every person in it."""

    state: State
    request: Request
    people: tuple[PersonId, ...]
    common: frozenset[str]
    spoken: Speech


def _common(state: State, request: Request, count: int) -> frozenset[str]:
    codes = set()
    if not _aware(state.now) or not 0 <= state.min_assurance <= MAX_ASSURANCE:
        codes.add(reasons.INVALID_STATE)
    if state.max_people < 0:
        codes.add(reasons.INVALID_STATE)
    elif count > state.max_people:
        codes.add(reasons.TOO_MANY_PEOPLE)
    if count and not (request.modalities and request.modalities <= MODALITIES.keys()):
        codes.add(reasons.INVALID_REQUEST)
    if count and not request.content_classes <= _CLASSES:
        codes.add(reasons.UNKNOWN_CLASS)
    return frozenset(codes)


_CLASSES = frozenset(str(name) for name in RestrictionClass)


def _person(asked: _Asked, person_id: PersonId) -> PersonDecision:
    subject = asked.state.subjects.get(person_id)
    if subject is None:
        codes = reasons.in_order({*asked.common, reasons.UNKNOWN_PERSON})
        return PersonDecision(
            person_id=person_id,
            allowed=False,
            reasons=codes,
            consent_id=None,
            grant_id=None,
            epoch=-1,
        )
    denials = {*asked.common, *_standing(asked, person_id, subject)}
    grant_id = None
    consent = subject.consent
    if consent is None:
        denials.add(reasons.NONE)
    # Comparing moments without a zone is impossible; such a state is denied before it is tried.
    elif reasons.INVALID_STATE not in denials:
        ended = _ended(consent, asked.state.now)
        denials.update(ended or _terms(asked, consent))
        grant_id, refusals = _permission(asked, subject, consent)
        denials.update(() if ended else refusals)
    return PersonDecision(
        person_id=person_id,
        allowed=not denials,
        reasons=reasons.in_order(denials or (reasons.ALLOWED,)),
        consent_id=None if consent is None else consent.consent_id,
        grant_id=None if denials else grant_id,
        epoch=subject.epoch,
    )


def _standing(asked: _Asked, person_id: PersonId, subject: Subject) -> Iterable[str]:
    """Why the person is not to appear at all, whatever was agreed."""
    consent = subject.consent
    consistent = consent is None or _consistent(consent)
    if subject.person_id != person_id or subject.epoch < 0 or not consistent:
        yield reasons.INVALID_STATE
    if not subject.adult:
        yield reasons.MINOR
    if subject.frozen:
        yield reasons.FROZEN
    if asked.request.requester in subject.blocked or not subject.blocked.isdisjoint(asked.people):
        yield reasons.BLOCKED


def _consistent(consent: ConsentState) -> bool:
    return (
        (consent.expires_at is None or _aware(consent.expires_at))
        and 0 <= consent.assurance <= MAX_ASSURANCE
        and not (consent.simulated and consent.assurance)
        and consent.max_people >= 1
    )


def _ended(consent: ConsentState, now: datetime) -> list[str]:
    codes = []
    if not consent.active:
        codes.append(reasons.REVOKED)
    if consent.expires_at is not None and now >= consent.expires_at:
        codes.append(reasons.EXPIRED)
    return codes


def _terms(asked: _Asked, consent: ConsentState) -> Iterable[str]:
    """Which terms of a consent in force the request does not keep."""
    request = asked.request
    if consent.assurance < asked.state.min_assurance:
        yield reasons.ASSURANCE_TOO_LOW
    if len(asked.people) > consent.max_people:
        yield reasons.TOO_MANY_PEOPLE
    if not request.modalities <= consent.modalities:
        yield reasons.MODALITY
    if request.purpose not in consent.purposes:
        yield reasons.PURPOSE
    if not request.content_classes.isdisjoint(consent.restrictions):
        yield reasons.RESTRICTED_CONTENT
    if any(asked.spoken.says(term) for term in consent.never_say):
        yield reasons.NEVER_SAY


def _permission(
    asked: _Asked, subject: Subject, consent: ConsentState
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
    asked: _Asked, subject: Subject, consent: ConsentState, *, otherwise: str
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
    reserved = asked.request.own_reservation
    usable = [grant_id for grant_id, faults in found.items() if not faults]
    if usable:
        return min(usable, key=lambda g: (g not in reserved, g in counted, g)), ()
    nearest = min(sorted(found, reverse=True), key=lambda g: len(found[g]))
    return None, found[nearest]


def _faults(asked: _Asked, grant: GrantState, consent: ConsentState) -> Iterable[str]:
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
    if grant.max_uses is not None and _taken(asked, grant) >= grant.max_uses:
        yield reasons.GRANT_USED_UP


def _expiry_fault(grant: GrantState, now: datetime) -> Iterable[str]:
    if grant.expires_at is None:
        return
    if not _aware(grant.expires_at):
        yield reasons.INVALID_STATE
    elif now >= grant.expires_at:
        yield reasons.GRANT_EXPIRED


def _taken(asked: _Asked, grant: GrantState) -> int:
    # A claimed reservation that is not on record is not believed: it would be a use for free.
    own = grant.grant_id in asked.request.own_reservation and grant.uses_reserved > 0
    return grant.uses_reserved + grant.uses_consumed - own


def _aware(moment: datetime) -> bool:
    return moment.utcoffset() is not None
