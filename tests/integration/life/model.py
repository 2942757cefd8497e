"""What must have become of clips and uses, in plain Python.

Every method says what the flow of the same name must answer, as an error code or a status, and
changes the model where that answer changes something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.integration.life.society import Society
from tests.integration.life.terms import (
    Case,
    Key,
    Member,
    Opinion,
    Wanted,
    lease_end,
    opinion,
)

DONE = "done"
UNFINISHED = ("queued", "in_progress")


@dataclass
class Clip:
    id: str
    wanted: Wanted
    members: list[Member]
    parent: str | None
    ordered: datetime
    status: str = "queued"
    reason: str = ""
    shared: bool = False
    covered: bool = False
    """Whether a checkpoint covers its release."""

    @property
    def maker(self) -> str:
        return self.wanted.maker

    @property
    def holding(self) -> frozenset[str]:
        return frozenset(paper.id for member in self.members for paper in member.papers)

    def member(self, handle: str) -> Member | None:
        return next((each for each in self.members if each.person == handle), None)

    def concerns(self, handle: str) -> bool:
        return handle == self.maker or self.member(handle) is not None


@dataclass
class Life(Society):
    """Everything that the flows must have made of what was done so far."""

    clips: dict[str, Clip] = field(default_factory=dict)

    def withdraw(self, papers: set[str]) -> None:
        """End whatever rests on these papers: itself, or by what it was made from."""
        for clip in self.clips.values():
            line = [clip, *self.sources(clip.parent)]
            if not any(p.id in papers for each in line for m in each.members for p in m.cited):
                continue
            if clip.status in UNFINISHED:
                self.failed(clip)
            elif clip.status == "completed":
                clip.status, clip.reason = "withdrawn", "revoked"

    def sources(self, parent: str | None) -> Iterator[Clip]:
        while parent is not None:
            clip = self.clips[parent]
            yield clip
            parent = clip.parent

    def lost(self, parent: str | None) -> bool:
        """Whether something that a clip is made from has lost a consent."""
        return any(
            paper.status == "revoked"
            for clip in self.sources(parent)
            for member in clip.members
            for paper in member.cited
        )

    def opinions(
        self, wanted: Wanted, now: datetime, holding: frozenset[str] = frozenset()
    ) -> dict[str, Opinion]:
        case = Case(self.people, wanted, now, holding)
        return {handle: opinion(case, handle) for handle in wanted.people}

    def order(self, wanted: Wanted, parent: str | None, now: datetime) -> str:
        if self.lost(parent):
            return "video.withdrawn"
        agreed = all(each.agrees for each in self.opinions(wanted, now).values())
        return DONE if agreed else "consent.refused"

    def ordered(self, clip_id: str, wanted: Wanted, parent: str | None, now: datetime) -> Clip:
        members = []
        for handle, said in self.opinions(wanted, now).items():
            assert said.consent is not None
            members.append(
                Member(
                    person=handle,
                    consent=said.consent,
                    grant=said.grant,
                    counts=said.counts,
                    lease=lease_end(now),
                    approval="needed" if said.asks_first else "none",
                )
            )
        clip = self.clips[clip_id] = Clip(clip_id, wanted, members, parent, now)
        for member in members:
            for paper in member.papers:
                paper.reserved += 1
        self.leaves["lease"] += 1
        return clip

    def failed(self, clip: Clip) -> None:
        clip.status = "failed"
        for member in clip.members:
            member.held = False
            for paper in member.papers:
                paper.reserved -= 1

    def released(self, clip: Clip, now: datetime) -> str:
        if clip.status == "in_progress":
            if self.may_release(clip, now):
                clip.status = "completed"
                self.leaves["release"] += 1
                for member in clip.members:
                    for paper in member.papers:
                        paper.reserved -= 1
                        paper.consumed += 1
            else:
                self.failed(clip)
        return clip.status

    def may_release(self, clip: Clip, now: datetime) -> bool:
        """Whether everybody's terms, as they stand, let this clip out."""
        said = self.opinions(clip.wanted, now, clip.holding)
        same = all(
            (said[m.person].consent, said[m.person].grant) == (m.consent, m.grant)
            for m in clip.members
        )
        in_time = all(now < member.lease for member in clip.members)
        agreed = all(each.agrees for each in said.values())
        return agreed and same and in_time and not self.lost(clip.parent)

    def shown(self, clip: Clip, now: datetime) -> str:
        """What somebody is answered who wants to see it."""
        if clip.status == "withdrawn":
            return "video.withdrawn" if clip.reason == "revoked" else "video.deleted"
        if clip.status != "completed":
            return "video.failed" if clip.status == "failed" else "video.not_ready"
        cited = [paper for member in clip.members for paper in member.cited]
        if any(paper.status == "revoked" or paper.is_over(now) for paper in cited):
            return "video.withdrawn"
        people = [self.people[member.person] for member in clip.members]
        if any(person.paused or person.frozen for person in people):
            return "video.held"
        return DONE if clip.covered else "video.not_ready"

    def published(self, handle: str, clip: Clip, now: datetime) -> str:
        answer = self._publication(handle, clip, now)
        if answer == "video.approval_needed":
            for member in self._waiting(clip, now):
                if member.approval in {"none", "needed"}:
                    member.approval = "asked"
        elif answer == DONE and not clip.shared:
            clip.shared = True
            self.leaves["publish"] += 1
        return answer

    def _publication(self, handle: str, clip: Clip, now: datetime) -> str:
        shown = self.shown(clip, now) if clip.concerns(handle) else "request.not_found"
        if shown == DONE and handle != clip.maker:
            shown = "request.not_found"
        if shown != DONE or clip.shared:
            return shown
        if self.lost(clip.parent):
            return "video.withdrawn"
        said = self.opinions(clip.wanted, now, clip.holding)
        if not all(each.agrees for each in said.values()):
            return "consent.refused"
        return "video.approval_needed" if self._waiting(clip, now) else DONE

    def _waiting(self, clip: Clip, now: datetime) -> list[Member]:
        said = self.opinions(clip.wanted, now, clip.holding)
        return [m for m in clip.members if self._must_ask(clip, m, said[m.person])]

    def _must_ask(self, clip: Clip, member: Member, said: Opinion) -> bool:
        refused = member.approval == "declined" and member.person != clip.maker
        return refused or (said.asks_first and member.approval != "approved")

    def approve(self, handle: str, clip: Clip, key: Key, now: datetime) -> str:
        member = clip.member(handle)
        if member is None:
            return "request.not_found"
        if clip.status != "completed":
            return "video.not_ready"
        fault = self.people[handle].key_fault(key, now)
        if fault is None:
            member.approval = "approved"
        return fault or DONE

    def decline(self, handle: str, clip: Clip) -> str:
        member = clip.member(handle)
        if member is None:
            return "request.not_found"
        if member.approval == "approved":
            self._restrict(handle)
        member.approval, clip.shared = "declined", False
        return DONE

    def unpublish(self, handle: str, clip: Clip) -> str:
        if not clip.concerns(handle):
            return "request.not_found"
        clip.shared = False
        return DONE

    def delete(self, handle: str, clip: Clip) -> str:
        if not clip.concerns(handle):
            return "request.not_found"
        if clip.status in UNFINISHED:
            self.failed(clip)
        elif clip.status == "completed":
            clip.status, clip.reason = "withdrawn", "deleted"
        return DONE

    def swept(self, now: datetime) -> None:
        for clip in self.clips.values():
            if clip.status in UNFINISHED and now >= lease_end(clip.ordered):
                self.failed(clip)
        for contest in self.contests:
            if contest.status == "open" and now >= contest.opened + timedelta(hours=24):
                self.settled(contest, "lapsed", now)
