"""A clock that the database shows and the test turns; the flows know no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event

START = datetime(2031, 3, 1, 9, 0, tzinfo=UTC)
"""Years away from the machine's clock: whatever judges by that one is found out."""
_TICK = timedelta(milliseconds=1)


class Clock:
    """Takes the place of SQLite's ``strftime(..., 'now')`` on every connection of an engine.

    No two readings are alike: what happened later is later.
    """

    def __init__(self) -> None:
        self.now = START

    def reset(self) -> None:
        """Back to the start, for the next example."""
        self.now = START

    def advance(self, hours: int) -> None:
        """Let time pass."""
        self.now += timedelta(hours=hours)

    def install(self, engine: Engine) -> None:
        """Show this clock on all connections that are opened from now on."""
        event.listen(engine, "connect", self._prepare)

    def _prepare(self, connection: Any, _record: Any) -> None:
        connection.create_function("strftime", 2, self._strftime)

    def _strftime(self, form: str, moment: str) -> str:
        if (form, moment) != ("%Y-%m-%d %H:%M:%f", "now"):
            raise ValueError(f"the flows read the clock in another way: {form} {moment}")
        self.now += _TICK
        return self.now.strftime("%Y-%m-%d %H:%M:%S.") + f"{self.now.microsecond // 1000:03d}"
