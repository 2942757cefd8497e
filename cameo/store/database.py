"""The unit of work: one transaction, its locks, and the database's clock.

A release takes *shared* locks on all people in it, whatever can turn allow into deny takes the
*exclusive* one, both in sorted order and before anything is read. On PostgreSQL these are advisory
transaction locks under READ COMMITTED, so the statement after the lock sees what the lock's last
holder committed. SQLite has one writer: BEGIN IMMEDIATE is every lock at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlmodel import Session, create_engine

from cameo.store.clips import Clips
from cameo.store.consents import Consents
from cameo.store.enrolments import Enrolments
from cameo.store.errors import NotFoundError, TakenError, UnavailableError
from cameo.store.log import Log
from cameo.store.people import People
from cameo.store.registry import Registry

_SEQUENCER_LOCK: Final = "log:sequencer"
_BUSY_TIMEOUT_MS: Final = 30_000


class Transaction:
    """What may be read and written between begin and commit."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def people(self) -> People:
        """Accounts and their public keys."""
        return People(self._session)

    @cached_property
    def enrolments(self) -> Enrolments:
        """Challenges and what became of them."""
        return Enrolments(self._session)

    @cached_property
    def consents(self) -> Consents:
        """Consents, grants and their uses."""
        return Consents(self._session)

    @cached_property
    def clips(self) -> Clips:
        """Clips, the people in them, charges and the outbox."""
        return Clips(self._session)

    @cached_property
    def registry(self) -> Registry:
        """Payload -> clip."""
        return Registry(self._session)

    @cached_property
    def log(self) -> Log:
        """The transparency log's rows."""
        return Log(self._session)

    def now(self) -> datetime:
        """The database's clock, read now: expiry is judged by it, after the locks are held."""
        if self._session.get_bind().dialect.name == "sqlite":
            stamp = self._session.execute(text("select strftime('%Y-%m-%dT%H:%M:%fZ','now')"))
            return datetime.fromisoformat(stamp.scalar_one().replace("Z", "+00:00"))
        instant: datetime = self._session.execute(text("select clock_timestamp()")).scalar_one()
        return instant.astimezone(UTC)


class Database:
    """An engine and its transactions; built once a process, after any fork."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    @property
    def engine(self) -> Engine:
        """For migrations."""
        return self._engine

    @contextmanager
    def transaction(
        self, *, exclusive: Iterable[str] = (), shared: Iterable[str] = ()
    ) -> Iterator[Transaction]:
        """Begin, take the locks, and commit unless the block raises.

        Args:
            exclusive: ids (of people) whose allow may turn into deny here.
            shared: ids that are relied upon to be allowed; one that is in both is exclusive.

        Raises:
            UnavailableError: the database does not answer; nothing was committed.
        """
        with self._wrapped(), Session(self._engine) as session, session.begin():
            _take_locks(session, set(exclusive), set(shared))
            yield Transaction(session)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that waits for no writer; it is rolled back at its end."""
        with self._wrapped(), Session(self._engine) as session:
            session.connection(execution_options={"cameo_begin": "BEGIN"})
            yield Transaction(session)
            session.rollback()

    @contextmanager
    def sequencing(self) -> Iterator[Transaction]:
        """A transaction of which there is one at a time: the log's sequencer."""
        with self.transaction(exclusive=[_SEQUENCER_LOCK]) as tx:
            yield tx

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            raise UnavailableError from error
        except IntegrityError as error:
            # Two at once wanted the same name; one had it first.
            raise TakenError from error
        except DataError as error:
            raise NotFoundError("no such thing") from error


def lock_number(name: str) -> int:
    """A name's advisory lock: 64 bits signed. A collision would only make two people wait."""
    digest = hashlib.sha256(b"cameo-lock/v1\n" + name.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _take_locks(session: Session, exclusive: set[str], shared: set[str]) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.connection()  # BEGIN IMMEDIATE
        return
    # Sorted by lock number over both kinds: two transactions can never wait for each other.
    wanted = {lock_number(name): "" for name in exclusive}
    for name in shared:
        wanted.setdefault(lock_number(name), "_shared")
    for number, suffix in sorted(wanted.items()):
        session.execute(
            text(f"select pg_advisory_xact_lock{suffix}(:number)"),
            {"number": number},
        )


def _engine(url: str) -> Engine:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("cameo_begin", "BEGIN IMMEDIATE"))
