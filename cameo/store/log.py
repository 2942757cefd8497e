"""The transparency log's rows. Order and hashing are `provenance.log`'s matter."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import Session, col, select

from cameo.store.records import CheckpointRecord, LogEntryRecord, record_of
from cameo.store.tables import LogCheckpoint, LogEntry, LogNode, LogPending


class Log:
    """Pending leaves are written with business; one sequencer gives them their index."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, *, body: bytes, kind: str, ref: str, opening: bytes) -> None:
        """Promise a leaf in this transaction."""
        self._session.add(LogPending(body=body, kind=kind, ref=ref, opening=opening))
        self._session.flush()

    def claim(self, limit: int) -> list[tuple[int, LogEntryRecord]]:
        """Take pending leaves away, oldest first; whoever claims holds the sequencer's lock.

        Rows are deleted by id and never skipped by "id greater than the last seen": sequences gap
        and commit out of order, so a late row with a small id must still be found.
        """
        rows = self._session.exec(
            select(LogPending).order_by(col(LogPending.id)).limit(limit)
        ).all()
        taken = [(row.id or 0, _waiting(row)) for row in rows]
        self._session.execute(
            delete(LogPending).where(col(LogPending.id).in_([number for number, _ in taken]))
        )
        return taken

    def write(
        self,
        entries: Sequence[tuple[int, LogEntryRecord]],
        nodes: Sequence[tuple[int, int, bytes]],
        checkpoint: CheckpointRecord,
    ) -> None:
        """Add leaves with their index, the tree's new nodes, and the head that covers them."""
        for index, entry in entries:
            self._session.add(
                LogEntry(
                    idx=index,
                    body=entry.body,
                    kind=entry.kind,
                    ref=entry.ref,
                    opening=entry.opening,
                )
            )
        self._session.add_all(LogNode(level=lv, idx=i, hash=h) for lv, i, h in nodes)
        self._session.add(
            LogCheckpoint(
                size=checkpoint.size,
                root=checkpoint.root,
                note=checkpoint.note,
                created_at=checkpoint.created_at,
            )
        )
        self._session.flush()

    def checkpoint(self) -> CheckpointRecord | None:
        """The newest signed tree head."""
        row = self._session.exec(
            select(LogCheckpoint).order_by(col(LogCheckpoint.size).desc())
        ).first()
        return None if row is None else record_of(CheckpointRecord, row)

    def node(self, level: int, idx: int) -> bytes | None:
        """A perfect subtree's hash."""
        row = self._session.get(LogNode, (level, idx))
        return None if row is None else row.hash

    def entries(self, start: int = 0, limit: int = 1000) -> list[LogEntryRecord]:
        """Leaves in order of their index."""
        rows = self._session.exec(
            select(LogEntry).where(LogEntry.idx >= start).order_by(col(LogEntry.idx)).limit(limit)
        )
        return [record_of(LogEntryRecord, row) for row in rows]

    def find(self, kind: str, ref: str) -> LogEntryRecord | None:
        """The first leaf of this kind about this thing; without an index while it is pending."""
        row = self._session.exec(
            select(LogEntry)
            .where(LogEntry.kind == kind, LogEntry.ref == ref)
            .order_by(col(LogEntry.idx))
        ).first()
        if row is not None:
            return record_of(LogEntryRecord, row)
        waiting = self._session.exec(
            select(LogPending).where(LogPending.kind == kind, LogPending.ref == ref)
        ).first()
        return None if waiting is None else _waiting(waiting)


def _waiting(row: LogPending) -> LogEntryRecord:
    return LogEntryRecord(idx=None, body=row.body, kind=row.kind, ref=row.ref, opening=row.opening)
