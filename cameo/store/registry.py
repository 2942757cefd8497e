"""Payload -> clip, fingerprints and archived manifest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from cameo.store.records import RegistryRecord, record_of
from cameo.store.tables import Clip, RegistryEntry


class Registry:
    """Written once a clip; a second write of the same clip keeps the first."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        *,
        payload: str,
        clip_id: str,
        fingerprint: bytes,
        manifest: bytes,
        now: datetime,
        epoch: int = 1,
        modalities: Sequence[str] = ("video",),
        sound_fingerprint: bytes | None = None,
        manifest_id: str | None = None,
    ) -> RegistryRecord:
        """Archive what a stripped copy will be compared with; the first write stands.

        Args:
            payload: 16 hex digits, which the marks carry.
            clip_id: Whose.
            fingerprint: Of the picture; empty where there is none.
            manifest: The manifest store as it was signed.
            now: The database's clock.
            epoch: Of the keys that it is marked under.
            modalities: Which marks it carries.
            sound_fingerprint: Of the sound, where there is one.
            manifest_id: As the manifest names itself; None draws one. Either is random: strangers
                who look for ids find none.
        """
        row = self._session.get(RegistryEntry, payload)
        if row is None:
            row = RegistryEntry(
                payload=payload,
                clip_id=clip_id,
                fingerprint=fingerprint,
                manifest=manifest,
                created_at=now,
                epoch=epoch,
                modalities=",".join(modalities),
                sound_fingerprint=sound_fingerprint,
                manifest_id=manifest_id or uuid4().urn.replace("urn:uuid:", "urn:c2pa:"),
            )
            self._session.add(row)
            self._session.flush()
        return record_of(RegistryRecord, row)

    def by_payload(self, payload: str) -> RegistryRecord | None:
        """The clip that carries this payload (16 hex digits)."""
        row = self._session.get(RegistryEntry, payload)
        return None if row is None else record_of(RegistryRecord, row)

    def by_prefix(self, short: str) -> RegistryRecord | None:
        """The clip whose payload begins so (8 hex digits): the short id for sound is unique."""
        row = self._session.exec(
            select(RegistryEntry)
            .join(Clip, col(Clip.id) == col(RegistryEntry.clip_id))
            .where(col(Clip.short_payload) == short)
        ).first()
        return None if row is None else record_of(RegistryRecord, row)

    def by_manifest(self, manifest_id: str) -> RegistryRecord | None:
        """The clip whose archived manifest has this id."""
        return self._one(col(RegistryEntry.manifest_id) == manifest_id)

    def by_clip(self, clip_id: str) -> RegistryRecord | None:
        """The entry of one clip."""
        return self._one(col(RegistryEntry.clip_id) == clip_id)

    def page(self, after: str, limit: int) -> tuple[RegistryRecord, ...]:
        """Entries in order of their clips' ids, those after one."""
        rows = self._session.exec(
            select(RegistryEntry)
            .where(RegistryEntry.clip_id > after)
            .order_by(col(RegistryEntry.clip_id))
            .limit(limit)
        )
        return tuple(record_of(RegistryRecord, row) for row in rows)

    def _one(self, which: ColumnElement[bool]) -> RegistryRecord | None:
        row = self._session.exec(select(RegistryEntry).where(which)).first()
        return None if row is None else record_of(RegistryRecord, row)
