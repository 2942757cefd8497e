"""What a decision reads, in as few statements as it takes: the gate stands on every release.

Everything here is read after the locks of the people concerned, in statements of its own: under
READ COMMITTED each of them sees what the locks' last holders committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

from sqlalchemy import BindParameter, Connection, bindparam, exists, false, or_, select

from cameo.store.columns import database_clock
from cameo.store.direct import Fixed
from cameo.store.tables import Block, Consent, Follow, Grant, Person, table_of

R = TypeVar("R", "ConsentRow", "GrantRow")


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentRow:
    """A person's newest consent, as far as decisions look at it."""

    id: str
    person_id: str
    status: str
    document: bytes
    uses_reserved: int
    uses_consumed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRow:
    """The newest grant from a person to the requester; a newer one always ended the older."""

    id: str
    person_id: str
    grantee_id: str
    status: str
    document: bytes
    uses_reserved: int
    uses_consumed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One person as they stand, towards one requester and the others in a clip."""

    id: str
    handle: str
    frozen: bool
    paused: bool
    epoch: int
    log_salt: bytes
    consent: ConsentRow | None
    """The newest consent, whatever its status."""
    grant: GrantRow | None
    """The newest grant to the requester, whatever its status."""
    blocks: bool
    """Whether the person blocks the requester or anybody else in the clip."""
    mutual: bool
    """Whether the person and the requester follow each other."""


class Gate:
    """Reads for decisions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standings(
        self, people: Sequence[str], requester: str
    ) -> tuple[datetime, dict[str, Standing]]:
        """The database's clock, and everybody who is known, by id."""
        values = {f"person_{number}": person for number, person in enumerate(people)}
        rows = _standings(len(people)).all(self._connection, {**values, "requester": requester})
        now = rows[0].now if rows else self.now()
        return now, {row.person_id: _standing(row) for row in rows}

    def now(self) -> datetime:
        """The database's clock, read now."""
        (row,) = _NOW.all(self._connection, {})
        moment: datetime = row.now
        return moment


@lru_cache(maxsize=32)
def _standings(count: int) -> Fixed:
    """The statement for so many people; one of a fixed form is compiled once, by us and by it."""
    person, consent, grant = table_of(Person), table_of(Consent), table_of(Grant)
    block, any_grant = table_of(Block), table_of(Grant).alias("any_grant")
    there, back = table_of(Follow).alias("there"), table_of(Follow).alias("back")
    requester: BindParameter[str] = bindparam("requester")
    people: list[BindParameter[str]] = [bindparam(f"person_{n}") for n in range(count)]
    newest_grant = (
        select(any_grant.c.id)
        .where(any_grant.c.person_id == person.c.id, any_grant.c.grantee_id == requester)
        .order_by(any_grant.c.created_at.desc(), any_grant.c.id.desc())
        .limit(1)
        .correlate(person)
        .scalar_subquery()
    )
    blocks = exists().where(
        block.c.person_id == person.c.id,
        or_(*(block.c.blocked_id == other for other in (*people, requester))),
    )
    mutual = exists().where(
        there.c.person_id == person.c.id,
        there.c.followed_id == requester,
        back.c.person_id == there.c.followed_id,
        back.c.followed_id == there.c.person_id,
    )
    statement = (
        select(
            person.c.id.label("person_id"),
            *(person.c[name] for name in ("handle", "frozen", "paused_at", "epoch", "log_salt")),
            *(consent.c[name].label(f"consent_{name}") for name in ConsentRow.__slots__),
            *(grant.c[name].label(f"grant_{name}") for name in GrantRow.__slots__),
            blocks.label("blocks"),
            mutual.label("mutual"),
            database_clock().label("now"),
        )
        .select_from(
            person.outerjoin(consent, consent.c.id == person.c.consent_id).outerjoin(
                grant, grant.c.id == newest_grant
            )
        )
        .where(or_(false(), *(person.c.id == each for each in people)))
    )
    return Fixed(statement, statement.selected_columns.keys())


_NOW: Final = Fixed(select(database_clock().label("now")), ["now"])


def _standing(row: Any) -> Standing:
    return Standing(
        id=row.person_id,
        handle=row.handle,
        frozen=bool(row.frozen),
        paused=row.paused_at is not None,
        epoch=row.epoch,
        log_salt=row.log_salt,
        consent=_part(ConsentRow, row, "consent_"),
        grant=_part(GrantRow, row, "grant_"),
        blocks=bool(row.blocks),
        mutual=bool(row.mutual),
    )


def _part(kind: type[R], row: Any, prefix: str) -> R | None:
    """The columns of an outer join that found a row; None where it found none."""
    if getattr(row, f"{prefix}id") is None:
        return None
    names: Iterable[str] = kind.__slots__
    return kind(**{name: getattr(row, prefix + name) for name in names})
