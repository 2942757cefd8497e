"""Clips, the people in them, charges, notifications, and the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from cameo.store.errors import NotFoundError
from cameo.store.records import (
    OVER,
    UNFINISHED,
    ClipPersonRecord,
    ClipRecord,
    UseState,
    record_of,
)
from cameo.store.tables import Charge, Clip, ClipPerson, Notification, Outbox


class Clips:
    """Clips; a video's id is its clip id."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, record: ClipRecord, people: Iterable[ClipPersonRecord] = ()) -> None:
        """A new clip and the people in it."""
        self._session.add(
            Clip(
                short_payload=record.payload[:8],
                **{name: getattr(record, name) for name in record.__slots__},
            )
        )
        self._session.flush()
        for person in people:
            self._session.add(
                ClipPerson(**{name: getattr(person, name) for name in person.__slots__})
            )
        self._session.flush()

    def get(self, clip_id: str) -> ClipRecord:
        """One clip.

        Raises:
            NotFoundError: there is none.
        """
        row = self._session.get(Clip, clip_id)
        if row is None:
            raise NotFoundError(f"no video {clip_id}")
        return record_of(ClipRecord, row)

    def payload_taken(self, payload: str) -> bool:
        """Whether a payload, or its first half, is in use."""
        row = self._session.exec(
            select(Clip.id).where(
                (col(Clip.payload) == payload) | (col(Clip.short_payload) == payload[:8])
            )
        ).first()
        return row is not None

    def people(self, clip_id: str) -> tuple[ClipPersonRecord, ...]:
        """Who is in a clip."""
        rows = self._session.exec(
            select(ClipPerson)
            .where(ClipPerson.clip_id == clip_id)
            .order_by(col(ClipPerson.person_id))
        )
        return tuple(record_of(ClipPersonRecord, row) for row in rows)

    def visible_to(
        self, person_id: str, *, limit: int, after: str | None = None
    ) -> tuple[ClipRecord, ...]:
        """Clips a person made or is in, newest first: also other people's drafts."""
        mine = select(ClipPerson.clip_id).where(ClipPerson.person_id == person_id)
        query = select(Clip).where(
            (col(Clip.maker_id) == person_id) | col(Clip.id).in_(mine),
            Clip.kind == "generated",
        )
        if after is not None:
            query = query.where(col(Clip.id) < after)
        rows = self._session.exec(query.order_by(col(Clip.id).desc()).limit(limit))
        return tuple(record_of(ClipRecord, row) for row in rows)

    def with_person(self, person_id: str) -> tuple[ClipRecord, ...]:
        """Every clip with a person in it that is not over: what a revocation reaches."""
        rows = self._session.exec(
            select(Clip)
            .join(ClipPerson, col(ClipPerson.clip_id) == col(Clip.id))
            .where(
                ClipPerson.person_id == person_id,
                col(Clip.status).in_((*UNFINISHED, "completed")),
            )
            .order_by(col(Clip.id))
        )
        return tuple(record_of(ClipRecord, row) for row in rows)

    def unfinished(self, *, before: datetime) -> tuple[ClipRecord, ...]:
        """Clips ordered before then that are neither finished nor over."""
        rows = self._session.exec(
            select(Clip).where(col(Clip.status).in_(UNFINISHED), Clip.created_at < before)
        )
        return tuple(record_of(ClipRecord, row) for row in rows)

    def over_with_key(self) -> tuple[ClipRecord, ...]:
        """Clips that failed or were withdrawn and whose key may still exist."""
        rows = self._session.exec(
            select(Clip).where(col(Clip.status).in_(OVER), col(Clip.dek_id).is_not(None))
        )
        return tuple(record_of(ClipRecord, row) for row in rows)

    def change(self, clip_id: str, *, only: Iterable[str] = (), **values: Any) -> bool:
        """Set columns; with `only`, in these states and no other. False where nothing matched."""
        query = update(Clip).where(col(Clip.id) == clip_id)
        states = tuple(only)
        if states:
            query = query.where(col(Clip.status).in_(states))
        done = self._session.execute(query.values(**values))
        self._session.expire_all()  # what is read after this must be what stands now
        return bool(done.rowcount)  # type: ignore[attr-defined]

    def use(self, clip_id: str, person_id: str, state: UseState, **values: Any) -> None:
        """Set what became of a person's permission for a clip."""
        self._session.execute(
            update(ClipPerson)
            .where(col(ClipPerson.clip_id) == clip_id, col(ClipPerson.person_id) == person_id)
            .values(use=state, **values)
        )

    def charge(self, clip_id: str, person_id: str, now: datetime) -> None:
        """Charge a generation; the clip's id is the key, so there is one charge at most."""
        self._session.add(Charge(clip_id=clip_id, person_id=person_id, created_at=now))
        self._session.flush()

    def return_charge(self, clip_id: str, now: datetime) -> None:
        """Give a charge back for a clip that was not delivered."""
        self._session.execute(
            update(Charge)
            .where(col(Charge.clip_id) == clip_id, col(Charge.returned_at).is_(None))
            .values(returned_at=now)
        )

    def charged_since(self, person_id: str, since: datetime) -> int:
        """Generations charged to a person since then and not given back."""
        return self._session.exec(
            select(func.count())
            .select_from(Charge)
            .where(
                Charge.person_id == person_id,
                Charge.created_at >= since,
                col(Charge.returned_at).is_(None),
            )
        ).one()

    def notify(self, person_id: str, kind: str, clip_id: str | None, now: datetime) -> None:
        """Tell a person something."""
        self._session.add(
            Notification(person_id=person_id, kind=kind, clip_id=clip_id, created_at=now)
        )

    def notifications(self, person_id: str, limit: int = 100) -> tuple[dict[str, Any], ...]:
        """What a person was told, newest first."""
        rows = self._session.exec(
            select(Notification)
            .where(Notification.person_id == person_id)
            .order_by(col(Notification.id).desc())
            .limit(limit)
        )
        return tuple(
            {"kind": row.kind, "clip_id": row.clip_id, "at": row.created_at} for row in rows
        )

    def promise(self, kind: str, ref: str, now: datetime) -> None:
        """Write work into the outbox."""
        self._session.add(Outbox(kind=kind, ref=ref, created_at=now))
        self._session.flush()

    def promised(self, limit: int = 50) -> tuple[tuple[str, str], ...]:
        """Work that was not handed over yet: (kind, ref), oldest first."""
        rows = self._session.exec(
            select(Outbox)
            .where(col(Outbox.done_at).is_(None))
            .order_by(col(Outbox.id))
            .limit(limit)
        )
        return tuple((row.kind, row.ref) for row in rows)

    def handed_over(self, ref: str, now: datetime) -> None:
        """Mark work as handed over."""
        self._session.execute(update(Outbox).where(col(Outbox.ref) == ref).values(done_at=now))
