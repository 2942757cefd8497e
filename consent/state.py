"""What a decision looks at: the people, their consents and grants, and what is asked for.

Whoever fills a `State` owes this: it is read in one transaction, after the locks on every person
named in it were taken, and `now` is the database's clock read after those locks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from consent.forms import ConsentDocument, GrantDocument
from consent.ids import ConsentId, GrantId, PersonId
from consent.rules import compile_rules
from consent.vocabulary import Approval, Audience, Modality, Purpose, RestrictionClass


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentState:
    """The consent of a person as it stands."""

    consent_id: ConsentId
    audience: Audience
    modalities: frozenset[Modality]
    purposes: frozenset[Purpose]
    restrictions: frozenset[RestrictionClass]
    """Classes of content that are forbidden, by field or by a compiled wish."""
    never_say: tuple[str, ...]
    apart_from: frozenset[PersonId]
    """Whom the person does not want to appear with."""
    max_people: int
    """How many people may appear together in one clip, this person included; at least 1."""
    expires_at: datetime | None
    """The first moment at which it no longer holds."""
    active: bool
    """False once withdrawn or replaced."""
    assurance: int
    simulated: bool
    approval: Approval
    needs_judge: bool
    """Whether a wish of the person cannot be checked by machine."""
    max_uses: int | None
    """How many clips by others it allows in all; None where it does not count."""
    uses_reserved: int
    uses_consumed: int

    @classmethod
    def of(
        cls, document: ConsentDocument, *, active: bool, uses_reserved: int, uses_consumed: int
    ) -> ConsentState:
        """The state that a signed document stands for, its wishes compiled."""
        rules = compile_rules(document)
        return cls(
            consent_id=document.document_id,
            audience=document.audience,
            modalities=document.modalities,
            purposes=document.purposes,
            restrictions=rules.classes,
            never_say=rules.never_say,
            apart_from=frozenset(rules.apart_from),
            max_people=document.max_people,
            expires_at=document.expires_at,
            active=active,
            assurance=document.assurance,
            simulated=document.simulated,
            approval=document.approval,
            needs_judge=rules.needs_judge,
            max_uses=document.max_uses,
            uses_reserved=uses_reserved,
            uses_consumed=uses_consumed,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantState:
    """One grant of a person to another as it stands."""

    grant_id: GrantId
    grantee: PersonId
    modalities: frozenset[Modality]
    purposes: frozenset[Purpose]
    expires_at: datetime | None
    active: bool
    """False once withdrawn; a grant does not come back to life when a new consent is signed."""
    max_uses: int | None
    """How many releases it allows in all; None where it does not count."""
    uses_reserved: int
    uses_consumed: int
    consent_id: ConsentId | None = None
    """The consent it was signed under. Where given, it holds only while that consent is the
    person's present one; None where the caller has already made grants of ended consents inactive.
    """

    @classmethod
    def of(
        cls, document: GrantDocument, *, active: bool, uses_reserved: int, uses_consumed: int
    ) -> GrantState:
        """The state that a signed document stands for, bound to its consent."""
        return cls(
            grant_id=document.document_id,
            grantee=document.grantee,
            modalities=document.modalities,
            purposes=document.purposes,
            expires_at=document.expires_at,
            active=active,
            max_uses=document.max_uses,
            uses_reserved=uses_reserved,
            uses_consumed=uses_consumed,
            consent_id=document.consent_id,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A person who may appear in a clip."""

    person_id: PersonId
    handle: str
    adult: bool
    """True only where the person is known to be an adult."""
    frozen: bool
    """While a report or a dispute is open."""
    paused: bool
    """By the person's own wish; it holds against the person too."""
    epoch: int
    """Counts every change that may turn allow into deny; at least 0."""
    consent: ConsentState | None
    grants: tuple[GrantState, ...]
    blocked: frozenset[PersonId]
    """Whom this person has blocked."""
    mutuals: frozenset[PersonId]


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Everything a decision depends on besides the request."""

    subjects: Mapping[PersonId, Subject]
    now: datetime
    min_assurance: int
    """The lowest assurance level of an enrolment that the service accepts, 0 to 3."""
    max_people: int
    """How many people the service lets appear together in one clip; at least 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is asked for."""

    requester: PersonId
    people: tuple[PersonId, ...]
    """Everybody who would appear in the clip, however they were named."""
    modalities: frozenset[Modality]
    purpose: Purpose
    content_classes: frozenset[str]
    """The classes of content that moderation recognised, as `RestrictionClass` values."""
    spoken: str = ""
    """Every word that would be said, lines joined by newlines."""
    own_uses: frozenset[GrantId | ConsentId] = frozenset()
    """Grants and consents of which this clip already holds one use, reserved or consumed; it does
    not count against the clip."""
    publishing: bool = False
    """Whether the clip is to be published, which may need the approval of the people in it."""
    approved: frozenset[PersonId] = frozenset()
    """Who has approved this very file by a signature."""
    model_allows_commercial: bool = True
    """Whether the licence of the generator allows commercial use."""
