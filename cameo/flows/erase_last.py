"""The last step of an erasure: what is written down about a person is overwritten."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cameo.flows.errors import FlowError
from cameo.flows.ledger import Ledger
from cameo.flows.likenesses import Likenesses
from cameo.flows.policy import Policy
from cameo.flows.receipt import Receipt, sign_receipt
from cameo.store.database import Transaction
from cameo.store.records import (
    ClipRecord,
    ConsentRecord,
    EnrolmentRecord,
    GrantRecord,
)
from cameo.store.rights import ErasureRecord
from provenance.log.entries import SALT_BYTES, person_ref
from provenance.log.notes import NoteSigner

_UNNAMED: Final = ("key", "enrol", "restrict", "restore", "erase")
"""Entries that the service can no longer tell apart afterwards. Those of consents, grants and
withdrawals keep the ids of what stays as a digest: they are the proof that it was there."""


class NotDestroyedError(FlowError):
    """A key that was to be destroyed still opens something; the erasure is not finished."""

    code = "cameo.not_destroyed"


@dataclass(frozen=True, kw_only=True, slots=True)
class LastStep:
    """Overwrites, gives a new reference in the log, and signs the receipt."""

    likenesses: Likenesses
    ledger: Ledger
    policy: Policy
    signer: NoteSigner
    """Signs receipts, with a key of its own."""

    def take(self, tx: Transaction, record: ErasureRecord) -> None:
        """Overwrite documents, openings and salt, and sign the receipt, in this transaction.

        The caller holds the person's exclusive lock and has destroyed the keys.

        Raises:
            NotDestroyedError: something still opens although it was destroyed.
        """
        now = tx.now()
        person = tx.people.get(record.person_id)
        enrolments = to_destroy(tx, person.id)
        kept = tx.erasing.clips_with_key(person.id)
        held = tuple(clip for clip in kept if tx.rights.holds_clip(clip.id))
        # The receipt says that they are gone, so the keys themselves are asked.
        gone = all(self.likenesses.is_gone(each) for each in enrolments)
        if not gone or len(held) != len(kept):
            raise NotDestroyedError
        receipt = self._receipt(tx, record, enrolments, held, now)
        reference = person_ref(person.id, person.log_salt)
        tx.erasing.blank_documents(person.id, now)
        tx.erasing.forget_traces(person.id)
        tx.enrolments.wipe((each.id for each in enrolments), now)
        tx.erasing.forget_openings(reference)
        tx.erasing.unname(reference, _UNNAMED)
        tx.erasing.change_salt(person.id, secrets.token_bytes(SALT_BYTES))
        self._restate_keys(tx, person.id, now)
        tx.rights.finish_erasure(record.id, sign_receipt(receipt, self.signer), now)
        tx.clips.notify(person.id, "cameo.erased", None, now, record.id)

    def _restate_keys(self, tx: Transaction, person_id: str, now: datetime) -> None:
        """Say again under the new reference which keys a person has, and which have ended.

        The account goes on: a consent that is signed from here on needs a key in the log before
        it, and nothing may lead from the new reference to the old one.
        """
        for key in tx.people.keys(person_id):
            self.ledger.record(
                tx,
                kind="key",
                ref=key.id,
                private=json.loads(key.registration),
                at=now,
                people=[tx.people.get(person_id)],
            )
            if key.revoked_at is not None:
                tx.people.raise_epoch(person_id)
                self.ledger.record(
                    tx,
                    kind="restrict",
                    ref=key.id,
                    private={"act": "key_revoked", "key": key.id, "person": person_id},
                    at=now,
                    people=[tx.people.get(person_id)],
                )

    def _receipt(
        self,
        tx: Transaction,
        record: ErasureRecord,
        enrolments: Sequence[EnrolmentRecord],
        held: Sequence[ClipRecord],
        now: datetime,
    ) -> Receipt:
        person_id = record.person_id
        signed: list[ConsentRecord | GrantRecord] = [
            *tx.consents.history(person_id),
            *tx.consents.given(person_id),
        ]
        return Receipt(
            erasure=record.id,
            person=person_id,
            reason=record.reason,
            requested_at=record.requested_at,
            done_at=now,
            enrolments=tuple(each.id for each in enrolments if each.deks is not None),
            likeness_keys=sum(self.likenesses.count(each) for each in enrolments),
            clips=len(tx.erasing.clips_without_key(person_id)),
            clips_held=tuple(clip.id for clip in held),
            documents=tuple((each.id, each.sha256) for each in signed if each.erased_at is None),
            likeness_unreadable_at=now + self.likenesses.vault.keys.bound,
            documents_unreadable_at=now + self.policy.backups_kept,
        )


def to_destroy(tx: Transaction, person_id: str) -> tuple[EnrolmentRecord, ...]:
    """The ended enrolments of a person that were not overwritten yet."""
    return tuple(
        each
        for each in tx.enrolments.all(person_id)
        if each.status == "erased" and each.erased_at is None
    )
