"""Stops one transaction at a chosen point, so that another can be put exactly there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from enum import Enum
from typing import Any

from sqlalchemy import Engine, event, text

from tests.integration.race.driver import watch_of

PATIENCE = 30.0
"""Seconds after which a test gives up; nothing is measured by it."""


class Point(Enum):
    """Where a transaction is stopped."""

    BEFORE_LOCK = "before it asks for its locks"
    AFTER_LOCK = "with its locks, before it reads what it decides on"
    AFTER_READ = "after it has read what it decides on"
    BEFORE_COMMIT = "after everything is written"


_MARKS = {
    Point.BEFORE_LOCK: "pg_advisory_xact_lock",
    Point.AFTER_LOCK: "pg_advisory_xact_lock",
    Point.AFTER_READ: " AS mutual",
}


class Halt:
    """Stops the first transaction of an engine that comes to a point, until it is let go.

    A point may also be a part of a statement: then it is stopped when that was executed.
    """

    def __init__(self, engine: Engine, point: Point | str) -> None:
        self._point = point
        self._mark = point if isinstance(point, str) else _MARKS.get(point, "")
        self._reached, self._go = threading.Event(), threading.Event()
        watch = watch_of(engine)
        if point is Point.BEFORE_COMMIT:
            event.listen(engine, "commit", self._stop)
        else:
            (watch.before if point is Point.BEFORE_LOCK else watch.after).append(self._statement)

    def wait(self) -> None:
        """Until it stands there."""
        assert self._reached.wait(PATIENCE), f"nothing was stopped: {self._point}"

    def let_go(self) -> None:
        self._go.set()

    def _statement(self, _connection: Any, statement: str) -> None:
        if self._mark in statement:
            self._stop(_connection)

    def _stop(self, _connection: Any) -> None:
        if not self._reached.is_set():
            self._reached.set()
            self._go.wait(PATIENCE)


@contextmanager
def stopped(engine: Engine, point: Point | str, act: Callable[[], Any]) -> Iterator[Stopped]:
    """Run `act` in a thread and stop it at a point; it goes on at the end at the latest."""
    halt = Halt(engine, point)
    with ThreadPoolExecutor(max_workers=2) as threads:
        first = threads.submit(act)
        try:
            halt.wait()
            yield Stopped(halt, first, threads)
        finally:
            halt.let_go()


class Stopped:
    """What is stopped, and whoever comes along meanwhile."""

    def __init__(self, halt: Halt, first: Future[Any], threads: ThreadPoolExecutor) -> None:
        self._halt, self._first, self._threads = halt, first, threads

    def meanwhile(self, act: Callable[[], Any]) -> Future[Any]:
        """Start something else."""
        return self._threads.submit(act)

    def go_on(self) -> Any:
        """Let it go; what came of it."""
        self._halt.let_go()
        return self._first.result(PATIENCE)


def is_kept_waiting(engine: Engine, other: Future[Any]) -> bool:
    """Whether somebody is seen to wait for a person's lock; False once `other` is through.

    To wait for a row only is no waiting: the row was reached, so everything was decided before.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        waiting = waits(engine)
        if other.done() or waiting:
            return "advisory" in waiting
        time.sleep(0.005)
    raise AssertionError("it neither waits nor ends")


def wait_for(engine: Engine, waiting: list[str]) -> None:
    """Until exactly so many wait for locks of these kinds."""
    until = time.monotonic() + PATIENCE
    while waits(engine) != waiting:
        assert time.monotonic() < until, f"not {waiting} but {waits(engine)} wait"
        time.sleep(0.005)


def waits(engine: Engine) -> list[str]:
    """The kinds of all locks that are waited for."""
    with engine.connect() as connection:
        return sorted(row.locktype for row in connection.execute(_WAITING))


_WAITING = text(
    "select locktype from pg_locks join pg_stat_activity using (pid)"
    " where not granted and datname = current_database()"
)
