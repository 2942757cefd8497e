"""The retention clock: what nobody may use any more is destroyed when its time is over.

The recording goes first. A likeness goes when no consent under it stands and the time that the
consent itself names is over, or when no consent was ever signed for it. The database's clock
judges, read under the person's exclusive lock; a legal hold stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cameo.flows.errors import FlowError
from cameo.flows.freezing import settle
from cameo.flows.ledger import Ledger
from cameo.flows.likenesses import Likenesses
from cameo.flows.policy import Policy
from cameo.flows.revoke import Revocations, claim_uses, withdraw_clips
from cameo.keys.errors import KeysError
from cameo.store.database import Database, Transaction
from cameo.store.enrolments import ConsentTerm
from cameo.store.errors import StoreError
from cameo.store.records import ConsentRecord, EnrolmentRecord, PersonRecord
from cameo.store.rights import ErasureRecord

_CAPTURE = "capture"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One enrolment of which something is kept."""

    enrolment: EnrolmentRecord
    parts: tuple[str, ...]
    capture_until: datetime | None
    """When the recording is destroyed; None where it is gone."""
    until: datetime | None
    """When all of it is destroyed; None while a consent stands that has no end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """What is held of a person, since when and until when."""

    person: PersonRecord
    kept: tuple[Kept, ...]
    consents: tuple[ConsentRecord, ...]
    clips: int
    """Clips with the person in them that are made or served."""
    erasures: tuple[ErasureRecord, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Destroyed:
    """What one sweep destroyed: ids of enrolments."""

    captures: tuple[str, ...]
    likenesses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """Destroys what is due, and says what is kept."""

    db: Database
    likenesses: Likenesses
    ledger: Ledger
    revocations: Revocations
    policy: Policy

    def schedule(self, person: PersonRecord) -> Schedule:
        """What is held of a person, until when."""
        with self.db.reading() as tx:
            # What an erasure waits for is held as well.
            held = [
                each
                for each in tx.enrolments.all(person.id)
                if each.status in {"accepted", "erased"} and each.erased_at is None
            ]
            terms = tx.enrolments.terms(each.id for each in held)
            return Schedule(
                person=tx.people.get(person.id),
                kept=tuple(self._kept(each, terms[each.id]) for each in held),
                consents=tx.consents.history(person.id),
                clips=len(tx.clips.with_person(person.id)),
                erasures=tx.rights.erasures(person.id)[::-1],
            )

    def sweep(self) -> Destroyed:
        """Destroy what is due; killed in between, the next sweep does it again.

        Raises:
            KeysError, StoreError, FlowError: the first trouble, after everything was tried.
        """
        with self.db.reading() as tx:
            now = tx.now()
            captures = tx.enrolments.captures_due(before=now - self.policy.capture_kept)
            idle = tx.enrolments.without_consent(now)
            terms = tx.enrolments.terms(each.id for each in idle)
        likenesses = [each for each in idle if _is_over(self._until(each, terms[each.id]), now)]
        footage, first = _each(captures, self._destroy_capture)
        gone, second = _each(likenesses, self._destroy)
        if gone:
            self.revocations.sweep()
            self.ledger.sequence()
        trouble = first or second
        if trouble is not None:
            raise trouble
        return Destroyed(captures=footage, likenesses=gone)

    def _destroy_capture(self, found: EnrolmentRecord) -> bool:
        with self.db.transaction(exclusive=[found.person_id]) as tx:
            enrolment = _still(tx, found)
            if enrolment is None or enrolment.capture_erased_at is not None:
                return False
            now = tx.now()
            left = self.likenesses.forget_part(enrolment, _CAPTURE)
            tx.enrolments.capture_erased(enrolment.id, left, now)
            tx.clips.notify(found.person_id, "cameo.recording_destroyed", None, now, enrolment.id)
        return True

    def _destroy(self, found: EnrolmentRecord) -> bool:
        with self.db.transaction(exclusive=[found.person_id]) as tx:
            enrolment = _still(tx, found)
            now = tx.now()
            # Read again under the lock: a consent may have been signed since.
            if enrolment is None or not _is_over(self._due(tx, enrolment), now):
                return False
            tx.enrolments.end([enrolment.id])
            if not tx.enrolments.accepted(enrolment.person_id):
                self._end_cameo(tx, enrolment, now)
            self.likenesses.forget(enrolment)
            tx.enrolments.wipe([enrolment.id], now)
            tx.clips.notify(found.person_id, "cameo.likeness_destroyed", None, now, enrolment.id)
        return True

    def _end_cameo(self, tx: Transaction, enrolment: EnrolmentRecord, now: datetime) -> None:
        """The last likeness of a person goes: any use after this is a finding in the log."""
        person = enrolment.person_id
        ended = [
            each.id
            for each in tx.consents.history(person)
            if each.status == "revoked" or _is_over(each.expires_at, now)
        ]
        clips = tx.withdrawing.reached(person, ended)
        claim_uses(tx, clips)
        withdraw_clips(tx, clips, reason="consent.expired", now=now)
        for contest in tx.rights.contests(person_id=person, states=("open",)):
            settle(tx, self.ledger, contest, "lapsed", now)
        tx.people.raise_epoch(person)
        self.ledger.record(
            tx,
            kind="erase",
            ref=enrolment.id,
            private={"enrolment": enrolment.id, "person": person, "reason": "retention"},
            at=now,
            people=[tx.people.get(person)],
        )

    def _kept(self, enrolment: EnrolmentRecord, terms: Iterable[ConsentTerm]) -> Kept:
        capture_until = None
        if enrolment.decided_at is not None and enrolment.capture_erased_at is None:
            capture_until = enrolment.decided_at + self.policy.capture_kept
        return Kept(
            enrolment=enrolment,
            parts=self.likenesses.parts(enrolment),
            capture_until=capture_until,
            until=self._until(enrolment, terms),
        )

    def _due(self, tx: Transaction, enrolment: EnrolmentRecord) -> datetime | None:
        return self._until(enrolment, tx.enrolments.terms([enrolment.id])[enrolment.id])

    def _until(self, enrolment: EnrolmentRecord, terms: Iterable[ConsentTerm]) -> datetime | None:
        """When a likeness is due; None while a consent under it stands that has no end."""
        ends = [
            None if term.ends_at is None else term.ends_at + timedelta(days=term.retention_days)
            for term in terms
        ]
        if not ends:
            decided = enrolment.decided_at
            return None if decided is None else decided + self.policy.unused_kept
        known = [end for end in ends if end is not None]
        return max(known) if len(known) == len(ends) else None


def _each(
    due: Iterable[EnrolmentRecord], destroy: Callable[[EnrolmentRecord], bool]
) -> tuple[tuple[str, ...], Exception | None]:
    """Try all of them; the ids of those that were destroyed, and the first trouble."""
    done: list[str] = []
    trouble: Exception | None = None
    for enrolment in due:
        try:
            if destroy(enrolment):
                done.append(enrolment.id)
        except (KeysError, StoreError, FlowError) as error:
            trouble = trouble or error
    return tuple(done), trouble


def _still(tx: Transaction, found: EnrolmentRecord) -> EnrolmentRecord | None:
    """The enrolment as it stands, if it may be destroyed."""
    enrolment = tx.enrolments.get(found.id)
    if enrolment.status != "accepted" or tx.people.get(found.person_id).held_at is not None:
        return None
    return enrolment


def _is_over(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
