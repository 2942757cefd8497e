"""Clips, the people in them, charges, notifications, and the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, update
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from cameo.store.erasing import is_held
from cameo.store.errors import NotFoundError
from cameo.store.records import (
    OVER,
    UNFINISHED,
    ApprovalState,
    ClipPersonRecord,
    ClipRecord,
    record_of,
)
from cameo.store.tables import (
    KEY_LEFT,
    Charge,
    Clip,
    ClipPerson,
    Consent,
    Grant,
    Notification,
    Outbox,
    table_of,
)

_CLIP: Final = table_of(Clip)
_MEMBER: Final = table_of(ClipPerson)
_MOST_GENERATIONS: Final = 1000

_ONE: Final = core_select(_CLIP).where(_CLIP.c.id == bindparam("clip"))
_PARENT: Final = core_select(_CLIP.c.remixed_from).where(_CLIP.c.id == bindparam("clip"))
_TELL: Final = insert(table_of(Notification))


class Clips:
    """Clips; a video's id is its clip id."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection()

    def add(self, record: ClipRecord, people: Iterable[ClipPersonRecord] = ()) -> None:
        """A new clip and the people in it."""
        self._session.add(
            Clip(
                short_payload=record.payload[:8],
                **{name: getattr(record, name) for name in record.__slots__},
            )
        )
        self._session.flush()
        for person in people:
            self._session.add(
                ClipPerson(**{name: getattr(person, name) for name in person.__slots__})
            )
        self._session.flush()

    def get(self, clip_id: str) -> ClipRecord:
        """One clip.

        Raises:
            NotFoundError: there is none.
        """
        row = self._connection.execute(_ONE, {"clip": clip_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"no video {clip_id}")
        return record_of(ClipRecord, row)

    def payload_taken(self, payload: str) -> bool:
        """Whether a payload, or its first half, is in use."""
        row = self._session.exec(
            select(Clip.id).where(
                (col(Clip.payload) == payload) | (col(Clip.short_payload) == payload[:8])
            )
        ).first()
        return row is not None

    def people(self, clip_id: str) -> tuple[ClipPersonRecord, ...]:
        """Who is in a clip, as it stands now: what was read before does not count."""
        return self.members([clip_id]).get(clip_id, ())

    def visible_to(
        self, person_id: str, *, limit: int, after: str | None = None
    ) -> tuple[ClipRecord, ...]:
        """Clips a person made or is in, newest first: also other people's drafts."""
        mine = select(ClipPerson.clip_id).where(ClipPerson.person_id == person_id)
        query = select(Clip).where(
            (col(Clip.maker_id) == person_id) | col(Clip.id).in_(mine),
            Clip.kind == "generated",
        )
        if after is not None:
            query = query.where(col(Clip.id) < after)
        rows = self._session.exec(query.order_by(col(Clip.id).desc()).limit(limit))
        return tuple(record_of(ClipRecord, row) for row in rows)

    def have_lost_consent(self, clip_ids: Iterable[str]) -> bool:
        """Whether a consent or a grant that one of these clips cites was withdrawn."""
        consent, grant = table_of(Consent), table_of(Grant)
        found = self._connection.execute(
            core_select(_MEMBER.c.clip_id)
            .select_from(
                _MEMBER.join(consent, consent.c.id == _MEMBER.c.consent_id).outerjoin(
                    grant, grant.c.id == _MEMBER.c.grant_id
                )
            )
            .where(
                _MEMBER.c.clip_id.in_(tuple(clip_ids)),
                (consent.c.status == "revoked") | (grant.c.status == "revoked"),
            )
            .limit(1)
        )
        return found.first() is not None

    def with_person(self, person_id: str) -> tuple[ClipRecord, ...]:
        """Every clip with a person in it that is not over."""
        shown = core_select(_MEMBER.c.clip_id).where(_MEMBER.c.person_id == person_id)
        rows = self._connection.execute(
            core_select(_CLIP).where(_CLIP.c.id.in_(shown), _CLIP.c.status.not_in(OVER))
        )
        return tuple(record_of(ClipRecord, row) for row in rows)

    def members(self, clip_ids: Iterable[str]) -> dict[str, tuple[ClipPersonRecord, ...]]:
        """Who is in each of these clips."""
        rows = self._connection.execute(
            core_select(_MEMBER)
            .where(_MEMBER.c.clip_id.in_(tuple(clip_ids)))
            .order_by(_MEMBER.c.clip_id, _MEMBER.c.person_id)
        )
        people = [record_of(ClipPersonRecord, row) for row in rows]
        return {clip_id: tuple(found) for clip_id, found in groupby(people, lambda p: p.clip_id)}

    def unfinished(self, *, before: datetime) -> tuple[ClipRecord, ...]:
        """Clips ordered before then that are neither finished nor over."""
        rows = self._session.exec(
            select(Clip).where(col(Clip.status).in_(UNFINISHED), Clip.created_at < before)
        )
        return tuple(record_of(ClipRecord, row) for row in rows)

    def over_with_key(self) -> tuple[ClipRecord, ...]:
        """Clips that failed or were withdrawn and whose key is to be destroyed.

        A legal hold on somebody in one stops that.
        """
        rows = self._session.exec(
            select(Clip).where(KEY_LEFT, col(Clip.status).in_(OVER), ~is_held(_CLIP.c.id))
        )
        return tuple(record_of(ClipRecord, row) for row in rows)

    def sources(self, parent: str | None) -> tuple[str, ...]:
        """A clip that another was made from, and those that it was made from, nearest first."""
        return sources(self._connection, parent)

    def change(self, clip_id: str, *, only: Iterable[str] = (), **values: Any) -> bool:
        """Set columns; with `only`, in these states and no other. False where nothing matched."""
        query = update(_CLIP).where(_CLIP.c.id == clip_id)
        states = tuple(only)
        if states:
            query = query.where(_CLIP.c.status.in_(states))
        done = self._connection.execute(query.values(**values))
        self._session.expire_all()  # what is read after this must be what stands now
        return bool(done.rowcount)

    def approve(
        self,
        clip_id: str,
        person_id: str,
        state: ApprovalState,
        *,
        only: Iterable[ApprovalState],
        document: bytes | None = None,
        evidence: str | None = None,
        now: datetime | None = None,
    ) -> bool:
        """Set what a person says to a clip's publication; False where it stood otherwise."""
        done = self._connection.execute(
            update(_MEMBER)
            .where(
                _MEMBER.c.clip_id == clip_id,
                _MEMBER.c.person_id == person_id,
                _MEMBER.c.approval.in_(tuple(only)),
            )
            .values(
                approval=state,
                approval_document=document,
                approval_evidence=evidence,
                approved_at=now,
            )
        )
        self._session.expire_all()
        return done.rowcount == 1

    def by_share_token(self, token: str) -> ClipRecord | None:
        """The clip behind a link."""
        row = self._connection.execute(
            core_select(_CLIP).where(_CLIP.c.share_token == token)
        ).one_or_none()
        return None if row is None else record_of(ClipRecord, row)

    def charge(self, clip_id: str, person_id: str, now: datetime) -> None:
        """Charge a generation; the clip's id is the key, so there is one charge at most."""
        self._session.add(Charge(clip_id=clip_id, person_id=person_id, created_at=now))
        self._session.flush()

    def charged_since(self, person_id: str, since: datetime) -> int:
        """Generations charged to a person since then and not given back."""
        return self._session.exec(
            select(func.count())
            .select_from(Charge)
            .where(
                Charge.person_id == person_id,
                Charge.created_at >= since,
                col(Charge.returned_at).is_(None),
            )
        ).one()

    def notify(
        self,
        people: str | Iterable[str],
        kind: str,
        clip_id: str | None,
        now: datetime,
        detail: str | None = None,
    ) -> None:
        """Tell one or several people something."""
        told = [people] if isinstance(people, str) else people
        notify(self._connection, told, kind=kind, clip_id=clip_id, now=now, detail=detail)

    def notifications(self, person_id: str, limit: int = 100) -> tuple[dict[str, Any], ...]:
        """What a person was told, newest first."""
        rows = self._session.exec(
            select(Notification)
            .where(Notification.person_id == person_id)
            .order_by(col(Notification.id).desc())
            .limit(limit)
        )
        return tuple(
            {
                "kind": row.kind,
                "clip_id": row.clip_id,
                "detail": row.detail,
                "at": row.created_at,
            }
            for row in rows
        )

    def promise(self, kind: str, ref: str, now: datetime) -> None:
        """Write work into the outbox."""
        self._session.add(Outbox(kind=kind, ref=ref, created_at=now))
        self._session.flush()

    def promised(self, limit: int = 50) -> tuple[tuple[str, str], ...]:
        """Work that was not handed over yet: (kind, ref), oldest first."""
        rows = self._session.exec(
            select(Outbox)
            .where(col(Outbox.done_at).is_(None))
            .order_by(col(Outbox.id))
            .limit(limit)
        )
        return tuple((row.kind, row.ref) for row in rows)

    def handed_over(self, ref: str, now: datetime) -> None:
        """Mark work as handed over."""
        self._session.execute(update(Outbox).where(col(Outbox.ref) == ref).values(done_at=now))


def sources(connection: Connection, parent: str | None) -> tuple[str, ...]:
    """See `Clips.sources`."""
    found: list[str] = []
    while parent is not None and parent not in found and len(found) < _MOST_GENERATIONS:
        found.append(parent)
        row = connection.execute(_PARENT, {"clip": parent}).one_or_none()
        parent = None if row is None else row.remixed_from
    return tuple(found)


def notify(
    connection: Connection,
    people: Iterable[str],
    *,
    kind: str,
    clip_id: str | None,
    now: datetime,
    detail: str | None = None,
) -> None:
    """See `Clips.notify`."""
    pairs = [(person, clip_id) for person in sorted(set(people))]
    tell(connection, pairs, kind=kind, now=now, detail=detail)


def tell(
    connection: Connection,
    told: Iterable[tuple[str, str | None]],
    *,
    kind: str,
    now: datetime,
    detail: str | None = None,
) -> None:
    """Tell people about clips: pairs of person and clip."""
    said = {"kind": kind, "detail": detail, "created_at": now}
    rows = [{"person_id": person, "clip_id": clip_id, **said} for person, clip_id in told]
    if rows:
        connection.execute(_TELL, rows)
