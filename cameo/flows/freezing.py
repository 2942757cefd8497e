"""Freezing a contested cameo, and thawing it when no contest keeps it frozen any more.

Whoever calls these holds the exclusive lock of the person whose cameo it is.
"""

from __future__ import annotations

from datetime import datetime

from cameo.flows.ledger import Ledger
from cameo.store.database import Transaction
from cameo.store.rights import FREEZING, ContestRecord, ContestState


def freeze(tx: Transaction, ledger: Ledger, contest: ContestRecord, now: datetime) -> None:
    """Allow nothing new with a cameo and show nothing with it; jobs that run fail at release."""
    if not tx.ties.freeze(contest.person_id, frozen=True):
        return  # another contest froze it already
    tx.people.raise_epoch(contest.person_id)
    ledger.record(
        tx,
        kind="restrict",
        ref=contest.id,
        # Not who contests it: the person concerned can open this.
        private={"act": "freeze", "contest": contest.id, "person": contest.person_id},
        at=now,
        people=[tx.people.get(contest.person_id)],
    )


def settle(
    tx: Transaction,
    ledger: Ledger,
    contest: ContestRecord,
    status: ContestState,
    now: datetime,
    *,
    enrolment_id: str | None = None,
    similarity: float | None = None,
) -> bool:
    """Move a contest on, tell both sides, and thaw the cameo where nothing keeps it frozen.

    Returns:
        False, and nothing was done, where the contest does not stand any more as in `contest`.
    """
    moved = tx.rights.decide_contest(
        contest.id,
        status,
        only=contest.status,
        decided_at=now,
        enrolment_id=enrolment_id or contest.enrolment_id,
        similarity=contest.similarity if similarity is None else similarity,
    )
    if not moved:
        return False
    told = (contest.contestant_id, contest.person_id)
    tx.clips.notify(told, f"contest.{status}", None, now, contest.id)
    if not tx.rights.contests(person_id=contest.person_id, states=FREEZING):
        _thaw(tx, ledger, contest, now)
    return True


def _thaw(tx: Transaction, ledger: Ledger, contest: ContestRecord, now: datetime) -> None:
    if not tx.ties.freeze(contest.person_id, frozen=False):
        return
    ledger.record(
        tx,
        kind="restore",
        ref=contest.id,
        private={"act": "unfreeze", "contest": contest.id, "person": contest.person_id},
        at=now,
        people=[tx.people.get(contest.person_id)],
    )
