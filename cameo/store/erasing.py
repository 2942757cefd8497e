"""Overwriting what is known about a person whose cameo is erased.

Of what they signed the digests stay; what opens the log's entries about them does not.
Everything here wants the person's exclusive lock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, func, literal, select, update

from cameo.store.records import OVER, ClipRecord, record_of
from cameo.store.tables import (
    Clip,
    ClipPerson,
    Consent,
    Contest,
    Grant,
    LogCite,
    LogEntry,
    LogPending,
    Person,
    Promise,
    table_of,
)

_CITE: Final = table_of(LogCite)
_CLIP: Final = table_of(Clip)
_CONTEST: Final = table_of(Contest)
_ENTRY: Final = table_of(LogEntry)
_MEMBER: Final = table_of(ClipPerson)
_PENDING: Final = table_of(LogPending)
_PERSON: Final = table_of(Person)
_PROMISE: Final = table_of(Promise)


class Erasing:
    """Statements of an erasure."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def blank_documents(self, person_id: str, now: datetime) -> None:
        """Empty every document that a person signed; digest, evidence and times stay."""
        for table in (table_of(Consent), table_of(Grant)):
            self._connection.execute(
                update(table)
                .where(table.c.person_id == person_id, table.c.erased_at.is_(None))
                .values(document=b"", erased_at=now)
            )
        self._connection.execute(
            update(_MEMBER)
            .where(_MEMBER.c.person_id == person_id)
            .values(approval_document=None, approval_evidence=None)
        )

    def forget_traces(self, person_id: str) -> None:
        """Delete promises of withdrawal, which name entries, and how alike two faces were."""
        self._connection.execute(delete(_PROMISE).where(_PROMISE.c.person_id == person_id))
        for column in (_CONTEST.c.person_id, _CONTEST.c.contestant_id):
            self._connection.execute(
                update(_CONTEST).where(column == person_id).values(similarity=None)
            )

    def forget_openings(self, ref: str) -> int:
        """Overwrite what opens every entry that cites a reference; returns how many there were.

        Pending ones first: a row that the sequencer takes away meanwhile is an entry when that
        statement ends, and is met by the next one.
        """
        forgotten = 0
        for table, cites in ((_PENDING, self._waiting(ref)), (_ENTRY, _cited(ref))):
            done = self._connection.execute(
                update(table).where(cites, table.c.opening != b"").values(opening=b"")
            )
            forgotten += done.rowcount
        return forgotten

    def unname(self, ref: str, kinds: Collection[str]) -> None:
        """Forget what the entries of these kinds that cite a reference are about."""
        for table, cites in ((_PENDING, self._waiting(ref)), (_ENTRY, _cited(ref))):
            self._connection.execute(
                update(table).where(cites, table.c.kind.in_(tuple(kinds))).values(ref="")
            )

    def change_salt(self, person_id: str, salt: bytes) -> None:
        """Give a person another reference in the log; the old salt is overwritten."""
        self._connection.execute(
            update(_PERSON).where(_PERSON.c.id == person_id).values(log_salt=salt)
        )

    def clips_with_key(self, person_id: str) -> tuple[ClipRecord, ...]:
        """Clips with a person in them that are over and whose key is still there."""
        return self._clips(person_id, _CLIP.c.dek_id.is_not(None))

    def clips_without_key(self, person_id: str) -> tuple[ClipRecord, ...]:
        """Clips with a person in them that are over and whose key was destroyed."""
        return self._clips(person_id, _CLIP.c.dek_id.is_(None))

    def _clips(self, person_id: str, which: ColumnElement[bool]) -> tuple[ClipRecord, ...]:
        shown = select(_MEMBER.c.clip_id).where(_MEMBER.c.person_id == person_id)
        rows = self._connection.execute(
            select(_CLIP)
            .where(_CLIP.c.id.in_(shown), _CLIP.c.status.in_(OVER), which)
            .order_by(_CLIP.c.id)
        )
        return tuple(record_of(ClipRecord, row) for row in rows)

    def _waiting(self, ref: str) -> ColumnElement[bool]:
        """Pending leaves that cite a reference: they have no rows of citations yet."""
        sought = literal(ref.encode(), type_=_PENDING.c.body.type)
        if self._connection.dialect.name == "sqlite":
            return func.instr(_PENDING.c.body, sought) > 0
        return func.position(sought.op("in")(_PENDING.c.body)) > 0


def is_held(clip: Any) -> ColumnElement[bool]:
    """Whether somebody in a clip is under a legal hold: nothing of it may be destroyed then.

    Args:
        clip: the column with the clip's id.
    """
    held = (
        select(_MEMBER.c.clip_id)
        .select_from(_MEMBER.join(_PERSON, _PERSON.c.id == _MEMBER.c.person_id))
        .where(_MEMBER.c.clip_id == clip, _PERSON.c.held_at.is_not(None))
    )
    return held.exists()


def _cited(ref: str) -> ColumnElement[bool]:
    return _ENTRY.c.idx.in_(select(_CITE.c.idx).where(_CITE.c.ref == ref))
