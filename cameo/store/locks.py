"""Locks on people: PostgreSQL's advisory transaction locks, always taken in one order.

Two transactions that take theirs sorted by number can never wait for each other. What is decided on
is read in a statement after the one that took the locks: under READ COMMITTED that one sees what
the locks' last holders committed.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from sqlalchemy import Connection

_PREFIX: Final = b"cameo-lock/v1\n"
_LOCKS_A_STATEMENT: Final = 100


def lock_number(name: str) -> int:
    """A name's advisory lock: 64 bits signed. A collision would only make two people wait."""
    digest = hashlib.sha256(_PREFIX + name.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def lock_number_sql(column: str) -> str:
    """`lock_number` as an expression of PostgreSQL over a column of texts."""
    digest = f"sha256('\\x{_PREFIX.hex()}'::bytea || convert_to({column}, 'UTF8'))"
    return f"('x' || left(encode({digest}, 'hex'), 16))::bit(64)::bigint"


def take_locks(connection: Connection, exclusive: set[str], shared: set[str]) -> None:
    """Take these locks until the transaction's end; a name that is in both is exclusive."""
    # On SQLite the transaction began with BEGIN IMMEDIATE, which is every lock at once.
    if connection.dialect.name == "sqlite":
        return
    # Sorted by lock number over both kinds.
    wanted = {lock_number(name): "" for name in exclusive}
    for name in shared:
        wanted.setdefault(lock_number(name), "_shared")
    ordered = sorted(wanted.items())
    for start in range(0, len(ordered), _LOCKS_A_STATEMENT):
        part = ordered[start : start + _LOCKS_A_STATEMENT]
        # One statement takes its locks from left to right.
        calls = ", ".join(f"pg_advisory_xact_lock{kind}({number})" for number, kind in part)
        driver: Any = connection.connection.driver_connection
        driver.execute(f"select {calls}")
