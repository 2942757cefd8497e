"""Consents, grants, and the count of their uses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from cameo.store.errors import NotFoundError
from cameo.store.records import ConsentRecord, GrantRecord, record_of
from cameo.store.tables import Consent, Grant


class Consents:
    """Signed documents; what a person signed is never changed, only its status is."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, record: ConsentRecord) -> bool:
        """A new consent; whether it replaced an active one of the person."""
        replaced = self._end(
            Consent, col(Consent.person_id) == record.person_id, "superseded", record.created_at
        )
        self._session.add(Consent(**_columns(record)))
        self._session.flush()
        return replaced

    def add_grant(self, record: GrantRecord) -> bool:
        """A new grant; whether it replaced an active one for the same grantee."""
        same = (col(Grant.person_id) == record.person_id) & (
            col(Grant.grantee_id) == record.grantee_id
        )
        replaced = self._end(Grant, same, "superseded", record.created_at)
        self._session.add(Grant(**_columns(record)))
        self._session.flush()
        return replaced

    def get(self, consent_id: str) -> ConsentRecord:
        """One consent.

        Raises:
            NotFoundError: there is none.
        """
        row = self._session.get(Consent, consent_id)
        if row is None:
            raise NotFoundError(f"no consent {consent_id}")
        return record_of(ConsentRecord, row)

    def get_grant(self, grant_id: str) -> GrantRecord:
        """One grant.

        Raises:
            NotFoundError: there is none.
        """
        row = self._session.get(Grant, grant_id)
        if row is None:
            raise NotFoundError(f"no grant {grant_id}")
        return record_of(GrantRecord, row)

    def latest(self, person_id: str) -> ConsentRecord | None:
        """The newest consent of a person, whatever its status."""
        row = self._session.exec(
            select(Consent)
            .where(Consent.person_id == person_id)
            .order_by(col(Consent.created_at).desc(), col(Consent.id).desc())
        ).first()
        return None if row is None else record_of(ConsentRecord, row)

    def grants_for(self, person_id: str, grantee_id: str) -> tuple[GrantRecord, ...]:
        """All grants from one person to another, newest first; the gate reads no more."""
        rows = self._session.exec(
            select(Grant)
            .where(Grant.person_id == person_id, Grant.grantee_id == grantee_id)
            .order_by(col(Grant.created_at).desc(), col(Grant.id).desc())
        )
        return tuple(record_of(GrantRecord, row) for row in rows)

    def history(self, person_id: str) -> tuple[ConsentRecord, ...]:
        """All consents of a person, newest first."""
        rows = self._session.exec(
            select(Consent)
            .where(Consent.person_id == person_id)
            .order_by(col(Consent.created_at).desc(), col(Consent.id).desc())
        )
        return tuple(record_of(ConsentRecord, row) for row in rows)

    def given(self, person_id: str) -> tuple[GrantRecord, ...]:
        """All grants a person gave, newest first."""
        rows = self._session.exec(
            select(Grant).where(Grant.person_id == person_id).order_by(col(Grant.id).desc())
        )
        return tuple(record_of(GrantRecord, row) for row in rows)

    def revoke(self, ids: Iterable[str], now: datetime) -> bool:
        """End consents and grants, replaced ones too; False where all had been revoked before.

        The caller holds the person's exclusive lock.
        """
        wanted = tuple(ids)
        open_states = ("active", "superseded")
        ended = [
            self._end(table, col(table.id).in_(wanted), "revoked", now, states=open_states)
            for table in (Consent, Grant)
        ]
        return any(ended)

    def supersede(self, person_id: str, now: datetime) -> None:
        """End all active consents and grants of a person; clips made under them stay."""
        self._end(Consent, col(Consent.person_id) == person_id, "superseded", now)
        self._end(Grant, col(Grant.person_id) == person_id, "superseded", now)

    def reserve(self, grant_ids: Iterable[str]) -> None:
        """Count a use that has begun."""
        self._count(grant_ids, reserved=1, consumed=0)

    def consume(self, grant_ids: Iterable[str]) -> None:
        """Turn a reserved use into a consumed one."""
        self._count(grant_ids, reserved=-1, consumed=1)

    def give_back(self, grant_ids: Iterable[str]) -> None:
        """Undo a reservation."""
        self._count(grant_ids, reserved=-1, consumed=0)

    def _count(self, grant_ids: Iterable[str], *, reserved: int, consumed: int) -> None:
        for grant_id in sorted(set(grant_ids)):
            self._session.execute(
                update(Grant)
                .where(col(Grant.id) == grant_id)
                .values(
                    uses_reserved=col(Grant.uses_reserved) + reserved,
                    uses_consumed=col(Grant.uses_consumed) + consumed,
                )
            )

    def _end(
        self,
        table: type[Consent | Grant],
        which: Any,
        status: str,
        now: datetime,
        *,
        states: tuple[str, ...] = ("active",),
    ) -> bool:
        done = self._session.execute(
            update(table)
            .where(which, col(table.status).in_(states))
            .values(status=status, ended_at=now)
        )
        self._session.expire_all()
        return bool(done.rowcount)  # type: ignore[attr-defined]


def _columns(record: ConsentRecord | GrantRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}
