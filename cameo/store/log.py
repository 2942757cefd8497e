"""The transparency log's rows. Order and hashing are `provenance.log`'s matter.

The sequencer writes thousands of rows a second, so everything here is plain statements: no row of
the log is ever an object of the session.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, and_, delete, insert, or_, select, update
from sqlmodel import Session

from cameo.store.columns import database_clock
from cameo.store.records import CheckpointRecord, LogEntryRecord
from cameo.store.tables import LogCheckpoint, LogCite, LogEntry, LogNode, LogPending, table_of

_PENDING: Final = table_of(LogPending)
_ENTRY: Final = table_of(LogEntry)
_CITE: Final = table_of(LogCite)
_NODE: Final = table_of(LogNode)
_HEAD: Final = table_of(LogCheckpoint)
_PENDING_COLUMNS: Final = (
    _PENDING.c.id,
    _PENDING.c.body,
    _PENDING.c.kind,
    _PENDING.c.ref,
    _PENDING.c.opening,
)

# PostgreSQL: a step of the sequencer is two statements. Rows go out as one array a column, in
# binary, which is several times less work for the client than rows, or arrays in text. The ids are
# gathered into an array first, so that no plan can be chosen that reads the whole table.
_TAKE: Final = """
delete from log_pending
where id = any(array(select id from log_pending order by id limit %(most)b))
returning id, body, kind, ref, opening
"""
_WRITE: Final = """
with entries as (
  insert into log_entry (idx, body, kind, ref, opening)
  select * from unnest(
    %(idx)b::bigint[], %(body)b::bytea[], %(kind)b::text[], %(ref)b::text[], %(opening)b::bytea[]
  )
), cites as (
  insert into log_cite (ref, idx)
  select * from unnest(%(cite_ref)b::text[], %(cite_idx)b::bigint[])
), nodes as (
  insert into log_node (level, idx, hash)
  select * from unnest(%(level)b::int[], %(node_idx)b::bigint[], %(hash)b::bytea[])
)
insert into log_checkpoint (size, root, note, created_at)
values (%(size)b, %(root)b, %(note)b, clock_timestamp())
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """A signed tree head that is to be kept."""

    size: int
    root: bytes
    note: str


