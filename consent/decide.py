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
from consent.permission import Asked, is_aware, is_used_up, permission
from consent.state import ConsentState, Request, State, Subject
from consent.vocabulary import (
    MAX_ASSURANCE,
    MODALITIES,
    Approval,
    Purpose,
    RestrictionClass,
)


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
    counts_consent: bool
    """Whether the clip takes one use of the consent: somebody else asks, and the consent counts."""
    needs_approval: bool
    """Whether the clip may be published only with this person's approval, given or not."""
    epoch: int
    """The person's epoch that was looked at; -1 where the person is unknown or was not read."""


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
    - A person's block counts against whoever asks and against everybody else in the clip; "not
      together with" counts against those in the clip alone.
    - Clips by others take a use of the consent, where it counts, besides that of the grant.
    - Commercial use needs the person's consent and the generator's licence.
    - A clip by somebody else is published only with the person's approval, where the person wants
      to see every clip or has a wish that no machine checks.
    - Friendship is not passed on: a mutual of a mutual is a stranger.
    - Withdrawing a grant ends that grant; whom an ``everyone`` consent shall not reach is blocked.
    - One person's denial denies the clip. A clip with nobody in it needs nobody's consent.
    - Where more people are named than the service lets appear, nobody's terms are looked at.

    Args:
        state: The people as they stand; see `consent.state` for what its reader owes.
        request: What is asked for.

    Returns:
        The decision, with the reasons of every person.
    """
    people = tuple(dict.fromkeys(request.people))
    common = _common(state, request, len(people))
    if reasons.TOO_MANY_PEOPLE in common:
        decisions = _crowd(state, people, common)
    else:
        asked = Asked(
            state=state,
            request=request,
            people=frozenset(people),
            common=common,
            spoken=Speech.of(request.spoken),
        )
        decisions = tuple(_person(asked, person_id) for person_id in people)
    # With nobody in the clip only the licence and a state that contradicts itself are left to deny.
    denials = {code for d in decisions if not d.allowed for code in d.reasons}
    if not people:
        denials.update(common)
    return Decision(
        allowed=not denials,
        people=decisions,
        reasons=reasons.in_order(denials or (reasons.ALLOWED,)),
    )


def _common(state: State, request: Request, count: int) -> frozenset[str]:
    codes = set()
    if not is_aware(state.now) or not 0 <= state.min_assurance <= MAX_ASSURANCE:
        codes.add(reasons.INVALID_STATE)
    if state.max_people < 0:
        codes.add(reasons.INVALID_STATE)
    elif count > state.max_people:
        codes.add(reasons.TOO_MANY_PEOPLE)
    if count and not (request.modalities and request.modalities <= MODALITIES.keys()):
        codes.add(reasons.INVALID_REQUEST)
    if count and not request.content_classes <= _CLASSES:
        codes.add(reasons.UNKNOWN_CLASS)
    if request.purpose == Purpose.COMMERCIAL and not request.model_allows_commercial:
        codes.add(reasons.LICENCE)
    return frozenset(codes)


_CLASSES = frozenset(str(name) for name in RestrictionClass)


def _crowd(
    state: State, people: tuple[PersonId, ...], common: frozenset[str]
) -> tuple[PersonDecision, ...]:
    # The work for a scene of thousands stays one short step a person, and needs none of them read.
    codes = reasons.in_order(common)
    known = state.subjects
    return tuple(_denied(p, codes, known[p].epoch if p in known else -1) for p in people)


def _denied(person_id: PersonId, codes: tuple[str, ...], epoch: int) -> PersonDecision:
    """A denial for which the person's own terms were not looked at."""
    return PersonDecision(
        person_id=person_id,
        allowed=False,
        reasons=codes,
        consent_id=None,
        grant_id=None,
        counts_consent=False,
        needs_approval=False,
        epoch=epoch,
    )


