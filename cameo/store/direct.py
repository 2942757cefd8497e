"""Statements on the hot path: on PostgreSQL straight to the driver, elsewhere through SQLAlchemy.

A fixed statement is compiled once a process. What SQLAlchemy adds to each execution - building
parameters, typed results - costs as much as the gate's own work, and the driver's values are
already what the gate wants: aware times, bytes, booleans.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Select, TextClause
from sqlalchemy.dialects.postgresql import psycopg as _psycopg

_postgresql: Any = _psycopg


class Fixed:
    """One statement of a fixed form.

    Args:
        statement: a select, or a text that ends with one; its parameters are named.
        columns: names of the result's columns.
    """

    def __init__(self, statement: Select[Any] | TextClause, columns: Sequence[str]) -> None:
        self._statement = statement
        named: Any = collections.namedtuple  # its fields are known when it runs, not before
        self._row: Callable[[Sequence[Any]], Any] = named("Row", list(columns))._make

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """The rows, with their columns as attributes."""
        if connection.dialect.name != "postgresql":
            found = connection.execute(self._statement, dict(values))
            return [self._row(row) for row in found]
        # The same connection and transaction that SQLAlchemy holds; it begins with this statement
        # where it has not begun.
        driver: Any = connection.connection.driver_connection
        sql, constants = self._compiled
        found = driver.execute(sql, {**constants, **values}).fetchall()
        return [self._row(row) for row in found]

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any]]:
        """The text with the driver's placeholders, and the values that stand in it already."""
        made = self._statement.compile(dialect=_postgresql.dialect())
        constants = {name: value for name, value in made.params.items() if value is not None}
        return str(made), constants
