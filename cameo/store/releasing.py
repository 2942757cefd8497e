"""RELEASE in the store: the locks with a look, and one write after the decision.

Each is one statement on PostgreSQL and a few on SQLite; both change everything or nothing, and
nothing where the clip is not under way any more. Everything else about the gate is the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    bindparam,
    exists,
    insert,
    select,
    text,
    update,
)

from cameo.store.clips import notify, sources
from cameo.store.consents import consume, kind_of
from cameo.store.direct import Fixed
from cameo.store.errors import NotFoundError
from cameo.store.locks import lock_number_sql
from cameo.store.tables import Clip, ClipPerson, LogPending, RegistryEntry, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """A person in a clip and the documents that it was begun under."""

    person_id: str
    consent_id: str
    grant_id: str | None
    epoch: int
    counts_consent: bool
    lease_expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A clip that asks to be released. All but its status never changes."""

    id: str
    maker_id: str | None
    status: str
    payload: str
    request: bytes | None
    dek_id: str | None
    archived: bool
    """Whether its fingerprint and manifest stand in the registry."""
    people: tuple[Lease, ...]
    sources: tuple[str, ...]
    """Ids of the clips that it was made from, nearest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """What a release writes."""

    clip_id: str
    now: datetime
    media_sha256: str
    media_bytes: int
    uses: Sequence[str]
    """Grants and consents of which one reserved use each is taken now."""
    told: Sequence[str]
    """People who are told that there is a clip with them."""
    leaf: bytes
    """The log entry."""
    opening: bytes
    """What opens its commitment."""


class Releasing:
    """Reads and writes of a release."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def candidate(self, clip_id: str) -> Candidate:
        """A clip as a release looks at it, with the shared locks of everybody in it.

        Only what was made from nothing else gets its locks here: with `sources` there are more, and
        all are taken at once. Who is in a clip, and what it was made from, never change, so they
        may be read before the locks, to know whose to take. The status does change, so `complete`
        looks at it again.

        Raises:
            NotFoundError: there is none.
        """
        postgresql = self._connection.dialect.name == "postgresql"
        rows = (_LOCK_AND_LOOK if postgresql else _LOOK).all(self._connection, {"clip": clip_id})
        if not rows:
            raise NotFoundError(f"no video {clip_id}")
        clip = rows[0]
        return Candidate(
            id=clip.id,
            maker_id=clip.maker_id,
            status=clip.status,
            payload=clip.payload,
            request=clip.request,
            dek_id=clip.dek_id,
            archived=bool(clip.archived),
            people=tuple(_lease(row) for row in rows if row.person_id is not None),
            sources=sources(self._connection, clip.remixed_from),
        )

    def complete(self, done: Completion) -> bool:
        """Finish a clip, take its uses, tell people, log it; False where it was not under way."""
        if self._connection.dialect.name == "postgresql":
            return self._at_once(done)
        return self._step_by_step(done)

    def _at_once(self, done: Completion) -> bool:
        counts_consents = any(kind_of(use) == "cns" for use in done.uses)
        (done_now,) = _COMPLETE[counts_consents].all(
            self._connection,
            {
                "clip": done.clip_id,
                "now": done.now,
                "sha256": done.media_sha256,
                "bytes": done.media_bytes,
                "uses": list(done.uses),
                "told": list(done.told),
                "leaf": done.leaf,
                "opening": done.opening,
            },
        )
        return bool(done_now.count)

    def _step_by_step(self, done: Completion) -> bool:
        changed = self._connection.execute(
            update(_CLIP)
            .where(_CLIP.c.id == done.clip_id, _CLIP.c.status == "in_progress")
            .values(
                status="completed",
                step="completed",
                progress=100,
                completed_at=done.now,
                media_sha256=done.media_sha256,
                media_bytes=done.media_bytes,
            )
        )
        if changed.rowcount != 1:
            return False
        self._connection.execute(
            update(_MEMBER)
            .where(_MEMBER.c.clip_id == done.clip_id)
            .values(use="consumed", released_at=done.now)
        )
        consume(self._connection, done.uses)
        notify(
            self._connection,
            done.told,
            kind="clip.with_you",
            clip_id=done.clip_id,
            now=done.now,
        )
        self._connection.execute(
            insert(table_of(LogPending)).values(
                kind="release", ref=done.clip_id, body=done.leaf, opening=done.opening
            )
        )
        return True


