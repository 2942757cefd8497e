"""Payload -> clip, fingerprint and archived manifest."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from cameo.store.records import RegistryRecord, record_of
from cameo.store.tables import RegistryEntry


class Registry:
    """Written once a clip; a second write of the same clip keeps the first."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, *, payload: str, clip_id: str, fingerprint: bytes, manifest: bytes, now: datetime
    ) -> RegistryRecord:
        """Archive what a stripped copy will be compared with; the first write stands."""
        row = self._session.get(RegistryEntry, payload)
        if row is None:
            row = RegistryEntry(
                payload=payload,
                clip_id=clip_id,
                fingerprint=fingerprint,
                manifest=manifest,
                created_at=now,
            )
            self._session.add(row)
            self._session.flush()
        return record_of(RegistryRecord, row)

    def by_payload(self, payload: str) -> RegistryRecord | None:
        """The clip that carries this payload (16 hex digits)."""
        row = self._session.get(RegistryEntry, payload)
        return None if row is None else record_of(RegistryRecord, row)

    def page(self, after: str, limit: int) -> tuple[RegistryRecord, ...]:
        """Entries in order of their clips' ids, those after one."""
        rows = self._session.exec(
            select(RegistryEntry)
            .where(RegistryEntry.clip_id > after)
            .order_by(col(RegistryEntry.clip_id))
            .limit(limit)
        )
        return tuple(record_of(RegistryRecord, row) for row in rows)

    def by_clip(self, clip_id: str) -> RegistryRecord | None:
        """The entry of one clip."""
        row = self._session.exec(
            select(RegistryEntry).where(RegistryEntry.clip_id == clip_id)
        ).first()
        return None if row is None else record_of(RegistryRecord, row)
