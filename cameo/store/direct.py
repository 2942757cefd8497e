"""Statements on the hot path: on PostgreSQL straight to the driver, elsewhere through SQLAlchemy.

A fixed statement is compiled once a process. What SQLAlchemy adds to each execution - building
parameters, typed results - costs as much as the gate's own work, and the driver's values are
already what the gate wants: aware times, bytes, booleans.
"""

from __future__ import annotations

import collections
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Text, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import psycopg as _psycopg

_postgresql: Any = _psycopg

Among = Callable[[ColumnElement[str], str], ColumnElement[bool]]
"""Whether a column is one of the texts in the list that a parameter, by its name, is given."""


class Fixed:
    """One statement of a fixed form.

    Args:
        statement: a statement with named parameters; or, where one of them is a list, what makes it
            from an `Among`. However long the list, its text stays the same, and its plan is kept.
        columns: names of the result's columns.
    """

    def __init__(self, statement: Any, columns: Sequence[str] = ()) -> None:
        self._make: Callable[[Among], Any] = (
            statement if callable(statement) else lambda _among: statement
        )
        named: Any = collections.namedtuple  # its fields are known when it runs, not before
        self._row: Callable[[Sequence[Any]], Any] = named("Row", list(columns))._make

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """The rows, with their columns as attributes."""
        return [self._row(row) for row in self._execute(connection, values).fetchall()]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Execute it; how many rows it changed."""
        changed: int = self._execute(connection, values).rowcount
        return changed

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        if connection.dialect.name != "postgresql":
            return connection.execute(self._elsewhere, {k: _plain(v) for k, v in values.items()})
        # The same connection and transaction that SQLAlchemy holds; it begins with this statement
        # where it has not begun.
        driver: Any = connection.connection.driver_connection
        sql, constants = self._compiled
        return driver.execute(sql, {**constants, **values}, binary=True)

    @cached_property
    def _elsewhere(self) -> Any:
        return self._make(_among_json)

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any]]:
        """The text with the driver's placeholders, and the values that stand in it already."""
        made = self._make(_among_array).compile(dialect=_postgresql.dialect())
        constants = {name: value for name, value in made.params.items() if value is not None}
        return str(made), constants


def is_one_of(column: ColumnElement[str], values: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column is one of these few constants, in a form whose text is fixed as well."""
    return or_(*(column == value for value in values))


def _among_array(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return column == any_(bindparam(name, type_=ARRAY(Text)))


def _among_json(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    listed = func.json_each(bindparam(name, type_=Text)).table_valued("value")
    return column.in_(select(listed.c.value))


def _plain(value: Any) -> Any:
    """A list goes to SQLite as JSON."""
    return json.dumps(value) if isinstance(value, list) else value
