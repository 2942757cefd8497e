"""RELEASE: the moment a clip with people in it may leave. The gate is asked again, under locks.

Before it, nobody but the workers sees the clip. Whatever fails here fails closed: the clip is not
served, its uses and its charge are given back, and the reason code says why.
"""

from __future__ import annotations

from dataclasses import dataclass

from cameo.flows.gate import Ask, ask_gate
from cameo.flows.ledger import Ledger
from cameo.flows.order import open_request
from cameo.flows.policy import Policy
from cameo.flows.vault import Vault
from cameo.store.database import Database, Transaction
from cameo.store.records import OVER, UNFINISHED, ClipPersonRecord, ClipRecord
from consent.decide import Decision
from consent.vocabulary import Purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class Releases:
    """Lets finished clips out, or does not."""

    db: Database
    vault: Vault
    ledger: Ledger
    policy: Policy

    def release(self, clip_id: str, *, media_sha256: str, media_bytes: int) -> str:
        """Decide again and, if everybody still agrees, complete the clip.

        Idempotent: a clip that is completed stays so, and nothing is counted twice.

        Returns:
            The clip's status afterwards: ``completed`` or ``failed`` (or ``withdrawn``, where
            somebody was faster).
        """
        people = self._people(clip_id)
        with self.db.transaction(shared=[person.person_id for person in people]) as tx:
            clip = tx.clips.get(clip_id)
            if clip.status == "in_progress":
                refusal = self._refusal(tx, clip, people)
                if refusal is None:
                    self._complete(tx, clip, people, media_sha256, media_bytes)
                else:
                    fail(tx, clip, people, refusal)
            status = tx.clips.get(clip_id).status
        self._forget_if_over(clip_id)
        return status

    def give_up(self, clip_id: str, code: str, detail: str = "") -> None:
        """End a clip that cannot be made: its uses and its charge are given back.

        A clip that was completed meanwhile stays as it is.
        """
        people = self._people(clip_id)
        # The people's locks come before the clip's row, as they do for a withdrawal: two
        # transactions that took them in different orders would wait for each other.
        with self.db.transaction(shared=[person.person_id for person in people]) as tx:
            fail(tx, tx.clips.get(clip_id), people, code, detail)
        self._forget_if_over(clip_id)

    def sweep(self) -> int:
        """Give up clips whose lease is over: whatever held them up, their uses come back."""
        with self.db.reading() as tx:
            late = tx.clips.unfinished(before=tx.now() - self.policy.lease)
        for clip in late:
            self.give_up(clip.id, "release.lease_expired")
        return len(late)

    def _forget_if_over(self, clip_id: str) -> None:
        with self.db.reading() as tx:
            clip = tx.clips.get(clip_id)
        if clip.status in OVER:
            forget(self.db, self.vault, clip)

    def _people(self, clip_id: str) -> tuple[ClipPersonRecord, ...]:
        # Who is in a clip never changes after its order, so this may be read before the locks.
        with self.db.reading() as tx:
            return tx.clips.people(clip_id)

    def _refusal(
        self, tx: Transaction, clip: ClipRecord, people: tuple[ClipPersonRecord, ...]
    ) -> str | None:
        if tx.registry.by_clip(clip.id) is None:
            return "release.not_archived"
        if not people:
            return None
        if any(tx.now() >= person.lease_expires_at for person in people):
            return "release.lease_expired"
        decision = self._decide(tx, clip, people)
        if not decision.allowed:
            return next(iter(decision.reasons), "release.refused")
        cited = {(p.person_id, p.consent_id, p.grant_id) for p in decision.people}
        leased = {(p.person_id, p.consent_id, p.grant_id) for p in people}
        # The manifest names the documents of the lease; a clip under others would say a falsehood.
        return None if cited == leased else "release.documents_changed"

    def _decide(
        self, tx: Transaction, clip: ClipRecord, people: tuple[ClipPersonRecord, ...]
    ) -> Decision:
        request = open_request(self.vault, clip)
        ask = Ask(
            requester=clip.maker_id or "",
            people=tuple(person.person_id for person in people),
            modalities=frozenset(request["modalities"]),
            purpose=Purpose(request["purpose"]),
            content_classes=frozenset(request["classes"]),
            spoken=request["spoken"],
            reserved=frozenset(p.grant_id for p in people if p.grant_id is not None),
        )
        return ask_gate(tx, ask, self.policy)

    def _complete(
        self,
        tx: Transaction,
        clip: ClipRecord,
        people: tuple[ClipPersonRecord, ...],
        media_sha256: str,
        media_bytes: int,
    ) -> None:
        now = tx.now()
        completed = tx.clips.change(
            clip.id,
            only=("in_progress",),
            status="completed",
            step="completed",
            progress=100,
            completed_at=now,
            media_bytes=media_bytes,
        )
        if not completed:
            # Its maker deleted it since it was read above: what it held was given back by that.
            return
        tx.consents.consume(p.grant_id for p in people if p.grant_id is not None)
        for person in people:
            tx.clips.use(clip.id, person.person_id, "consumed", released_at=now)
            if person.person_id != clip.maker_id:
                tx.clips.notify(person.person_id, "clip.with_you", clip.id, now)
        self.ledger.record(
            tx,
            kind="release",
            ref=clip.id,
            private={
                "clip": clip.id,
                "payload": clip.payload,
                "media_sha256": media_sha256,
                "people": [
                    {
                        "person": person.person_id,
                        "consent": person.consent_id,
                        "grant": person.grant_id,
                        "epoch": person.epoch,
                    }
                    for person in people
                ],
            },
            at=now,
            people=[tx.people.get(person.person_id) for person in people],
        )


def forget(db: Database, vault: Vault, clip: ClipRecord) -> None:
    """Destroy the key of a clip that is over, delete what it locked, and note that it is done.

    Killed in between, the clip's row still names the key, and the next sweep does it again.
    """
    vault.forget_clip(clip)
    with db.transaction() as tx:
        tx.clips.change(clip.id, only=OVER, dek_id=None, request=None)


def fail(
    tx: Transaction,
    clip: ClipRecord,
    people: tuple[ClipPersonRecord, ...],
    code: str,
    detail: str = "",
    *,
    refund: bool = True,
) -> None:
    """End an unfinished clip in this transaction and give back what it held.

    The caller holds the locks of the people in it.
    """
    changed = tx.clips.change(
        clip.id,
        only=UNFINISHED,
        status="failed",
        step="failed",
        failure_code=code,
        failure_detail=detail[:500],
        completed_at=tx.now(),
    )
    if not changed:
        return
    tx.consents.give_back(p.grant_id for p in people if p.grant_id is not None)
    for person in people:
        tx.clips.use(clip.id, person.person_id, "returned")
    if refund:
        tx.clips.return_charge(clip.id, tx.now())
