"""Finished and unfinished clips as people see them: list, watch, delete, remix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from cameo.flows.errors import (
    DeletedError,
    HeldError,
    NotReadyError,
    VideoFailedError,
    WithdrawnError,
)
from cameo.flows.ledger import Ledger
from cameo.flows.lineage import locked_clip
from cameo.flows.order import clip_context, open_request
from cameo.flows.release import fail, forget
from cameo.flows.vault import Vault, media_name
from cameo.keys.errors import KeyDestroyed
from cameo.keys.segmented import SegmentedReader
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import (
    CONSENT_ENDED,
    UNFINISHED,
    ClipPersonRecord,
    ClipRecord,
    ConsentRecord,
    GrantRecord,
    PersonRecord,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentStanding:
    """One person's consent to one clip, as it stands now."""

    person: ClipPersonRecord
    state: str
    """``active``, ``withdrawn``, ``expired``, or, while it lasts, ``paused`` or ``frozen``."""
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """Serves clips to their maker and to the people in them, and to nobody else."""

    db: Database
    vault: Vault
    ledger: Ledger

    def get(self, person: PersonRecord, clip_id: str) -> ClipRecord:
        """A clip that this person made or is in.

        Raises:
            NotFoundError: there is none, or it is neither theirs nor shows them.
        """
        with self.db.reading() as tx:
            clip = tx.clips.get(clip_id)
            self._require_visible(tx, person, clip)
        return clip

    def people(self, clip_id: str) -> tuple[tuple[ClipPersonRecord, str], ...]:
        """Who is in a clip, with handles."""
        with self.db.reading() as tx:
            return tuple(
                (person, tx.people.get(person.person_id).handle)
                for person in tx.clips.people(clip_id)
            )

    def list(
        self, person: PersonRecord, *, limit: int, after: str | None = None
    ) -> tuple[ClipRecord, ...]:
        """Clips that a person made or is in, newest first."""
        with self.db.reading() as tx:
            return tx.clips.visible_to(person.id, limit=limit, after=after)

    def prompt(self, clip: ClipRecord) -> str:
        """The prompt of a clip, decrypted."""
        prompt: str = open_request(self.vault, clip)["prompt"]
        return prompt

    def require_served(self, person: PersonRecord, clip_id: str) -> ClipRecord:
        """The clip, if its content may be served at this moment.

        Raises:
            NotReadyError: it is not finished, or no checkpoint covers its release yet.
            VideoFailedError: it was not made.
            WithdrawnError: a consent in it has ended.
        """
        clip = self.get(person, clip_id)
        self.require_shown(clip)
        return clip

    def require_shown(self, clip: ClipRecord) -> None:
        """Whoever asks: may this clip's content be shown at this moment?

        Raises:
            NotReadyError: it is not finished, or no checkpoint covers its release yet.
            VideoFailedError: it was not made.
            WithdrawnError: a consent in it has ended.
            HeldError: somebody in it has paused, or their cameo is frozen.
        """
        if clip.status in UNFINISHED:
            raise NotReadyError
        if clip.status == "failed":
            raise VideoFailedError(extra={"reason": clip.failure_code})
        if clip.status != "completed":
            raise WithdrawnError if clip.withdrawn_reason in CONSENT_ENDED else DeletedError
        with self.db.reading() as tx:
            states = {standing.state for standing in standings(tx, clip.id)}
            if states & {"withdrawn", "expired"}:
                raise WithdrawnError
            if states & {"paused", "frozen"}:
                raise HeldError
            if self.ledger.prove(tx, kind="release", ref=clip.id) is None:
                raise NotReadyError("its release is not covered by a checkpoint yet")

    @contextmanager
    def open_media(self, clip: ClipRecord) -> Iterator[SegmentedReader]:
        """The decrypted media, for ranges.

        Raises:
            WithdrawnError: its key was destroyed.
        """
        try:
            with self.vault.open_file(
                clip.dek_id or "", clip_context(clip.id), media_name(clip.id)
            ) as reader:
                yield reader
        except (KeyDestroyed, NotFoundError) as error:
            raise WithdrawnError from error

    def delete(self, person: PersonRecord, clip_id: str) -> None:
        """Delete a clip: its maker may, and so may everybody who is in it.

        The charge of a generation that was begun is not given back for it.
        """
        with locked_clip(self.db, clip_id) as (tx, clip, people):
            self._require_visible(tx, person, clip)
            now = tx.now()
            reason = "maker.deleted" if clip.maker_id == person.id else "person.deleted"
            fail(tx, clip, people, reason, refund=clip.status == "queued")
            done = tx.clips.change(
                clip_id,
                only=("completed",),
                status="withdrawn",
                step="withdrawn",
                withdrawn_at=now,
                withdrawn_reason=reason,
            )
            if done and clip.maker_id and clip.maker_id != person.id:
                tx.clips.notify(clip.maker_id, "clip.deleted", clip_id, now)
        forget(self.db, self.vault, clip)

    def _require_visible(self, tx: Transaction, person: PersonRecord, clip: ClipRecord) -> None:
        if clip.maker_id == person.id:
            return
        if person.id not in {member.person_id for member in tx.clips.people(clip.id)}:
            raise NotFoundError(f"no video {clip.id}")


def standings(tx: Transaction, clip_id: str) -> tuple[ConsentStanding, ...]:
    """How each consent that a clip rests on stands now, by the database's clock.

    A consent that its person replaced by a newer one still stands for clips made under it; it ends
    when it expires, or when it or a newer one is withdrawn (see `cameo.flows.revoke`).
    """
    now = tx.now()
    return tuple(_standing(tx, person, now) for person in tx.clips.people(clip_id))


def _standing(tx: Transaction, person: ClipPersonRecord, now: datetime) -> ConsentStanding:
    cited: list[ConsentRecord | GrantRecord] = [tx.consents.get(person.consent_id)]
    if person.grant_id is not None:
        cited.append(tx.consents.get_grant(person.grant_id))
    for document in cited:
        if document.status == "revoked":
            return ConsentStanding(person=person, state="withdrawn", ended_at=document.ended_at)
    for document in cited:
        if document.expires_at is not None and now >= document.expires_at:
            return ConsentStanding(person=person, state="expired", ended_at=document.expires_at)
    shown = tx.people.get(person.person_id)
    if shown.frozen or shown.paused_at is not None:
        state = "frozen" if shown.frozen else "paused"
        return ConsentStanding(person=person, state=state, ended_at=None)
    return ConsentStanding(person=person, state="active", ended_at=None)
