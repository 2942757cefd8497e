"""Consents, grants, and the count of their uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Table, Update, bindparam, insert, update
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from cameo.store.direct import Fixed, is_one_of
from cameo.store.errors import NotFoundError
from cameo.store.records import ConsentRecord, GrantRecord, record_of
from cameo.store.tables import Consent, Grant, Person, table_of


class Consents:
    """Signed documents; what a person signed is never changed, only its status is."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection()

    def add(self, record: ConsentRecord) -> bool:
        """A new consent; whether it replaced an active one of the person."""
        replaced = self._end(
            Consent, col(Consent.person_id) == record.person_id, "superseded", record.created_at
        )
        self._session.add(Consent(**_columns(record)))
        self._session.flush()
        self._session.execute(
            update(Person).where(col(Person.id) == record.person_id).values(consent_id=record.id)
        )
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

    def add_many(self, records: Iterable[GrantRecord]) -> None:
        """Grants as they are, without a look at others; for moving data in."""
        self._connection.execute(insert(_TABLES["gnt"]), [_columns(record) for record in records])

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

    def alike(self, person_id: str, grant_id: str) -> set[str]:
        """All grants of a person to whom this one of theirs is for; none where it is not theirs."""
        rows = _ALIKE.all(self._connection, {"person": person_id, "grant": grant_id})
        return {row.id for row in rows}

    def granted_under(self, consent_ids: Iterable[str]) -> set[str]:
        """The grants that were signed under these consents."""
        grant = _TABLES["gnt"]
        rows = self._connection.execute(
            core_select(grant.c.id).where(grant.c.consent_id.in_(tuple(consent_ids)))
        )
        return {row.id for row in rows}

    def revoke(self, ids: Iterable[str], now: datetime) -> bool:
        """End consents and grants, replaced ones too; False where all had been revoked before.

        The caller holds the person's exclusive lock.
        """
        ended = 0
        for kind, wanted in _by_kind(ids).items():
            ended += _REVOKE[kind].run(self._connection, {"ids": wanted, "now": now})
        self._session.expire_all()
        return ended > 0

    def claim(self, ids: Iterable[str]) -> None:
        """Lock these rows, consents before grants and each in order of their ids.

        Whoever changes several of them in another order claims all of them first, after the rows
        of clips: two that want the same ones never wait for each other.
        """
        for kind, wanted in _by_kind(ids).items():
            _CLAIM[kind].all(self._connection, {"ids": wanted})

    def supersede(self, person_id: str, now: datetime) -> None:
        """End all active consents and grants of a person; clips made under them stay."""
        for table in _TABLES.values():
            active = core_select(table.c.id).where(
                table.c.person_id == person_id, table.c.status == "active"
            )
            self._connection.execute(active.order_by(table.c.id).with_for_update())
        self._end(Consent, col(Consent.person_id) == person_id, "superseded", now)
        self._end(Grant, col(Grant.person_id) == person_id, "superseded", now)

    def reserve(self, ids: Iterable[str]) -> bool:
        """Count a use of each that has begun; False, and nothing may be kept, where one has none.

        Looked at again in the row itself: two that begin at once cannot share the last use.
        """
        done = [
            self._connection.execute(_RESERVE[kind_of(each)], {"id_": each, "times": 1})
            for each in sorted(set(ids))
        ]
        return all(each.rowcount == 1 for each in done)

    def give_back(self, ids: Iterable[str]) -> None:
        """Undo one reservation for each time that a document is named."""
        _count(self._connection, ids, _GIVE_BACK)
        self._session.expire_all()

    def _end(
        self,
        table: type[Consent | Grant],
        which: Any,
        status: str,
        now: datetime,
    ) -> bool:
        done = self._session.execute(
            update(table)
            .where(which, col(table.status) == "active")
            .values(status=status, ended_at=now)
        )
        self._session.expire_all()
        return bool(done.rowcount)  # type: ignore[attr-defined]


_TABLES: Final = {"cns": table_of(Consent), "gnt": table_of(Grant)}
_GRANT: Final = _TABLES["gnt"]
_THIS: Final = _GRANT.alias("this")
_ALIKE: Final = Fixed(
    core_select(_GRANT.c.id)
    .select_from(
        _THIS.join(
            _GRANT,
            (_GRANT.c.person_id == _THIS.c.person_id) & (_GRANT.c.grantee_id == _THIS.c.grantee_id),
        )
    )
    .where(_THIS.c.id == bindparam("grant"), _THIS.c.person_id == bindparam("person")),
    ["id"],
)


def _claiming(table: Table) -> Fixed:
    return Fixed(
        lambda among: (
            core_select(table.c.id)
            .where(among(table.c.id, "ids"))
            .order_by(table.c.id)
            .with_for_update()
        ),
        ["id"],
    )


def _revoking(table: Table) -> Fixed:
    ended_at: Any = bindparam("now", type_=table.c.ended_at.type)
    return Fixed(
        lambda among: (
            update(table)
            .where(among(table.c.id, "ids"), is_one_of(table.c.status, ("active", "superseded")))
            .values(status="revoked", ended_at=ended_at)
        )
    )


_CLAIM: Final = {kind: _claiming(table) for kind, table in _TABLES.items()}
_REVOKE: Final = {kind: _revoking(table) for kind, table in _TABLES.items()}


def _counting(reserved: int, consumed: int, *, bounded: bool = False) -> Mapping[str, Update]:
    """The statement that moves a use, for each kind of document."""
    made = {}
    times: BindParameter[int] = bindparam("times")
    for kind, table in _TABLES.items():
        taken = table.c.uses_reserved + table.c.uses_consumed
        left = table.c.max_uses.is_(None) | (taken < table.c.max_uses)
        made[kind] = (
            update(table)
            .where(table.c.id == bindparam("id_"), *([left] if bounded else []))
            .values(
                uses_reserved=table.c.uses_reserved + reserved * times,
                uses_consumed=table.c.uses_consumed + consumed * times,
            )
        )
    return made


_RESERVE: Final = _counting(1, 0, bounded=True)
_CONSUME: Final = _counting(-1, 1)
_GIVE_BACK: Final = _counting(-1, 0)


def consume(connection: Connection, ids: Iterable[str]) -> None:
    """Turn a reserved use of each grant or consent into a consumed one."""
    _count(connection, ids, _CONSUME)


def _count(connection: Connection, ids: Iterable[str], statements: Mapping[str, Update]) -> None:
    counted = Counter(ids)
    # Always in the same order: two that count the same rows never wait for each other.
    for kind, wanted in _by_kind(counted).items():
        rows = [{"id_": each, "times": counted[each]} for each in wanted]
        connection.execute(statements[kind], rows)


def _by_kind(ids: Iterable[str]) -> dict[str, list[str]]:
    """Consents before grants, each in order of their ids: so are their rows always locked."""
    wanted = sorted(set(ids))
    parts = {kind: [each for each in wanted if kind_of(each) == kind] for kind in _TABLES}
    return {kind: part for kind, part in parts.items() if part}


def kind_of(document_id: str) -> str:
    """What a document is, as its id says: ``cns`` for a consent, ``gnt`` for a grant."""
    return document_id.partition("_")[0]


def _columns(record: ConsentRecord | GrantRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}
