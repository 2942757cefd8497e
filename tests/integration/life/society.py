"""What must have become of people: papers, ties, keys, likenesses, contests, in plain Python.

Every method changes the model as the act of the same name must change the service, and says what
must be refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.integration.life.terms import Consent, Enrolment, Grant, Key, Paper, Person

FREEZING = ("open", "matched", "upheld")
FAILED = ("not_matched", "lapsed", "dismissed")
RECOVERY = timedelta(hours=72)


@dataclass
class Contest:
    id: str
    by: str
    against: str
    opened: datetime
    status: str = "open"
    decided: datetime | None = None


@dataclass
class Society:
    """People and what they agreed to; clips are in `tests.integration.life.model`."""

    people: dict[str, Person]
    contests: list[Contest] = field(default_factory=list)
    leaves: Counter[str] = field(default_factory=Counter)
    """How many log entries of each kind there must be."""

    def withdraw(self, papers: set[str]) -> None:
        """End whatever rests on these papers."""
        raise NotImplementedError

    # Signed papers.

    def consent_signed(self, handle: str, consent: Consent) -> None:
        person = self.people[handle]
        if self._end(person.consents, "superseded"):
            person.epoch += 1
        person.consents.append(consent)
        self.leaves["consent"] += 1

    def grant_signed(self, handle: str, grant: Grant) -> None:
        person = self.people[handle]
        if self._end([g for g in person.grants if g.grantee == grant.grantee], "superseded"):
            person.epoch += 1
        person.grants.append(grant)
        self.leaves["grant"] += 1

    def consent_revoked(self, handle: str, consent: Consent) -> None:
        person = self.people[handle]
        newest = person.consents[-1] is consent
        ended = person.consents if newest else [consent]
        ids = {each.id for each in ended}
        self._revoke(person, [*ended, *(g for g in person.grants if g.consent in ids)])

    def grant_revoked(self, handle: str, grant: Grant) -> None:
        person = self.people[handle]
        self._revoke(person, [g for g in person.grants if g.grantee == grant.grantee])

    def _revoke(self, person: Person, papers: list[Consent | Grant]) -> None:
        if self._end(papers, "revoked"):
            person.epoch += 1
            self.leaves["revoke"] += 1
        self.withdraw({paper.id for paper in papers})

    def _end(self, papers: Iterable[Paper], status: str) -> bool:
        over = ("revoked", "superseded") if status == "superseded" else ("revoked",)
        ended = [paper for paper in papers if paper.status not in over]
        for paper in ended:
            paper.status = status
        return bool(ended)

    # Ties.

    def follow(self, handle: str, other: str) -> None:
        self.people[handle].follows.add(other)

    def unfollow(self, handle: str, other: str) -> None:
        if self._mutual(handle, other):
            self._restrict(handle, other)
        self.people[handle].follows.discard(other)

    def block(self, handle: str, other: str) -> None:
        person = self.people[handle]
        mutual, new = self._mutual(handle, other), other not in person.blocks
        if new or mutual:
            self._restrict(handle, *([other] if mutual else []))
        person.blocks.add(other)
        person.follows.discard(other)
        self.people[other].follows.discard(handle)

    def unblock(self, handle: str, other: str) -> None:
        if other in self.people[handle].blocks:
            self.people[handle].blocks.remove(other)
            self.leaves["restore"] += 1

    def pause(self, handle: str) -> None:
        person = self.people[handle]
        if not person.paused:
            person.paused = True
            self._restrict(handle)

    def resume(self, handle: str) -> None:
        self.people[handle].paused = False
        self.leaves["restore"] += 1

    def _mutual(self, one: str, other: str) -> bool:
        return other in self.people[one].follows and one in self.people[other].follows

    def _restrict(self, *handles: str) -> None:
        for handle in handles:
            self.people[handle].epoch += 1
        self.leaves["restrict"] += len(handles)

    # Keys and likenesses.

    def key_added(self, handle: str, key: Key) -> None:
        self.people[handle].keys.append(key)
        self.leaves["key"] += 1
        if key.recovered:
            self._restrict(handle)

    def key_ended(self, handle: str, key: Key) -> None:
        if not key.revoked:
            key.revoked = True
            self._restrict(handle)

    def enrolled(self, handle: str, enrolment: Enrolment) -> None:
        person = self.people[handle]
        if enrolment.key.root.recovered:
            self._end(person.consents, "superseded")
            self._end(person.grants, "superseded")
            self._restrict(handle)
        person.enrolments.append(enrolment)
        self.leaves["enrol"] += 1

    def nothing_to_erase(self, handle: str) -> bool:
        person = self.people[handle]
        return person.enrolled is None and len(person.consents) == person.papers_erased

    def erased(self, handle: str, now: datetime) -> None:
        person = self.people[handle]
        self._revoke(person, [*person.consents, *person.grants])
        for enrolment in person.enrolments:
            enrolment.erased = True
        person.papers_erased = len(person.consents)
        for contest in self.contests:
            if contest.against == handle and contest.status == "open":
                self.settled(contest, "lapsed", now)
        person.epoch += 1
        self.leaves["erase"] += 1
        for key in person.keys:
            self.leaves["key"] += 1
            if key.revoked:
                self._restrict(handle)

    # Contests.

    def contest_fault(self, by: str, against: str, now: datetime) -> str | None:
        mine = [contest for contest in self.contests if contest.by == by]
        failed = [
            c for c in mine if c.status in FAILED and (c.decided or now) > now - timedelta(days=30)
        ]
        faults = {
            "contest.no_key": all(key.revoked for key in self.people[by].keys),
            "contest.open": any(contest.status == "open" for contest in mine),
            "contest.too_many": len(failed) >= 3,
            "contest.nothing": self.people[against].enrolled is None,
        }
        return next((code for code, found in faults.items() if found), None)

    def contested(self, contest: Contest) -> None:
        self.contests.append(contest)
        if not self.people[contest.against].frozen:
            self.people[contest.against].frozen = True
            self._restrict(contest.against)

    def judged(self, contest: Contest, mine: Enrolment) -> str:
        """What a comparison must find; the operator's two states are one here."""
        faces = [e.face for e in self.people[contest.against].enrolments if not e.erased]
        if not faces:
            return "lapsed"
        return "matched" if mine.face in faces else "not_matched"

    def settled(self, contest: Contest, status: str, now: datetime) -> None:
        contest.status, contest.decided = status, now
        against = self.people[contest.against]
        holds = any(c.against == contest.against and c.status in FREEZING for c in self.contests)
        if against.frozen and not holds:
            against.frozen = False
            self.leaves["restore"] += 1
