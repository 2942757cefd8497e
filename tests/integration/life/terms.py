"""What people agreed to, and what follows from it: a second opinion, in plain Python.

It shares no code with `consent.decide`: the state machine compares the two at every step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from consent.vocabulary import Approval, Audience, Purpose, RestrictionClass

MOST_PEOPLE = 2


@dataclass
class Paper:
    """Something signed: a consent or a grant."""

    id: str
    expires: datetime | None = None
    max_uses: int | None = None
    status: str = "active"
    reserved: int = 0
    consumed: int = 0

    def is_over(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires

    def has_use(self, *, holding: bool) -> bool:
        """Whether a clip may go on or begin; one that holds a use needs no other."""
        if self.max_uses is None:
            return True
        others = self.reserved + self.consumed - (1 if holding else 0)
        return others < self.max_uses


@dataclass
class Consent(Paper):
    audience: Audience = Audience.ONLY_ME
    modalities: frozenset[str] = frozenset({"face", "voice"})
    purposes: frozenset[Purpose] = frozenset({Purpose.PERSONAL})
    restrictions: frozenset[RestrictionClass] = frozenset()
    never_say: tuple[str, ...] = ()
    apart: frozenset[str] = frozenset()
    max_people: int = 2
    approval: Approval = Approval.IF_NEEDED
    judged: bool = False
    checked: bool = True
    """Whether the enrolment that it is for was checked as far as the service asks."""


@dataclass
class Grant(Paper):
    grantee: str = ""
    consent: str = ""
    modalities: frozenset[str] = frozenset({"face", "voice"})
    purposes: frozenset[Purpose] = frozenset({Purpose.PERSONAL})


@dataclass
class Key:
    id: str
    private: bytes
    origin: Key | None = None
    """The key that agreed to it; None for one that came by a session."""
    recovered: bool = False
    effective: datetime | None = None
    revoked: bool = False

    @property
    def root(self) -> Key:
        return self if self.origin is None else self.origin.root

    def waits(self, now: datetime) -> bool:
        return self.recovered and not self.revoked and now < (self.effective or now)


@dataclass
class Enrolment:
    id: str
    face: str
    key: Key
    begun: datetime
    checked: bool
    erased: bool = False


@dataclass
class Person:
    handle: str
    epoch: int = 0
    paused: bool = False
    frozen: bool = False
    follows: set[str] = field(default_factory=set)
    blocks: set[str] = field(default_factory=set)
    consents: list[Consent] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    papers_erased: int = 0
    """How many of the consents are blank."""

    @property
    def consent(self) -> Consent | None:
        """The newest, whatever its status."""
        return self.consents[-1] if self.consents else None

    @property
    def enrolled(self) -> Enrolment | None:
        """The newest that stands."""
        standing = [each for each in self.enrolments if not each.erased]
        return standing[-1] if standing else None

    def granted(self, grantee: str) -> Grant | None:
        """The newest grant to somebody, whatever its status."""
        mine = [grant for grant in self.grants if grant.grantee == grantee]
        return mine[-1] if mine else None

    def key_fault(self, key: Key, now: datetime) -> str | None:
        """Why a key may not sign what permits something."""
        if key.revoked:
            return "key.revoked"
        root = key.root
        if not root.recovered:
            return None
        if root.effective is not None and now < root.effective:
            return "key.not_effective"
        newest = self.enrolled
        anew = newest is not None and newest.key.root is root
        if not anew or newest is None or newest.begun < (root.effective or now):
            return "key.needs_enrolment"
        return None


@dataclass
class Member:
    """A person in a clip, and what it was begun under."""

    person: str
    consent: Consent
    grant: Grant | None
    counts: bool
    lease: datetime
    approval: str
    held: bool = True
    """Whether it holds its uses, reserved or consumed."""

    @property
    def papers(self) -> list[Paper]:
        """What takes a use of it."""
        found: list[Paper] = [] if self.grant is None else [self.grant]
        return [*found, self.consent] if self.counts else found

    @property
    def cited(self) -> list[Paper]:
        return [self.consent] if self.grant is None else [self.consent, self.grant]


@dataclass(frozen=True)
class Wanted:
    """What a clip is to show."""

    maker: str
    people: tuple[str, ...]
    purpose: Purpose = Purpose.PERSONAL
    classes: frozenset[RestrictionClass] = frozenset()
    spoken: str = ""

    @property
    def modalities(self) -> frozenset[str]:
        return frozenset({"face", "voice"}) if self.spoken else frozenset({"face"})


@dataclass(frozen=True)
class Opinion:
    """What one person's terms say to a clip."""

    faults: tuple[str, ...]
    consent: Consent | None
    grant: Grant | None
    counts: bool
    asks_first: bool
    """Whether publishing needs this person's approval."""

    @property
    def agrees(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class Case:
    """Who wants what, when, and of which papers the clip holds a use already."""

    people: dict[str, Person]
    wanted: Wanted
    now: datetime
    holding: frozenset[str] = frozenset()


def opinion(case: Case, handle: str) -> Opinion:
    """What this person's terms say now, approvals left aside."""
    person, wanted = case.people[handle], case.wanted
    consent, faults = person.consent, _at_all(person, wanted)
    if consent is None:
        return Opinion((*faults, "none"), None, None, counts=False, asks_first=False)
    others = wanted.maker != handle
    grant, refused = _reached(case, person, consent)
    return Opinion(
        faults=(*faults, *_consent_faults(case, consent, others=others), *refused),
        consent=consent,
        grant=grant,
        counts=others and consent.max_uses is not None,
        asks_first=others and (consent.judged or consent.approval is Approval.ALWAYS),
    )


def lease_end(now: datetime) -> datetime:
    return now + timedelta(hours=2)


def _at_all(person: Person, wanted: Wanted) -> list[str]:
    """Why the person is not to appear, whatever they agreed to."""
    found = {
        "paused": person.paused,
        "frozen": person.frozen,
        "blocks": bool(person.blocks & {wanted.maker, *wanted.people}),
        "crowd": len(set(wanted.people)) > MOST_PEOPLE,
    }
    return [fault for fault, there in found.items() if there]


def _consent_faults(case: Case, consent: Consent, *, others: bool) -> list[str]:
    wanted = case.wanted
    cast = set(wanted.people)
    used_up = others and not consent.has_use(holding=consent.id in case.holding)
    found = {
        consent.status: consent.status != "active",
        "expired": consent.is_over(case.now),
        "hardly checked": not consent.checked,
        "company": len(cast) > consent.max_people,
        "apart": bool(consent.apart & cast),
        "used up": used_up,
        "modality": not wanted.modalities <= consent.modalities,
        "purpose": wanted.purpose not in consent.purposes,
        "content": bool(wanted.classes & consent.restrictions),
        "never say": any(word in consent.never_say for word in wanted.spoken.split()),
    }
    return [fault for fault, there in found.items() if there]


def _reached(case: Case, person: Person, consent: Consent) -> tuple[Grant | None, list[str]]:
    """The grant that is needed, and why whoever asks is not reached."""
    wanted = case.wanted
    maker = wanted.maker
    if maker == person.handle or consent.audience is Audience.EVERYONE:
        return None, []
    if consent.audience is Audience.ONLY_ME:
        return None, ["only me"]
    mutual = maker in person.follows and person.handle in case.people[maker].follows
    if consent.audience is Audience.MUTUALS and mutual:
        return None, []
    grant = person.granted(maker)
    if grant is None:
        return None, ["no grant"]
    fits = (
        grant.status == "active"
        and grant.consent == consent.id
        and not grant.is_over(case.now)
        and grant.has_use(holding=grant.id in case.holding)
        and wanted.modalities <= grant.modalities
        and wanted.purpose in grant.purposes
    )
    return (grant, []) if fits else (None, ["grant does not fit"])
