"""Withdrawal: it needs less than agreeing did, holds at once, and reaches finished clips.

The exclusive lock is taken first, so a release either committed before it, and is withdrawn here,
or comes after it, and is denied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cameo.flows.ledger import Ledger
from cameo.flows.release import UNFINISHED, fail
from cameo.flows.vault import Vault
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import ClipRecord, PersonRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """What a withdrawal did."""

    id: str
    at: datetime
    already: bool
    """True where it had ended before; then nothing changed."""
    withdrawn: tuple[str, ...]
    """Finished clips that are no longer served."""
    stopped: tuple[str, ...]
    """Generations that were under way and will not be released."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revocations:
    """Ends consents and grants. An authenticated session suffices; no signature is asked for."""

    db: Database
    vault: Vault
    ledger: Ledger

    def revoke_consent(self, person: PersonRecord, consent_id: str) -> Withdrawal:
        """End one's consent, with every grant under it and every clip made under it.

        Raises:
            NotFoundError: it is not a consent of this person.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            record = tx.consents.get(consent_id)
            if record.person_id != person.id:
                raise NotFoundError(f"no consent {consent_id}")
            now = tx.now()
            ended = tx.consents.revoke(consent_id, now)
            if ended:
                for grant in tx.consents.given(person.id):
                    tx.consents.revoke_grant(grant.id, now)
                self._record(tx, person, consent_id, now)
            clips = self._reached(tx, person, consent=consent_id, grant=None)
            result = _end_clips(tx, consent_id, clips, now, already=not ended)
        self._destroy(clips)
        self.ledger.sequence()
        return result

    def revoke_grant(self, person: PersonRecord, grant_id: str) -> Withdrawal:
        """End one grant, and every clip made under it.

        Raises:
            NotFoundError: it is not a grant of this person.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            record = tx.consents.get_grant(grant_id)
            if record.person_id != person.id:
                raise NotFoundError(f"no grant {grant_id}")
            now = tx.now()
            ended = tx.consents.revoke_grant(grant_id, now)
            if ended:
                self._record(tx, person, grant_id, now)
            clips = self._reached(tx, person, consent=None, grant=grant_id)
            result = _end_clips(tx, grant_id, clips, now, already=not ended)
        self._destroy(clips)
        self.ledger.sequence()
        return result

    def sweep(self) -> int:
        """Destroy keys that a crash left behind after a withdrawal; returns how many."""
        with self.db.reading() as tx:
            left = tx.clips.withdrawn_with_key()
        self._destroy(left)
        return len(left)

    def _record(self, tx: Transaction, person: PersonRecord, ref: str, now: datetime) -> None:
        tx.people.raise_epoch(person.id)
        self.ledger.record(
            tx,
            kind="revoke",
            ref=ref,
            private={"target": ref, "person": person.id},
            at=now,
            people=[tx.people.get(person.id)],
        )

    def _reached(
        self, tx: Transaction, person: PersonRecord, *, consent: str | None, grant: str | None
    ) -> list[ClipRecord]:
        reached = []
        for clip in tx.clips.with_person(person.id):
            cited = next(p for p in tx.clips.people(clip.id) if p.person_id == person.id)
            if (consent and cited.consent_id == consent) or (grant and cited.grant_id == grant):
                reached.append(clip)
        return reached

    def _destroy(self, clips: Iterable[ClipRecord]) -> None:
        for clip in clips:
            self.vault.forget_clip(clip)
            with self.db.transaction() as tx:
                tx.clips.change(clip.id, only=("withdrawn", "failed"), dek_id=None, request=None)


def _end_clips(
    tx: Transaction, ref: str, clips: list[ClipRecord], now: datetime, *, already: bool
) -> Withdrawal:
    withdrawn, stopped = [], []
    for clip in clips:
        people = tx.clips.people(clip.id)
        if clip.status in UNFINISHED:
            fail(tx, clip, people, "consent.revoked")
            stopped.append(clip.id)
        else:
            tx.clips.change(
                clip.id,
                only=("completed",),
                status="withdrawn",
                step="withdrawn",
                withdrawn_at=now,
                withdrawn_reason="consent.revoked",
            )
            withdrawn.append(clip.id)
        for told in {clip.maker_id, *(person.person_id for person in people)} - {None}:
            tx.clips.notify(str(told), "clip.withdrawn", clip.id, now)
    return Withdrawal(
        id=ref, at=now, already=already, withdrawn=tuple(withdrawn), stopped=tuple(stopped)
    )
