"""Withdrawal in the store: what it reaches, and the end of that, set by set.

Whoever withdraws holds the exclusive lock of a person whom others wait for, so nothing here is done
clip by clip, and every statement has a fixed form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Executable, bindparam, select, text, update

from cameo.store.clips import tell
from cameo.store.direct import Among, Fixed, is_one_of
from cameo.store.records import OVER, UNFINISHED
from cameo.store.tables import Charge, Clip, ClipPerson, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A person in a clip, and the documents of which it holds a use."""

    person_id: str
    consent_id: str
    grant_id: str | None
    counts_consent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A clip that ends with a consent, with those who are in it."""

    id: str
    maker_id: str | None
    status: str
    people: tuple[Holding, ...]


class Withdrawing:
    """Reads and writes of a withdrawal."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reached(self, person_id: str, documents: Iterable[str]) -> tuple[Reached, ...]:
        """Every clip that is not over and rests on one of these documents of a person.

        A clip rests on what it cites, and on what the clips cite that it was made from, whatever
        became of those. The rows are locked, in order of their ids: two withdrawals that reach the
        same clips come one after the other.
        """
        rows = _REACHED.all(self._connection, {"person": person_id, "documents": sorted(documents)})
        return tuple(
            _reached(clip_id, list(people))
            for clip_id, people in groupby(rows, lambda row: str(row.id))
        )

    def fail(
        self, clip_ids: Iterable[str], *, code: str, detail: str = "", refund: bool, now: datetime
    ) -> frozenset[str]:
        """End unfinished clips; their uses count as returned, and so does what they cost.

        Returns:
            Those that were unfinished until now.
        """
        wanted = sorted(clip_ids)
        if not wanted:
            return frozenset()
        values = {"clips": wanted, "code": code, "detail": detail, "now": now}
        ended = [row.id for row in _FAIL.all(self._connection, values)]
        if ended:
            _RETURN_USES.run(self._connection, {"clips": ended})
            if refund:
                _REFUND.run(self._connection, {"clips": ended, "now": now})
        return frozenset(ended)

    def withdraw(self, clip_ids: Iterable[str], *, reason: str, now: datetime) -> None:
        """Stop serving finished clips."""
        wanted = sorted(clip_ids)
        if wanted:
            values = {"clips": wanted, "reason": reason, "now": now}
            _WITHDRAW.run(self._connection, values)

    def tell(self, kind: str, told: Iterable[tuple[str, str]], now: datetime) -> None:
        """Tell people about clips: pairs of person and clip."""
        pairs = sorted(told)
        if not pairs:
            return
        if self._connection.dialect.name == "postgresql":
            people, clips = ([pair[side] for pair in pairs] for side in (0, 1))
            values = {"kind": kind, "people": people, "clips": clips, "now": now}
            _TELL.run(self._connection, values)
            return
        tell(self._connection, pairs, kind=kind, now=now)


_CLIP: Final = table_of(Clip)
_MEMBER: Final = table_of(ClipPerson)
_CHARGE: Final = table_of(Charge)
_HOLDING: Final = tuple(Holding.__slots__)


def _reach(among: Among) -> Executable:
    cited = among(_MEMBER.c.consent_id, "documents") | among(_MEMBER.c.grant_id, "documents")
    own = _MEMBER.c.person_id == bindparam("person")
    line = select(_MEMBER.c.clip_id.label("id")).where(own, cited).cte("line", recursive=True)
    line = line.union(select(_CLIP.c.id).where(_CLIP.c.remixed_from == line.c.id))
    return (
        select(
            _CLIP.c.id, _CLIP.c.maker_id, _CLIP.c.status, *(_MEMBER.c[name] for name in _HOLDING)
        )
        .select_from(_CLIP.outerjoin(_MEMBER, _MEMBER.c.clip_id == _CLIP.c.id))
        .where(_CLIP.c.id.in_(select(line.c.id)), ~is_one_of(_CLIP.c.status, OVER))
        .order_by(_CLIP.c.id, _MEMBER.c.person_id)
        .with_for_update(of=_CLIP)
    )


_REACHED: Final = Fixed(_reach, ["id", "maker_id", "status", *_HOLDING])
_NOW: Any = bindparam("now", type_=_CLIP.c.completed_at.type)
_FAIL: Final = Fixed(
    lambda among: (
        update(_CLIP)
        .where(among(_CLIP.c.id, "clips"), is_one_of(_CLIP.c.status, UNFINISHED))
        .values(
            status="failed",
            step="failed",
            failure_code=bindparam("code"),
            failure_detail=bindparam("detail"),
            completed_at=_NOW,
        )
        .returning(_CLIP.c.id)
    ),
    ["id"],
)
_RETURN_USES: Final = Fixed(
    lambda among: update(_MEMBER).where(among(_MEMBER.c.clip_id, "clips")).values(use="returned")
)
_REFUND: Final = Fixed(
    lambda among: (
        update(_CHARGE)
        .where(among(_CHARGE.c.clip_id, "clips"), _CHARGE.c.returned_at.is_(None))
        .values(returned_at=_NOW)
    )
)
_WITHDRAW: Final = Fixed(
    lambda among: (
        update(_CLIP)
        .where(among(_CLIP.c.id, "clips"), _CLIP.c.status == "completed")
        .values(
            status="withdrawn",
            step="withdrawn",
            withdrawn_at=_NOW,
            withdrawn_reason=bindparam("reason"),
        )
    )
)
_TELL: Final = Fixed(
    text("""
    insert into notification (person_id, clip_id, kind, created_at)
    select person, clip, :kind, :now
    from unnest(cast(:people as text[]), cast(:clips as text[])) as told (person, clip)""")
)


def _reached(clip_id: str, rows: list[Any]) -> Reached:
    return Reached(
        id=clip_id,
        maker_id=rows[0].maker_id,
        status=rows[0].status,
        people=tuple(
            Holding(**{name: getattr(row, name) for name in _HOLDING})
            for row in rows
            if row.person_id is not None
        ),
    )
