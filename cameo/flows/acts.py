"""Signed acts besides consents and grants: letting one clip be published, and ending a pause.

Pausing, declining and taking an approval back need a session only, and hold at once.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from cameo.flows.errors import InvalidRequestError, NotReadyError, StaleDocumentError
from cameo.flows.ledger import Ledger
from cameo.flows.policy import Policy
from cameo.flows.signing import Prepared, prepared, require_fresh, take_signed
from cameo.flows.ties import restrict
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.ids import new_id
from cameo.store.records import ClipPersonRecord, ClipRecord, PersonRecord
from consent.documents import ApprovalDocument, ResumptionDocument
from consent.evidence import Evidence
from consent.ids import ApprovalId, ClipId, ConsentId, PersonId, ResumptionId, Sha256Hex
from consent.vocabulary import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class Acts:
    """Approves, declines, pauses, resumes."""

    db: Database
    ledger: Ledger
    policy: Policy

    def prepare_approval(
        self, person: PersonRecord, clip_id: str, *, language: Lang = "en"
    ) -> Prepared:
        """The document by which a person lets a clip with them in it be published.

        Raises:
            NotFoundError: the person is not in that clip.
            NotReadyError: the clip is not finished, or is over.
        """
        with self.db.reading() as tx:
            clip, member = _clip_with(tx, person, clip_id)
            draft = ApprovalDocument(
                document_id=ApprovalId(new_id("apr")),
                subject=PersonId(person.id),
                language=language,
                clip_id=ClipId(clip.id),
                media_sha256=Sha256Hex(clip.media_sha256 or ""),
                consent_id=ConsentId(member.consent_id),
                issued_at=tx.now(),
                nonce=secrets.token_hex(32),
                subject_epoch=tx.people.get(person.id).epoch,
                previous_sha256=None,
            )
        return prepared(draft)

    def approve(
        self, person: PersonRecord, document: bytes, evidence: Evidence, *, clip_id: str
    ) -> str:
        """Take a signed approval; returns the clip's id.

        Raises:
            EvidenceError: the signature is not by a key of this person.
            StaleDocumentError: something changed since it was prepared.
            NotFoundError: the person is not in that clip.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            signed = take_signed(tx, person, document, evidence, ApprovalDocument)
            approval, now = signed.document, tx.now()
            require_fresh(tx, self.policy, person, approval, previous_sha256=None, now=now)
            if approval.clip_id != clip_id:
                raise InvalidRequestError("this approves another video")
            clip, member = _clip_with(tx, person, clip_id)
            stated = (approval.media_sha256, approval.consent_id)
            if stated != (clip.media_sha256, member.consent_id):
                raise StaleDocumentError
            # One that stands is not replaced: a link may rest on it, and the log says on which.
            taken = tx.clips.approve(
                clip.id,
                person.id,
                "approved",
                only=("none", "needed", "asked", "declined"),
                document=document,
                evidence=signed.evidence,
                now=now,
            )
            if taken and clip.maker_id is not None:
                tx.clips.notify(clip.maker_id, "clip.approved", clip.id, now)
        return clip.id

    def decline(self, person: PersonRecord, clip_id: str) -> None:
        """Refuse a clip's publication, or take an approval back; a link that it has ends.

        Raises:
            NotFoundError: the person is not in that clip.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            clip, member = _clip_with(tx, person, clip_id, over=True)
            now = tx.now()
            # The clip's row before those of its people, as everywhere.
            tx.clips.change(clip.id, share_token=None, published_at=None)
            tx.clips.approve(
                clip.id, person.id, "declined", only=("none", "needed", "asked", "approved")
            )
            if member.approval == "approved":
                # What was signed is void from here on: a later copy of it cites an older epoch.
                restrict(tx, self.ledger, "decline", [person.id], by=person.id)
            if clip.maker_id is not None and member.approval != "declined":
                tx.clips.notify(clip.maker_id, "clip.declined", clip.id, now)

    def pause(self, person: PersonRecord) -> bool:
        """Allow nothing new and show nothing, until the person resumes; False where paused."""
        with self.db.transaction(exclusive=[person.id]) as tx:
            changed = tx.ties.pause(person.id, tx.now())
            if changed:
                restrict(tx, self.ledger, "pause", [person.id], by=person.id)
        return changed

    def prepare_resumption(self, person: PersonRecord, *, language: Lang = "en") -> Prepared:
        """The document by which a person ends their own pause.

        Raises:
            InvalidRequestError: there is no pause.
        """
        with self.db.reading() as tx:
            current = tx.people.get(person.id)
            if current.paused_at is None:
                raise InvalidRequestError("you have not paused")
            draft = ResumptionDocument(
                document_id=ResumptionId(new_id("rsm")),
                subject=PersonId(person.id),
                language=language,
                issued_at=tx.now(),
                nonce=secrets.token_hex(32),
                subject_epoch=current.epoch,
                previous_sha256=None,
            )
        return prepared(draft)

    def resume(self, person: PersonRecord, document: bytes, evidence: Evidence) -> None:
        """End a pause. Pausing raised the epoch, so an older resumption is stale.

        Raises:
            EvidenceError: the signature is not by a key of this person.
            StaleDocumentError: something changed since it was prepared.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            signed = take_signed(tx, person, document, evidence, ResumptionDocument)
            now = tx.now()
            require_fresh(tx, self.policy, person, signed.document, previous_sha256=None, now=now)
            if not tx.ties.pause(person.id, None):
                raise InvalidRequestError("you have not paused")
            self.ledger.record(
                tx,
                kind="restore",
                ref=person.id,
                private={
                    "act": "resume",
                    "person": person.id,
                    "document": document.decode(),
                    "evidence": json.loads(signed.evidence),
                },
                at=now,
                people=[tx.people.get(person.id)],
            )


def _clip_with(
    tx: Transaction, person: PersonRecord, clip_id: str, *, over: bool = False
) -> tuple[ClipRecord, ClipPersonRecord]:
    clip = tx.clips.get(clip_id)
    for member in tx.clips.people(clip_id):
        if member.person_id == person.id:
            if not over and (clip.status != "completed" or clip.media_sha256 is None):
                raise NotReadyError("only a finished video that is still served can be approved")
            return clip, member
    raise NotFoundError(f"no video {clip_id} with you in it")
