"""RELEASE: the moment a clip with people in it may leave. The gate is asked again, under locks.

Before it, nobody but the workers sees the clip. Whatever fails here fails closed: the clip is not
served, its uses and its charge are given back, and the reason code says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cameo.flows.gate import Answer, Ask, ask_gate, held_uses, told
from cameo.flows.ledger import Ledger
from cameo.flows.lineage import concerned, destruction_of, locked_clip, source_is_withdrawn
from cameo.flows.order import open_request
from cameo.flows.policy import Policy
from cameo.flows.vault import Vault
from cameo.keys.errors import KeyDestroyed
from cameo.store.database import Database, Transaction
from cameo.store.records import OVER, ClipPersonRecord, ClipRecord
from cameo.store.releasing import Candidate, Completion, Lease
from cameo.store.withdrawing import Holding
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
        with self.db.transaction() as tx:
            found = tx.releasing.candidate(clip_id)
            if found.sources:
                tx.lock(shared=concerned(tx, found.people, found.sources))
            status = self._release(tx, found, media_sha256, media_bytes)
        if status in OVER:
            self._forget_if_over(clip_id)
        return status

    def _release(
        self, tx: Transaction, found: Candidate, media_sha256: str, media_bytes: int
    ) -> str:
        if found.status == "in_progress":
            try:
                request = open_request(self.vault, found)
            except KeyDestroyed:
                # Ended since it was looked at, before the locks; the prompt went with it.
                status = tx.clips.get(found.id).status
                if status not in OVER:
                    raise
                return status
            answer = self._answer(tx, found, request)
            refusal = self._refusal(tx, found, answer)
            if refusal is not None:
                fail_all(tx, {found.id: found.people}, refusal, now=answer.now)
            elif self._complete(
                tx, found, answer, _record(found, request, media_sha256), media_bytes
            ):
                return "completed"
        # Somebody else ended it, before it was read or since; that gave back what it held.
        return tx.clips.get(found.id).status

    def give_up(self, clip_id: str, code: str, detail: str = "") -> None:
        """End a clip that cannot be made: its uses and its charge are given back.

        A clip that was completed meanwhile stays as it is.
        """
        # The people's locks come before the clip's row, as they do for a withdrawal: two
        # transactions that took them in different orders would wait for each other.
        with locked_clip(self.db, clip_id) as (tx, clip, people):
            fail(tx, clip, people, code, detail)
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

    def _refusal(self, tx: Transaction, found: Candidate, answer: Answer) -> str | None:
        people = found.people
        if not found.archived:
            return "release.not_archived"
        if source_is_withdrawn(tx, found.sources):
            return "release.source_withdrawn"
        if any(answer.now >= person.lease_expires_at for person in people):
            return "release.lease_expired"
        decision = answer.decision
        if not decision.allowed:
            return next(iter(told(decision)), "release.refused")
        cited = {(p.person_id, p.consent_id, p.grant_id) for p in decision.people}
        leased = {(p.person_id, p.consent_id, p.grant_id) for p in people}
        # The manifest names the documents of the lease; a clip under others would say a falsehood.
        return None if cited == leased else "release.documents_changed"

    def _answer(self, tx: Transaction, found: Candidate, request: Mapping[str, Any]) -> Answer:
        ask = Ask(
            requester=found.maker_id or "",
            people=tuple(person.person_id for person in found.people),
            modalities=frozenset(request["modalities"]),
            purpose=Purpose(request["purpose"]),
            content_classes=frozenset(request["classes"]),
            spoken=request["spoken"],
            held=frozenset(held_uses(found.people)),
            licensed=request["licensed"],
        )
        return ask_gate(tx, ask, self.policy)

    def _complete(
        self,
        tx: Transaction,
        found: Candidate,
        answer: Answer,
        record: Mapping[str, Any],
        media_bytes: int,
    ) -> bool:
        leaf, opening = self.ledger.leaf(
            kind="release", private=record, at=answer.now, people=answer.people
        )
        return tx.releasing.complete(
            Completion(
                clip_id=found.id,
                now=answer.now,
                media_sha256=record["media_sha256"],
                media_bytes=media_bytes,
                uses=held_uses(found.people),
                told=[p.person_id for p in found.people if p.person_id != found.maker_id],
                leaf=leaf,
                opening=opening,
            )
        )


def _record(found: Candidate, request: Mapping[str, Any], media_sha256: str) -> dict[str, Any]:
    """What the log commits to: all that an auditor needs to judge the consents again."""
    return {
        "clip": found.id,
        "payload": found.payload,
        "media_sha256": media_sha256,
        "maker": found.maker_id,
        "modalities": sorted(request["modalities"]),
        "purpose": request["purpose"],
        "classes": sorted(request["classes"]),
        "people": [
            {
                "person": person.person_id,
                "consent": person.consent_id,
                "grant": person.grant_id,
                "epoch": person.epoch,
            }
            for person in found.people
        ],
    }


def forget(db: Database, vault: Vault, clip: ClipRecord) -> None:
    """Destroy the key of a clip that is over, delete what it locked, and note that it is done.

    Killed in between, the clip's row still names the key, and the next sweep does it again. Where
    somebody in it is under a legal hold, all of it waits for the end of that; the locks make sure
    that once a hold was set nothing is destroyed.
    """
    with db.transaction() as tx:
        tx.lock(shared={destruction_of(each.person_id) for each in tx.clips.people(clip.id)})
        if tx.rights.holds_clip(clip.id):
            return
        vault.forget_clip(clip)
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
    fail_all(tx, {clip.id: people}, code, detail=detail, refund=refund, now=tx.now())


def fail_all(
    tx: Transaction,
    members: Mapping[str, Iterable[ClipPersonRecord | Holding | Lease]],
    code: str,
    *,
    now: datetime,
    detail: str = "",
    refund: bool = True,
) -> None:
    """As `fail`, for many clips with those who are in them: nobody waits for each of them."""
    ended = tx.withdrawing.fail(members, code=code, detail=detail[:500], refund=refund, now=now)
    tx.consents.give_back(use for each in ended for use in held_uses(members[each]))