_CLIP: Final = table_of(Clip)
_MEMBER: Final = table_of(ClipPerson)
_LEASE: Final = tuple(Lease.__slots__)

_SEEN: Final = ("id", "maker_id", "status", "payload", "request", "dek_id", "remixed_from")
_LOOK: Final = Fixed(
    select(
        *(_CLIP.c[name] for name in _SEEN),
        exists().where(table_of(RegistryEntry).c.clip_id == _CLIP.c.id).label("archived"),
        *(_MEMBER.c[name] for name in _LEASE),
    )
    .select_from(_CLIP.outerjoin(_MEMBER, _MEMBER.c.clip_id == _CLIP.c.id))
    .where(_CLIP.c.id == bindparam("clip"))
    .order_by(_MEMBER.c.person_id),
    [*_SEEN, "archived", *_LEASE],
)
# The same in one statement with the locks, which are taken one by one as they come, sorted.
_LOCK_AND_LOOK: Final = Fixed(
    text(
        f"""
    select {", ".join(f"clip.{name}" for name in _SEEN)},
        exists (select 1 from registry where registry.clip_id = clip.id) as archived,
        {", ".join(f"clip_person.{name}" for name in _LEASE)},
        (select count(pg_advisory_xact_lock_shared(number)) from (
            select {lock_number_sql("person_id")} as number
            from clip_person join clip as whole on whole.id = clip_person.clip_id
            where clip_person.clip_id = :clip and whole.remixed_from is null order by number
        ) as wanted) as locks
    from clip left join clip_person on clip_person.clip_id = clip.id
    where clip.id = :clip order by clip_person.person_id"""  # noqa: S608 - of constants
    ),
    [*_SEEN, "archived", *_LEASE, "locks"],
)

_COUNT: Final = """
    {name} as (
        update {table} set uses_reserved = uses_reserved - 1, uses_consumed = uses_consumed + 1
        where id in (
            select id from {table} where id = any(:uses) and exists (select 1 from {after})
            order by id for update
        )
        returning id
    )"""
# Everything hangs on `done`: where the clip was ended meanwhile, nothing is written. Rows of uses
# are locked as everywhere, consents before grants and each in order of their ids, so two that count
# the same ones never wait for each other: that is why the grants look at `agreed`.
_AGREED: Final = _COUNT.format(name="agreed", table="consent", after="done") + ","
_AFTER_AGREED: Final = "done where (select count(*) from agreed) >= 0"


def _completing(*, counts_consents: bool) -> Fixed:
    """The statement; a consent whose uses count is rare, and looking for one takes its time."""
    after = _AFTER_AGREED if counts_consents else "done"
    return Fixed(
        text(
            f"""
    with done as (
        update clip set status = 'completed', step = 'completed', progress = 100,
            completed_at = :now, media_sha256 = :sha256, media_bytes = :bytes
        where id = :clip and status = 'in_progress' returning id
    ), members as (
        update clip_person set use = 'consumed', released_at = :now
        where clip_id in (select id from done)
    ), {_AGREED if counts_consents else ""}
    {_COUNT.format(name="granted", table='"grant"', after=after)},
    said as (
        insert into notification (person_id, kind, clip_id, created_at)
        select told, 'clip.with_you', done.id, :now from done, unnest(cast(:told as text[])) as told
    ), logged as (
        insert into log_pending (kind, ref, body, opening)
        select 'release', done.id, :leaf, :opening from done
    )
    select count(*) as count from done"""  # noqa: S608 - the names are the two above
        ),
        ["count"],
    )


_COMPLETE: Final = {counts: _completing(counts_consents=counts) for counts in (False, True)}


def _lease(row: Any) -> Lease:
    return Lease(**{name: getattr(row, name) for name in _LEASE})
