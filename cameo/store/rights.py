"""What people are owed: promises of withdrawal, contests, erasures, and holds that delay them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, bindparam, insert, literal, select, text, update

from cameo.store.direct import Fixed
from cameo.store.erasing import is_held
from cameo.store.errors import NotFoundError
from cameo.store.records import record_of
from cameo.store.tables import Contest, Erasure, Person, Promise, table_of

ContestState = Literal[
    "open", "matched", "doubtful", "not_matched", "lapsed", "upheld", "dismissed"
]
FREEZING: Final[tuple[ContestState, ...]] = ("open", "matched", "doubtful", "upheld")
"""While a contest stands so, the contested cameo is frozen."""
FOR_THE_OPERATOR: Final[tuple[ContestState, ...]] = ("matched", "doubtful")
"""A contest that stands so waits for the operator."""
FAILED: Final[tuple[ContestState, ...]] = ("not_matched", "lapsed", "dismissed")
"""A contest that ended so counts against who began it."""

ErasureReason = Literal["asked", "contest", "restored"]

_CONTEST: Final = table_of(Contest)
_ERASURE: Final = table_of(Erasure)
_PERSON: Final = table_of(Person)
_PROMISE: Final = table_of(Promise)
_KEEP_PROMISE: Final = Fixed(
    text("""
    insert into promise (ref, person_id, note, created_at) values (:ref, :person, :note, :now)
    on conflict (ref) do update set person_id = excluded.person_id, note = excluded.note,
        created_at = excluded.created_at""").bindparams(
        bindparam("now", type_=_PROMISE.c.created_at.type)
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContestRecord:
    """Somebody says: this is my face, and I did not enrol it."""

    id: str
    contestant_id: str
    person_id: str
    status: ContestState
    enrolment_id: str | None
    similarity: float | None
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureRecord:
    """A cameo that is to be erased, or was."""

    id: str
    person_id: str
    reason: ErasureReason
    requested_at: datetime
    done_at: datetime | None
    receipt: str | None


class Rights:
    """Promises, contests, erasures and legal holds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep_promise(self, person_id: str, ref: str, note: str, now: datetime) -> None:
        """Keep what a withdrawal was promised; the newest for each thing."""
        values = {"ref": ref, "person": person_id, "note": note, "now": now}
        _KEEP_PROMISE.run(self._connection, values)

    def promise(self, person_id: str, ref: str) -> str | None:
        """What a withdrawal was promised."""
        found = self._connection.execute(
            select(_PROMISE.c.note).where(_PROMISE.c.ref == ref, _PROMISE.c.person_id == person_id)
        )
        note: str | None = found.scalar_one_or_none()
        return note

    def open_contest(self, record: ContestRecord) -> None:
        """A new contest."""
        self._connection.execute(
            insert(_CONTEST).values({n: getattr(record, n) for n in ContestRecord.__slots__})
        )

    def contest(self, contest_id: str) -> ContestRecord:
        """One contest.

        Raises:
            NotFoundError: there is none.
        """
        row = self._connection.execute(select(_CONTEST).where(_CONTEST.c.id == contest_id)).first()
        if row is None:
            raise NotFoundError(f"no contest {contest_id}")
        return record_of(ContestRecord, row)

    def contests(
        self,
        *,
        person_id: str | None = None,
        contestant_id: str | None = None,
        states: tuple[ContestState, ...] = (),
    ) -> tuple[ContestRecord, ...]:
        """Contests of these kinds, newest first."""
        query = select(_CONTEST).order_by(_CONTEST.c.created_at.desc(), _CONTEST.c.id.desc())
        if person_id is not None:
            query = query.where(_CONTEST.c.person_id == person_id)
        if contestant_id is not None:
            query = query.where(_CONTEST.c.contestant_id == contestant_id)
        if states:
            query = query.where(_CONTEST.c.status.in_(states))
        return tuple(record_of(ContestRecord, row) for row in self._connection.execute(query))

    def decide_contest(
        self, contest_id: str, status: ContestState, *, only: ContestState, **values: Any
    ) -> bool:
        """Move a contest on from one state; False where it stood in another."""
        done = self._connection.execute(
            update(_CONTEST)
            .where(_CONTEST.c.id == contest_id, _CONTEST.c.status == only)
            .values(status=status, **values)
        )
        return done.rowcount == 1

    def lapsed_contests(self, now: datetime) -> tuple[ContestRecord, ...]:
        """Open contests whose time is over."""
        rows = self._connection.execute(
            select(_CONTEST).where(_CONTEST.c.status == "open", _CONTEST.c.expires_at <= now)
        )
        return tuple(record_of(ContestRecord, row) for row in rows)

    def request_erasure(self, record: ErasureRecord) -> None:
        """An erasure that is to be done."""
        self._connection.execute(
            insert(_ERASURE).values({n: getattr(record, n) for n in ErasureRecord.__slots__})
        )

    def erasures(
        self, person_id: str | None = None, *, waiting: bool = False
    ) -> tuple[ErasureRecord, ...]:
        """Erasures, oldest first; only those that are not done yet where `waiting`."""
        query = select(_ERASURE).order_by(_ERASURE.c.requested_at, _ERASURE.c.id)
        if person_id is not None:
            query = query.where(_ERASURE.c.person_id == person_id)
        if waiting:
            query = query.where(_ERASURE.c.done_at.is_(None))
        return tuple(record_of(ErasureRecord, row) for row in self._connection.execute(query))

    def erasure(self, erasure_id: str) -> ErasureRecord:
        """One erasure.

        Raises:
            NotFoundError: there is none.
        """
        row = self._connection.execute(select(_ERASURE).where(_ERASURE.c.id == erasure_id)).first()
        if row is None:
            raise NotFoundError(f"no erasure {erasure_id}")
        return record_of(ErasureRecord, row)

    def finish_erasure(self, erasure_id: str, receipt: str, now: datetime) -> None:
        """An erasure that is done, with its receipt."""
        self._connection.execute(
            update(_ERASURE).where(_ERASURE.c.id == erasure_id).values(done_at=now, receipt=receipt)
        )

    def hold(self, person_id: str, reason: str | None, now: datetime) -> bool:
        """Set a legal hold or, without a reason, lift it; False where nothing changed."""
        was = _PERSON.c.held_at.is_not(None) if reason is None else _PERSON.c.held_at.is_(None)
        done = self._connection.execute(
            update(_PERSON)
            .where(_PERSON.c.id == person_id, was)
            .values(held_at=None if reason is None else now, hold_reason=reason)
        )
        return done.rowcount == 1

    def holds_clip(self, clip_id: str) -> bool:
        """Whether somebody in a clip is under a legal hold."""
        found = self._connection.execute(select(literal(1)).where(is_held(literal(clip_id))))
        return found.first() is not None

    def held(self) -> tuple[tuple[str, str, datetime], ...]:
        """Handle, reason and begin of every legal hold."""
        rows = self._connection.execute(
            select(_PERSON.c.handle, _PERSON.c.hold_reason, _PERSON.c.held_at)
            .where(_PERSON.c.held_at.is_not(None))
            .order_by(_PERSON.c.held_at)
        )
        return tuple((row.handle, row.hold_reason or "", row.held_at) for row in rows)
