"""A contest: this is my face, and I did not enrol it.

The contested cameo is frozen at once. Who contests it makes a new capture, and the two faces are
compared: where they do not match the cameo is thawed, otherwise the operator decides. Who contests
is told to nobody but the operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cameo.flows.comparison import Comparison
from cameo.flows.erase import Erasures
from cameo.flows.errors import FlowError
from cameo.flows.freezing import freeze, settle
from cameo.flows.keys import signing_keys
from cameo.flows.ledger import Ledger
from cameo.flows.policy import Policy
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.ids import new_id
from cameo.store.records import PersonRecord
from cameo.store.rights import FAILED, FOR_THE_OPERATOR, ContestRecord, ContestState

_MOST_FAILED: Final = 3
_WINDOW: Final = timedelta(days=30)


class ContestError(FlowError):
    """That cameo cannot be contested."""

    code = "contest.refused"


class OwnCameoError(ContestError):
    """That is your own cameo: erase it instead (`cameo erase`)."""

    code = "contest.own"


class ContestKeyError(ContestError):
    """Register a key of your own first, and prepare to be recorded: your face is compared."""

    code = "contest.no_key"


class NothingToContestError(ContestError):
    """There is no enrolled cameo under that handle, so nothing shows anybody."""

    code = "contest.nothing"


class ContestOpenError(ContestError):
    """You have an open contest; finish it with a capture, or wait until it lapses."""

    code = "contest.open"


class TooManyContestsError(ContestError):
    """Three contests of yours failed within 30 days; ask the operator instead."""

    code = "contest.too_many"


class ContestOverError(ContestError):
    """This contest does not wait for that any more; look at its status."""

    code = "contest.over"


class ContestCaptureError(ContestError):
    """Enrol anew for this: a capture counts only if it was asked for after the contest began."""

    code = "contest.capture"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contests:
    """Takes contests, compares, and lets the operator decide what a comparison cannot."""

    db: Database
    ledger: Ledger
    policy: Policy
    erasures: Erasures
    comparison: Comparison

    def open(self, contestant: PersonRecord, contested: PersonRecord) -> ContestRecord:
        """Contest a cameo; it is frozen when this returns.

        Raises:
            OwnCameoError: it is one's own.
            ContestKeyError: the contestant has no key that stands.
            NothingToContestError: nothing is enrolled there.
            ContestOpenError: the contestant has an open contest.
            TooManyContestsError: too many of theirs failed.
        """
        if contestant.id == contested.id:
            raise OwnCameoError
        # Both locks: two contests that one person begins at once are counted one after the other.
        with self.db.transaction(exclusive=[contestant.id, contested.id]) as tx:
            now = tx.now()
            self._require_may_open(tx, contestant, now)
            if not tx.enrolments.accepted(contested.id):
                raise NothingToContestError
            contest = ContestRecord(
                id=new_id("cts"),
                contestant_id=contestant.id,
                person_id=contested.id,
                status="open",
                enrolment_id=None,
                similarity=None,
                created_at=now,
                expires_at=now + self.policy.contest_ttl,
                decided_at=None,
            )
            tx.rights.open_contest(contest)
            freeze(tx, self.ledger, contest, now)
            tx.clips.notify(contestant.id, "contest.opened", None, now, contest.id)
            tx.clips.notify(contested.id, "contest.against_you", None, now, contest.id)
        self.ledger.sequence()
        return contest

    def compare(
        self, contestant: PersonRecord, contest_id: str, enrolment_id: str
    ) -> ContestRecord:
        """Compare a new capture of the contestant with the contested cameo.

        Raises:
            NotFoundError: it is not a contest, or not an enrolment, of this person.
            ContestOverError: the contest is not open any more.
            ContestCaptureError: the enrolment was not accepted, or was begun before the contest.
        """
        with self.db.reading() as tx:
            contest = _own(tx, contestant, contest_id)
            enrolment = tx.enrolments.get(enrolment_id)
            contested = tx.enrolments.accepted(contest.person_id)
            if enrolment.person_id != contestant.id:
                raise NotFoundError(f"no enrolment {enrolment_id}")
            _require_open(contest, tx.now())
        if enrolment.status != "accepted" or enrolment.created_at < contest.created_at:
            raise ContestCaptureError
        status, similarity = self.comparison.judge(enrolment, contested)
        with self.db.transaction(exclusive=[contestant.id, contest.person_id]) as tx:
            now = tx.now()
            # It may have lapsed, or the cameo may have been erased, while the faces were compared.
            _require_open(tx.rights.contest(contest_id), now)
            settle(
                tx,
                self.ledger,
                contest,
                status,
                now,
                enrolment_id=enrolment.id,
                similarity=similarity,
            )
            done = tx.rights.contest(contest_id)
        self.ledger.sequence()
        return done

    def of(self, person: PersonRecord) -> tuple[ContestRecord, ...]:
        """Contests that a person began or that are about their cameo; newest first."""
        with self.db.reading() as tx:
            found = (
                *tx.rights.contests(contestant_id=person.id),
                *tx.rights.contests(person_id=person.id),
            )
        return tuple(sorted(found, key=lambda each: (each.created_at, each.id), reverse=True))

    def get(self, person: PersonRecord, contest_id: str) -> ContestRecord:
        """One contest that a person began or that is about their cameo.

        Raises:
            NotFoundError: there is none.
        """
        with self.db.reading() as tx:
            contest = tx.rights.contest(contest_id)
        if person.id not in {contest.contestant_id, contest.person_id}:
            raise NotFoundError(f"no contest {contest_id}")
        return contest

    def waiting(self) -> tuple[tuple[ContestRecord, str, str], ...]:
        """Contests that are open or wait for the operator, with both handles."""
        with self.db.reading() as tx:
            return tuple(
                (
                    each,
                    tx.people.get(each.contestant_id).handle,
                    tx.people.get(each.person_id).handle,
                )
                for each in tx.rights.contests(states=("open", *FOR_THE_OPERATOR))
            )

    def uphold(self, contest_id: str) -> ContestRecord:
        """Decide for the contestant: the contested cameo is erased, and stays frozen for good.

        Raises:
            NotFoundError: there is no such contest.
            ContestOverError: it does not wait for the operator.
            KeysError, StoreError: something could not be destroyed now; the sweep tries again.
        """
        contest = self._for_the_operator(contest_id, FOR_THE_OPERATOR)
        erasure = None
        with self.db.transaction(exclusive=[contest.person_id]) as tx:
            if not settle(tx, self.ledger, contest, "upheld", tx.now()):
                raise ContestOverError
            person = tx.people.get(contest.person_id)
            if tx.enrolments.accepted(person.id) or tx.rights.erasures(person.id, waiting=True):
                erasure, _ = self.erasures.request(tx, person, "contest")
            done = tx.rights.contest(contest_id)
        if erasure is not None:
            self.erasures.finish(erasure.id)
        return done

    def dismiss(self, contest_id: str) -> ContestRecord:
        """Decide against the contestant, or take back that a contest was upheld.

        One that is still open, for which no capture came yet, may be dismissed as well: whoever
        misuses contests freezes others with it.

        The cameo is thawed where nothing else keeps it frozen; what was erased stays erased.

        Raises:
            NotFoundError: there is no such contest.
            ContestOverError: it was decided before, or lapsed.
        """
        contest = self._for_the_operator(contest_id, ("open", *FOR_THE_OPERATOR, "upheld"))
        with self.db.transaction(exclusive=[contest.person_id]) as tx:
            if not settle(tx, self.ledger, contest, "dismissed", tx.now()):
                raise ContestOverError
            done = tx.rights.contest(contest_id)
        self.ledger.sequence()
        return done

    def sweep(self) -> int:
        """Let contests lapse to which no capture came in time; returns how many."""
        with self.db.reading() as tx:
            late = tx.rights.lapsed_contests(tx.now())
        lapsed = 0
        for contest in late:
            with self.db.transaction(exclusive=[contest.person_id]) as tx:
                lapsed += settle(tx, self.ledger, contest, "lapsed", tx.now())
        return lapsed

    def _require_may_open(self, tx: Transaction, contestant: PersonRecord, now: datetime) -> None:
        if not signing_keys(tx, contestant, granting=False):
            raise ContestKeyError
        mine = tx.rights.contests(contestant_id=contestant.id)
        if any(each.status == "open" for each in mine):
            raise ContestOpenError
        failed = [
            each
            for each in mine
            if each.status in FAILED and (each.decided_at or now) > now - _WINDOW
        ]
        if len(failed) >= _MOST_FAILED:
            raise TooManyContestsError

    def _for_the_operator(self, contest_id: str, states: Sequence[ContestState]) -> ContestRecord:
        with self.db.reading() as tx:
            contest = tx.rights.contest(contest_id)
        if contest.status not in states:
            raise ContestOverError(f"{contest_id} is {contest.status}")
        return contest


def _own(tx: Transaction, contestant: PersonRecord, contest_id: str) -> ContestRecord:
    contest = tx.rights.contest(contest_id)
    if contest.contestant_id != contestant.id:
        raise NotFoundError(f"no contest {contest_id}")
    return contest


def _require_open(contest: ContestRecord, now: datetime) -> None:
    if contest.status != "open" or now >= contest.expires_at:
        raise ContestOverError
