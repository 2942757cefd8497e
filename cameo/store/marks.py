"""Epochs of the marks' keys: their numbers, times and published digests. No key is in a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from cameo.store.records import UNFINISHED, MarkEpochRecord, record_of
from cameo.store.tables import Clip, MarkEpoch, RegistryEntry, table_of

FIRST: Final = 1
"""What is present before any epoch has begun: nothing is marked under it until it has."""

_EPOCH: Final = table_of(MarkEpoch)
_CLIP: Final = table_of(Clip)
_REGISTRY: Final = table_of(RegistryEntry)


class Marks:
    """Epochs. Whoever writes holds the epochs' own lock, so numbers have no gaps."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def present(self) -> int:
        """The number of the epoch that clips are ordered under now."""
        begun = select(func.max(_EPOCH.c.number)).where(_EPOCH.c.began_at.is_not(None))
        number: int | None = self._connection.execute(begun).scalar_one()
        return FIRST if number is None else number

    def all(self) -> tuple[MarkEpochRecord, ...]:
        """Every epoch, the first one first."""
        rows = self._connection.execute(select(_EPOCH).order_by(_EPOCH.c.number))
        return tuple(record_of(MarkEpochRecord, row) for row in rows)

    def get(self, number: int) -> MarkEpochRecord | None:
        """One epoch."""
        row = self._connection.execute(select(_EPOCH).where(_EPOCH.c.number == number)).first()
        return None if row is None else record_of(MarkEpochRecord, row)

    def with_clips(self) -> tuple[int, ...]:
        """The epochs under which something was marked and archived, the newest first."""
        found = select(_REGISTRY.c.epoch).distinct().order_by(_REGISTRY.c.epoch.desc())
        return tuple(self._connection.execute(found).scalars())

    def clips(self, number: int) -> int:
        """How many clips were marked under an epoch and archived."""
        counted = select(func.count()).where(_REGISTRY.c.epoch == number)
        return int(self._connection.execute(counted.select_from(_REGISTRY)).scalar_one())

    def unfinished(self, number: int) -> int:
        """How many clips are being made under an epoch."""
        counted = (
            select(func.count())
            .select_from(_CLIP)
            .where(_CLIP.c.mark_epoch == number, _CLIP.c.status.in_(UNFINISHED))
        )
        return int(self._connection.execute(counted).scalar_one())

    def announce(self, number: int, secret: int, commitments: Mapping[str, str]) -> None:
        """Keep what is published of an epoch's keys; it does not begin by this."""
        values: dict[str, Any] = {**commitments, "secret": secret}
        if self.get(number) is None:
            self._connection.execute(insert(_EPOCH).values(number=number, **values))
        else:
            self._change(number, **values)

    def begin(self, number: int, now: datetime) -> None:
        """Begin an epoch and end those before it; a second call changes nothing."""
        open_ones = _EPOCH.c.ended_at.is_(None)
        self._connection.execute(
            update(_EPOCH).where(_EPOCH.c.number < number, open_ones).values(ended_at=now)
        )
        self._connection.execute(
            update(_EPOCH)
            .where(_EPOCH.c.number == number, _EPOCH.c.began_at.is_(None))
            .values(began_at=now)
        )

    def leak(self, number: int, now: datetime) -> None:
        """Remember that an epoch's keys are known to others; the first time stands."""
        self._connection.execute(
            update(_EPOCH)
            .where(_EPOCH.c.number == number, _EPOCH.c.leaked_at.is_(None))
            .values(leaked_at=now)
        )

    def reveal(self, number: int, now: datetime) -> None:
        """Remember that an epoch's keys were revealed."""
        self._change(number, revealed_at=now)

    def _change(self, number: int, **values: Any) -> None:
        self._connection.execute(update(_EPOCH).where(_EPOCH.c.number == number).values(values))
