"""Erasure: a person's cameo goes, the account stays. No signature is asked for.

Asking for it ends at once everything that was agreed, in one commit under the person's exclusive
lock. Destruction follows: the keys of all likenesses and clips, then documents, what opens the
log's entries, and the salt of the person's reference there. Each step may be repeated, so a sweep
finishes what a crash interrupted, and one under a legal hold waits and goes on after it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, Final

from cameo.flows.erase_last import LastStep, NotDestroyedError, to_destroy
from cameo.flows.errors import FlowError, NoCameoError, NotConfirmedError
from cameo.flows.freezing import settle
from cameo.flows.ledger import Ledger
from cameo.flows.likenesses import Likenesses
from cameo.flows.lineage import destruction_of
from cameo.flows.log_views import LogViews
from cameo.flows.past import past_consent
from cameo.flows.revoke import Revocations, Withdrawal
from cameo.keys.errors import KeysError
from cameo.store.database import Database, Transaction
from cameo.store.errors import StoreError
from cameo.store.ids import new_id
from cameo.store.records import PersonRecord
from cameo.store.rights import ErasureReason, ErasureRecord

_PATIENCE: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What asking for an erasure did."""

    record: ErasureRecord
    held: bool
    """Whether a legal hold makes the destruction wait."""
    withdrawal: Withdrawal | None
    """What was ended; None where that was asked for before."""
    past: dict[str, Any]
    """What proves past consent: shown now, and kept by nobody else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasures:
    """Erases cameos."""

    db: Database
    likenesses: Likenesses
    ledger: Ledger
    revocations: Revocations
    views: LogViews
    last_step: LastStep

    def erase(self, person: PersonRecord, *, confirm: str) -> Erased:
        """Erase one's own cameo. Asked again while it waits, it tells how it stands.

        Raises:
            NotConfirmedError: `confirm` is not the person's handle.
            NoCameoError: there is nothing to erase.
        """
        if confirm.strip().removeprefix("@").casefold() != person.handle:
            raise NotConfirmedError
        with self.db.transaction(exclusive=[person.id]) as tx:
            record, withdrawal = self.request(tx, person, "asked")
        self.ledger.sequence()
        past = past_consent(self.db, self.ledger, self.views, person)
        # What cannot be done now is asked for durably, and the sweep does it.
        with suppress(KeysError, StoreError, NotDestroyedError):
            self.finish(record.id)
        with self.db.reading() as tx:
            record = tx.rights.erasure(record.id)
            held = tx.people.get(person.id).held_at is not None
        return Erased(
            record=record,
            held=held and record.done_at is None,
            withdrawal=withdrawal,
            past=past,
        )

    def request(
        self, tx: Transaction, person: PersonRecord, reason: ErasureReason
    ) -> tuple[ErasureRecord, Withdrawal | None]:
        """End everything a person agreed to and promise the destruction, in this transaction.

        The caller holds the person's exclusive lock, and calls `finish` after the commit.

        Raises:
            NoCameoError: there is nothing to erase.
        """
        waiting = tx.rights.erasures(person.id, waiting=True)
        if waiting:
            return waiting[0], None
        enrolments = [each for each in tx.enrolments.all(person.id) if each.erased_at is None]
        consents = [each for each in tx.consents.history(person.id) if each.erased_at is None]
        if not enrolments and not consents:
            raise NoCameoError
        record = ErasureRecord(
            id=new_id("era"),
            person_id=person.id,
            reason=reason,
            requested_at=tx.now(),
            done_at=None,
            receipt=None,
        )
        withdrawal = self.revocations.revoke_all(tx, person, record.id)
        tx.enrolments.end(each.id for each in enrolments)
        for contest in tx.rights.contests(person_id=person.id, states=("open",)):
            settle(tx, self.ledger, contest, "lapsed", record.requested_at)
        tx.people.raise_epoch(person.id)
        # The last entry under this reference that ends something: a use after it is a finding.
        self.ledger.record(
            tx,
            kind="erase",
            ref=record.id,
            private={"erasure": record.id, "person": person.id, "reason": reason},
            at=record.requested_at,
            people=[tx.people.get(person.id)],
        )
        tx.rights.request_erasure(record)
        tx.clips.notify(person.id, "cameo.erasure_requested", None, record.requested_at, record.id)
        return record, withdrawal

    def finish(self, erasure_id: str) -> bool:
        """Destroy what is left; False while a legal hold makes it wait.

        Raises:
            KeysError, StoreError: something could not be destroyed now; try again.
            NotDestroyedError: something still opens although it was destroyed.
        """
        with self.db.reading() as tx:
            record = tx.rights.erasure(erasure_id)
            left = to_destroy(tx, record.person_id)
        if record.done_at is not None:
            return True
        for enrolment in left:
            # Under the person's lock: once a hold was set, nothing more is destroyed.
            with self.db.transaction(exclusive=[record.person_id]) as tx:
                if tx.people.get(record.person_id).held_at is not None:
                    return False
                self.likenesses.forget(enrolment)
        self.revocations.sweep()
        self.ledger.sequence()
        # What the receipt says of clips must not change while it is written.
        alone = [record.person_id, destruction_of(record.person_id)]
        with self.db.transaction(exclusive=alone) as tx:
            if tx.people.get(record.person_id).held_at is not None:
                return False
            if tx.rights.erasure(erasure_id).done_at is None:
                self.last_step.take(tx, record)
        self.ledger.sequence()
        self.db.let_go()
        return True

    def resume(self, person: PersonRecord) -> None:
        """Finish what waited for the end of a legal hold.

        Raises:
            KeysError, StoreError: something could not be destroyed now; the sweep tries again.
        """
        with self.db.reading() as tx:
            waiting = tx.rights.erasures(person.id, waiting=True)
        for record in waiting:
            self.finish(record.id)

    def sweep(self, patience: timedelta = _PATIENCE) -> int:
        """Finish erasures that a crash interrupted or that waited; returns how many are done.

        Args:
            patience: how long whoever asked has for being handed what proves past consent.

        Raises:
            KeysError, StoreError, FlowError: the first trouble, after all were tried.
        """
        with self.db.reading() as tx:
            before = tx.now() - patience
            waiting = [
                each for each in tx.rights.erasures(waiting=True) if each.requested_at <= before
            ]
        done, trouble = 0, None
        for record in waiting:
            try:
                done += self.finish(record.id)
            except (KeysError, StoreError, FlowError) as error:
                trouble = trouble or error
        self.db.let_go()
        if trouble is not None:
            raise trouble
        return done

    def again(self) -> int:
        """Erase again what a database from an old backup brought back; returns how many people.

        Such a row says that a likeness is kept, and its keys say that it was destroyed. Keys are
        destroyed for good, so they are believed: whoever erased their cameo stays without one.
        """
        with self.db.reading() as tx:
            sealed = tx.enrolments.sealed()
        back = 0
        for person_id, found in groupby(sealed, lambda each: each.person_id):
            if not all(self.likenesses.is_gone(each) for each in found):
                continue
            with self.db.transaction(exclusive=[person_id]) as tx:
                record, _ = self.request(tx, tx.people.get(person_id), "restored")
            self.finish(record.id)
            back += 1
        return back

    def of(self, person: PersonRecord) -> tuple[ErasureRecord, ...]:
        """A person's erasures, with receipts of those that are done; newest first."""
        with self.db.reading() as tx:
            return tx.rights.erasures(person.id)[::-1]
