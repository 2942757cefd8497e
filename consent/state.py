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
from consent.vocabulary import Audience, Modality, Purpose, RestrictionClass


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentState:
    """The consent of a person as it stands."""

    consent_id: ConsentId
    audience: Audience
    modalities: frozenset[Modality]
    purposes: frozenset[Purpose]
    restrictions: frozenset[RestrictionClass]
    """Classes of content that are forbidden."""
    never_say: tuple[str, ...]
    max_people: int
    """How many people may appear together in one clip, this person included; at least 1."""
    expires_at: datetime | None
    """The first moment at which it no longer holds."""
    active: bool
    """False once withdrawn or replaced."""
    assurance: int
    simulated: bool

    @classmethod
    def of(cls, document: ConsentDocument, *, active: bool) -> ConsentState:
        """The state that a signed document stands for."""
        return cls(
            consent_id=document.document_id,
            audience=document.audience,
            modalities=document.modalities,
            purposes=document.purposes,
            restrictions=document.restrictions,
            never_say=document.never_say,
            max_people=document.max_people,
            expires_at=document.expires_at,
            active=active,
            assurance=document.assurance,
            simulated=document.simulated,
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
    own_reservation: frozenset[GrantId] = frozenset()
    """Grants of which this job already holds one reserved use; it does not count against it."""