class Log:
    """Pending leaves are written with business; one sequencer gives them their index."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, *, body: bytes, kind: str, ref: str, opening: bytes) -> None:
        """Promise a leaf in this transaction."""
        values = {"body": body, "kind": kind, "ref": ref, "opening": opening}
        self._connection.execute(insert(_PENDING).inline(), values)

    def claim(self, limit: int) -> list[tuple[int, LogEntryRecord]]:
        """Take pending leaves away, oldest first; whoever claims holds the sequencer's lock.

        Exactly the rows that were looked at are deleted, by their ids. Never "up to the last id
        seen": ids are drawn before they are committed, so a row with a smaller id may become
        visible between the look and the deletion, and would be lost. The rows' content is what the
        deletion returns, so an opening that was forgotten since the look stays forgotten.
        """
        if self._is_postgres:
            taken = self._connection.exec_driver_sql(_TAKE, {"most": limit})
        else:
            oldest = select(_PENDING.c.id).order_by(_PENDING.c.id).limit(limit)
            chosen = delete(_PENDING).where(_PENDING.c.id.in_(oldest))
            taken = self._connection.execute(chosen.returning(*_PENDING_COLUMNS))
        return sorted(
            (
                (number, LogEntryRecord(idx=None, body=body, kind=kind, ref=ref, opening=opening))
                for number, body, kind, ref, opening in taken
            ),
            key=lambda each: each[0],
        )

    def write(
        self,
        entries: Sequence[tuple[int, LogEntryRecord]],
        cites: Sequence[tuple[str, int]],
        nodes: Sequence[tuple[int, int, bytes]],
        head: Head,
    ) -> None:
        """Add a step of the sequencer.

        Args:
            entries: Leaves with their index, at least one.
            cites: Which reference is cited by the leaf of which index.
            nodes: New nodes of the tree: level, index, hash.
            head: What covers them.
        """
        if self._is_postgres:
            self._connection.exec_driver_sql(_WRITE, _arrays(entries, cites, nodes, head))
            return
        for table, rows in (
            (_ENTRY, [(idx, *_columns(entry)) for idx, entry in entries]),
            (_CITE, cites),
            (_NODE, nodes),
        ):
            names = table.columns.keys()
            if rows:
                values = [dict(zip(names, row, strict=True)) for row in rows]
                self._connection.execute(insert(table).inline(), values)
        signed = insert(_HEAD).inline().values(created_at=database_clock())
        row = {"size": head.size, "root": head.root, "note": head.note}
        self._connection.execute(signed, row)

    def checkpoint(self) -> CheckpointRecord | None:
        """The newest signed tree head."""
        return self._head(select(_HEAD).order_by(_HEAD.c.size.desc()).limit(1))

    def checkpoint_of(self, size: int) -> CheckpointRecord | None:
        """The signed tree head of this size."""
        return self._head(select(_HEAD).where(_HEAD.c.size == size))

    def cosigned(self) -> CheckpointRecord | None:
        """The newest signed tree head that a witness cosigned."""
        found = select(_HEAD).where(_HEAD.c.cosigned.is_not(None))
        return self._head(found.order_by(_HEAD.c.size.desc()).limit(1))

    def cosign(self, size: int, note: str) -> None:
        """Keep the head of this size with the signatures of witnesses."""
        self._connection.execute(update(_HEAD).where(_HEAD.c.size == size).values(cosigned=note))

    def nodes(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """The hashes of those ``(level, index)`` that are stored."""
        if not wanted:
            return {}
        columns = (_NODE.c.level, _NODE.c.idx, _NODE.c.hash)
        # Spelled out: SQLite reads the whole table for a list of pairs.
        each = (and_(_NODE.c.level == level, _NODE.c.idx == idx) for level, idx in wanted)
        rows = self._connection.execute(select(*columns).where(or_(*each)))
        return {(level, idx): value for level, idx, value in rows}

    def row(self, level: int, first: int, count: int) -> list[bytes]:
        """The hashes of consecutive nodes of one level, as many as there are up to `count`."""
        found = select(_NODE.c.hash).where(
            _NODE.c.level == level, _NODE.c.idx >= first, _NODE.c.idx < first + count
        )
        return list(self._connection.execute(found.order_by(_NODE.c.idx)).scalars())

    def entries(self, start: int = 0, limit: int = 1000) -> list[LogEntryRecord]:
        """Leaves in order of their index."""
        found = select(_ENTRY).where(_ENTRY.c.idx >= start).order_by(_ENTRY.c.idx).limit(limit)
        return [LogEntryRecord(**row) for row in self._connection.execute(found).mappings()]

    def citing(self, ref: str, start: int = 0, limit: int = 1000) -> list[LogEntryRecord]:
        """Leaves that cite this salted reference of a person, in order of their index."""
        joined = _ENTRY.join(_CITE, _CITE.c.idx == _ENTRY.c.idx)
        found = select(_ENTRY).select_from(joined).where(_CITE.c.ref == ref, _CITE.c.idx >= start)
        found = found.order_by(_CITE.c.idx).limit(limit)
        return [LogEntryRecord(**row) for row in self._connection.execute(found).mappings()]

    def find(self, kind: str, ref: str) -> LogEntryRecord | None:
        """The first leaf of this kind about this thing; without an index while it is pending."""
        for table, order in ((_ENTRY, _ENTRY.c.idx), (_PENDING, _PENDING.c.id)):
            chosen = (table.c.kind == kind, table.c.ref == ref)
            found = select(table).where(*chosen).order_by(order).limit(1)
            row = self._connection.execute(found).mappings().first()
            if row is not None:
                return _record(row)
        return None

    def newest(self, kind: str, ref: str) -> LogEntryRecord | None:
        """The last leaf of this kind about this thing; without an index while it is pending."""
        for table, order in ((_PENDING, _PENDING.c.id), (_ENTRY, _ENTRY.c.idx)):
            chosen = (table.c.kind == kind, table.c.ref == ref)
            found = select(table).where(*chosen).order_by(order.desc()).limit(1)
            row = self._connection.execute(found).mappings().first()
            if row is not None:
                return _record(row)
        return None

    def forget_openings(self, refs: Collection[str]) -> int:
        """Overwrite what opens the leaves about these things; the leaves themselves stay.

        Args:
            refs: What the leaves are about: ids of consents, grants, enrolments, keys, clips.

        Returns:
            How many leaves nothing opens any more because of it.
        """
        forgotten = 0
        # Pending ones first: a row that the sequencer takes away meanwhile is an entry when this
        # statement ends, and is met by the next one.
        for table in (_PENDING, _ENTRY):
            chosen = (table.c.ref.in_(sorted(refs)), table.c.opening != b"")
            done: Any = self._connection.execute(update(table).where(*chosen).values(opening=b""))
            forgotten += done.rowcount
        return forgotten

    def _head(self, found: Any) -> CheckpointRecord | None:
        row = self._connection.execute(found).mappings().first()
        return None if row is None else CheckpointRecord(**row)

    @property
    def _connection(self) -> Connection:
        return self._session.connection()

    @property
    def _is_postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"


def _arrays(
    entries: Sequence[tuple[int, LogEntryRecord]],
    cites: Sequence[tuple[str, int]],
    nodes: Sequence[tuple[int, int, bytes]],
    head: Head,
) -> dict[str, Any]:
    return {
        "idx": [idx for idx, _ in entries],
        "body": [entry.body for _, entry in entries],
        "kind": [entry.kind for _, entry in entries],
        "ref": [entry.ref for _, entry in entries],
        "opening": [entry.opening for _, entry in entries],
        "cite_ref": [ref for ref, _ in cites],
        "cite_idx": [idx for _, idx in cites],
        "level": [level for level, _, _ in nodes],
        "node_idx": [idx for _, idx, _ in nodes],
        "hash": [value for _, _, value in nodes],
        "size": head.size,
        "root": head.root,
        "note": head.note,
    }


def _columns(entry: LogEntryRecord) -> tuple[bytes, str, str, bytes]:
    return entry.body, entry.kind, entry.ref, entry.opening


def _record(row: RowMapping) -> LogEntryRecord:
    return LogEntryRecord(
        idx=row.get("idx"),
        body=row["body"],
        kind=row["kind"],
        ref=row["ref"],
        opening=row["opening"],
    )
