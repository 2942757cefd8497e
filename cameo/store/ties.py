"""Who follows whom, who blocks whom, and who is paused or frozen."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from cameo.store.tables import Block, Follow, Person, table_of

_BLOCK: Final = table_of(Block)
_FOLLOW: Final = table_of(Follow)
_PERSON: Final = table_of(Person)


class Ties:
    """Ties between people. Whoever cuts or tightens one holds the exclusive locks of both."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def follow(self, person_id: str, followed_id: str, now: datetime) -> bool:
        """One follows another; False where they did before."""
        return self._add(_FOLLOW, person_id, now, followed_id=followed_id)

    def unfollow(self, person_id: str, followed_id: str) -> bool:
        """One does not follow another any more; False where they did not."""
        return self._cut(_FOLLOW, person_id, followed_id=followed_id)

    def are_mutual(self, one: str, other: str) -> bool:
        """Whether two people follow each other."""
        there, back = _FOLLOW.alias("there"), _FOLLOW.alias("back")
        found = self._connection.execute(
            select(there.c.person_id).where(
                there.c.person_id == one,
                there.c.followed_id == other,
                back.c.person_id == there.c.followed_id,
                back.c.followed_id == there.c.person_id,
            )
        )
        return found.first() is not None

    def followed(self, person_id: str) -> tuple[tuple[str, datetime], ...]:
        """Handles of whom a person follows, with since when; by handle."""
        return self._listed(_FOLLOW, _FOLLOW.c.followed_id, _FOLLOW.c.person_id == person_id)

    def followers(self, person_id: str) -> tuple[tuple[str, datetime], ...]:
        """Handles of who follows a person, with since when; by handle."""
        return self._listed(_FOLLOW, _FOLLOW.c.person_id, _FOLLOW.c.followed_id == person_id)

    def block(self, person_id: str, blocked_id: str, now: datetime) -> bool:
        """One blocks another; False where they did before."""
        return self._add(_BLOCK, person_id, now, blocked_id=blocked_id)

    def unblock(self, person_id: str, blocked_id: str) -> bool:
        """One does not block another any more; False where they did not."""
        return self._cut(_BLOCK, person_id, blocked_id=blocked_id)

    def blocked(self, person_id: str) -> tuple[tuple[str, datetime], ...]:
        """Handles of whom a person blocks, with since when; for that person's eyes only."""
        return self._listed(_BLOCK, _BLOCK.c.blocked_id, _BLOCK.c.person_id == person_id)

    def pause(self, person_id: str, now: datetime | None) -> bool:
        """Set or, with None, lift a person's pause; False where nothing changed."""
        was = _PERSON.c.paused_at.is_not(None) if now is None else _PERSON.c.paused_at.is_(None)
        return self._change(person_id, was, paused_at=now)

    def freeze(self, person_id: str, *, frozen: bool) -> bool:
        """Freeze or thaw a cameo; False where nothing changed."""
        return self._change(person_id, _PERSON.c.frozen.is_not(frozen), frozen=frozen)

    def _change(self, person_id: str, which: Any, **values: Any) -> bool:
        done = self._connection.execute(
            update(_PERSON).where(_PERSON.c.id == person_id, which).values(**values)
        )
        return done.rowcount == 1

    def _add(self, table: Any, person_id: str, now: datetime, **other: str) -> bool:
        if self._connection.execute(_one(table, person_id, other)).first() is not None:
            return False
        self._connection.execute(insert(table).values(person_id=person_id, created_at=now, **other))
        return True

    def _cut(self, table: Any, person_id: str, **other: str) -> bool:
        ((name, value),) = other.items()
        done = self._connection.execute(
            delete(table).where(table.c.person_id == person_id, table.c[name] == value)
        )
        return done.rowcount == 1

    def _listed(self, table: Any, whom: Any, which: Any) -> tuple[tuple[str, datetime], ...]:
        rows = self._connection.execute(
            select(_PERSON.c.handle, table.c.created_at)
            .select_from(table.join(_PERSON, _PERSON.c.id == whom))
            .where(which)
            .order_by(_PERSON.c.handle)
        )
        return tuple((row.handle, row.created_at) for row in rows)


def _one(table: Any, person_id: str, other: dict[str, str]) -> Any:
    ((name, value),) = other.items()
    return select(table.c.person_id).where(table.c.person_id == person_id, table.c[name] == value)