def _person(asked: Asked, person_id: PersonId) -> PersonDecision:
    subject = asked.state.subjects.get(person_id)
    if subject is None:
        return _denied(person_id, reasons.in_order({*asked.common, reasons.UNKNOWN_PERSON}), -1)
    denials = {*asked.common, *_standing(asked, person_id, subject)}
    grant_id = None
    consent = subject.consent
    by_others = asked.request.requester != person_id
    needs_approval = by_others and consent is not None and _wants_to_see(consent)
    if needs_approval and asked.request.publishing and person_id not in asked.request.approved:
        denials.add(reasons.NEEDS_APPROVAL)
    if consent is None:
        denials.add(reasons.NONE)
    # Comparing moments without a zone is impossible; such a state is denied before it is tried.
    elif reasons.INVALID_STATE not in denials:
        ended = _ended(consent, asked.state.now)
        denials.update(ended or _terms(asked, consent, by_others=by_others))
        grant_id, refusals = permission(asked, subject, consent)
        denials.update(() if ended else refusals)
    return PersonDecision(
        person_id=person_id,
        allowed=not denials,
        reasons=reasons.in_order(denials or (reasons.ALLOWED,)),
        consent_id=None if consent is None else consent.consent_id,
        grant_id=None if denials else grant_id,
        counts_consent=not denials
        and by_others
        and consent is not None
        and consent.max_uses is not None,
        needs_approval=needs_approval,
        epoch=subject.epoch,
    )


def _standing(asked: Asked, person_id: PersonId, subject: Subject) -> Iterable[str]:
    """Why the person is not to appear at all, whatever was agreed."""
    consent = subject.consent
    consistent = consent is None or _consistent(consent)
    if subject.person_id != person_id or subject.epoch < 0 or not consistent:
        yield reasons.INVALID_STATE
    if not subject.adult:
        yield reasons.MINOR
    if subject.frozen:
        yield reasons.FROZEN
    if subject.paused:
        yield reasons.PAUSED
    if asked.request.requester in subject.blocked or not subject.blocked.isdisjoint(asked.people):
        yield reasons.BLOCKED


def _consistent(consent: ConsentState) -> bool:
    return (
        (consent.expires_at is None or is_aware(consent.expires_at))
        and 0 <= consent.assurance <= MAX_ASSURANCE
        and not (consent.simulated and consent.assurance)
        and consent.max_people >= 1
        and consent.uses_reserved >= 0
        and consent.uses_consumed >= 0
    )


def _wants_to_see(consent: ConsentState) -> bool:
    # Whatever is not "only if needed" is read as "always".
    return consent.needs_judge or consent.approval is not Approval.IF_NEEDED


def _ended(consent: ConsentState, now: datetime) -> list[str]:
    codes = []
    if not consent.active:
        codes.append(reasons.REVOKED)
    if consent.expires_at is not None and now >= consent.expires_at:
        codes.append(reasons.EXPIRED)
    return codes


def _terms(asked: Asked, consent: ConsentState, *, by_others: bool) -> Iterable[str]:
    """Which terms of a consent in force the request does not keep."""
    request = asked.request
    if consent.assurance < asked.state.min_assurance:
        yield reasons.ASSURANCE_TOO_LOW
    yield from _company(asked, consent)
    if by_others and is_used_up(asked, consent, consent.consent_id):
        yield reasons.USED_UP
    if not request.modalities <= consent.modalities:
        yield reasons.MODALITY
    if request.purpose not in consent.purposes:
        yield reasons.PURPOSE
    if not request.content_classes.isdisjoint(consent.restrictions):
        yield reasons.RESTRICTED_CONTENT
    if any(asked.spoken.says(term) for term in consent.never_say):
        yield reasons.NEVER_SAY


def _company(asked: Asked, consent: ConsentState) -> Iterable[str]:
    """Whether the person appears with more people, or with others, than they want."""
    if len(asked.people) > consent.max_people:
        yield reasons.TOO_MANY_PEOPLE
    if not consent.apart_from.isdisjoint(asked.people):
        yield reasons.NOT_TOGETHER
