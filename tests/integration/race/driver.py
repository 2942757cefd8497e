"""Sees every statement that reaches the PostgreSQL driver, however it came there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Engine, event

See = Callable[[Any, str], None]
"""Called with the driver's connection and the text of a statement."""


class Watch:
    """The watchers of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.before: list[See] = []
        self.after: list[See] = []
        watch = self

        class Cursor(psycopg.Cursor[Any]):
            """Tells the watchers, and executes."""

            def execute(self, query: Any, *args: Any, **more: Any) -> Any:
                return watch.around(
                    self, query, lambda: super(Cursor, self).execute(query, *args, **more)
                )

            def executemany(self, query: Any, *args: Any, **more: Any) -> Any:
                return watch.around(
                    self, query, lambda: super(Cursor, self).executemany(query, *args, **more)
                )

        def take(connection: Any, _record: Any, _proxy: Any) -> None:
            connection.cursor_factory = Cursor

        event.listen(engine, "checkout", take)

    def around(self, cursor: psycopg.Cursor[Any], query: Any, run: Callable[[], Any]) -> Any:
        statement = query if isinstance(query, str) else str(query)
        for see in list(self.before):
            see(cursor.connection, statement)
        done = run()
        for see in list(self.after):
            see(cursor.connection, statement)
        return done


_WATCHES: WeakKeyDictionary[Engine, Watch] = WeakKeyDictionary()


def watch_of(engine: Engine) -> Watch:
    """The one watch of an engine."""
    if engine not in _WATCHES:
        _WATCHES[engine] = Watch(engine)
    return _WATCHES[engine]


@contextmanager
def watching(watchers: list[See], see: See) -> Iterator[None]:
    """Look on for a while."""
    watchers.append(see)
    try:
        yield
    finally:
        watchers.remove(see)
