"""The unit of work: one transaction, its locks, and the database's clock.

A release takes *shared* locks on all people in it, whatever can turn allow into deny takes the
*exclusive* one, both in sorted order and before anything is read that is decided on. On PostgreSQL
these are advisory transaction locks under READ COMMITTED, so the statement after the lock sees what
the lock's last holder committed. SQLite has one writer: BEGIN IMMEDIATE is every lock at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlmodel import Session, create_engine

from cameo.store.clips import Clips
from cameo.store.consents import Consents
from cameo.store.enrolments import Enrolments
from cameo.store.erasing import Erasing
from cameo.store.errors import NotFoundError, TakenError, UnavailableError
from cameo.store.gate import Gate
from cameo.store.locks import take_locks
from cameo.store.log import Log
from cameo.store.marks import Marks
from cameo.store.people import People
from cameo.store.registry import Registry
from cameo.store.releasing import Releasing
from cameo.store.rights import Rights
from cameo.store.sessions import Sessions
from cameo.store.ties import Ties
from cameo.store.withdrawing import Withdrawing

_SEQUENCER_LOCK: Final = "log:sequencer"
_BUSY_TIMEOUT_MS: Final = 30_000
# Statements on the hot path go to the driver, and fail as it says.
_DRIVER_DOWN: Final = (psycopg.OperationalError, psycopg.InterfaceError)
_PATIENCE_MS: Final = 500


class Transaction:
    """What may be read and written between begin and commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def _session(self) -> Session:
        # Made only where rows are handled as objects: the gate's own statements need none.
        return Session(bind=self._connection)

    def end(self) -> None:
        """Write what is left to write; the connection commits or rolls back."""
        if "_session" in self.__dict__:
            self._session.flush()
            self._session.close()

    @cached_property
    def people(self) -> People:
        """Accounts and their public keys."""
        return People(self._session)

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in, and challenges for passkeys."""
        return Sessions(self._session)

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
    def marks(self) -> Marks:
        """Epochs of the marks' keys."""
        return Marks(self._connection)

    @cached_property
    def log(self) -> Log:
        """The transparency log's rows."""
        return Log(self._session)

    @cached_property
    def gate(self) -> Gate:
        """What decisions read."""
        return Gate(self._connection)

    @cached_property
    def ties(self) -> Ties:
        """Who follows, blocks, pauses."""
        return Ties(self._connection)

    @cached_property
    def rights(self) -> Rights:
        """Promises, contests, erasures, holds."""
        return Rights(self._connection)

    @cached_property
    def erasing(self) -> Erasing:
        """What an erasure overwrites."""
        return Erasing(self._connection)

    @cached_property
    def releasing(self) -> Releasing:
        """What a release reads and writes."""
        return Releasing(self._connection)

    @cached_property
    def withdrawing(self) -> Withdrawing:
        """What a withdrawal reaches, and its end."""
        return Withdrawing(self._connection)

    def lock(self, *, exclusive: Iterable[str] = (), shared: Iterable[str] = ()) -> None:
        """Take locks in a transaction that began without any; once, before anything is decided.

        For locks on people who are known only after a look at what never changes, such as who is
        in a clip.
        """
        take_locks(self._connection, set(exclusive), set(shared))

    def now(self) -> datetime:
        """The database's clock, read now: expiry is judged by it, after the locks are held."""
        return self.gate.now()


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
        with self._wrapped(), self._engine.connect() as connection, connection.begin():
            take_locks(connection, set(exclusive), set(shared))
            tx = Transaction(connection)
            yield tx
            tx.end()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that waits for no writer; it is rolled back at its end."""
        with self._wrapped(), self._engine.connect() as connection:
            connection.execution_options(cameo_begin="BEGIN")
            yield Transaction(connection)
            connection.rollback()

    @contextmanager
    def sequencing(self) -> Iterator[Transaction]:
        """A transaction of which there is one at a time: the log's sequencer."""
        with self.transaction(exclusive=[_SEQUENCER_LOCK]) as tx:
            yield tx

    def let_go(self) -> None:
        """Let go of what a write-ahead log still holds of rows that were overwritten.

        On SQLite, where pages are overwritten too (`secure_delete`), nothing is left then; readers
        that are under way may keep it until the next call. On PostgreSQL that is the matter of
        vacuum and of the log's archive, which only the operator can shorten.
        """
        if self._engine.dialect.name == "sqlite":
            with self._wrapped(), self._engine.connect() as connection:
                connection.execution_options(cameo_begin="")
                # Not for long: whoever asked for an erasure waits for this.
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}").fetchall()
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}").fetchall()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError, *_DRIVER_DOWN) as error:
            raise UnavailableError from error
        except (IntegrityError, psycopg.IntegrityError) as error:
            # Two at once wanted the same name; one had it first.
            raise TakenError from error
        except (DataError, psycopg.DataError) as error:
            raise NotFoundError("no such thing") from error


def _engine(url: str) -> Engine:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # No ping before each use: after a restart of the database the first use fails closed, and the
    # pool drops every connection with it.
    return create_engine(url, isolation_level="READ COMMITTED")


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
    begin = connection.get_execution_options().get("cameo_begin", "BEGIN IMMEDIATE")
    if begin:
        connection.exec_driver_sql(begin)
