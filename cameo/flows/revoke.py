"""Withdrawal: it needs less than agreeing did, holds at once, and reaches finished clips.

The exclusive lock is taken first, so a release either committed before it, and is withdrawn here,
or comes after it, and is denied. What was made from a withdrawn clip is withdrawn with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from cameo.flows.gate import held_uses
from cameo.flows.ledger import Ledger
from cameo.flows.release import fail_all, forget
from cameo.flows.vault import Vault
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import UNFINISHED, PersonRecord
from cameo.store.withdrawing import Reached


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
    promise: str | None
    """The signed promise that the log will show it; the person's to keep."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revocations:
    """Ends consents and grants. An authenticated session suffices; no signature is asked for."""

    db: Database
    vault: Vault
    ledger: Ledger

    def revoke_consent(self, person: PersonRecord, consent_id: str) -> Withdrawal:
        """End one's consent, with every grant under it and every clip made under it.

        Withdrawing the newest consent withdraws the older ones that it replaced too: nothing of
        this person stays served.

        Raises:
            NotFoundError: it is not a consent of this person.
        """

        def reach(tx: Transaction) -> set[str]:
            own = [consent.id for consent in tx.consents.history(person.id)]
            if consent_id not in own:
                _not_found(consent_id)
            consents = set(own) if own[0] == consent_id else {consent_id}
            return consents | tx.consents.granted_under(consents)

        return self._withdraw(person, consent_id, reach)

    def revoke_grant(self, person: PersonRecord, grant_id: str) -> Withdrawal:
        """End what one permitted somebody, and every clip made with that permission.

        Grants to the same person that this one replaced, or that replaced it, end as well: whoever
        withdraws a permission does not mean an earlier wording of it to go on.

        Raises:
            NotFoundError: it is not a grant of this person.
        """

        def reach(tx: Transaction) -> set[str]:
            return tx.consents.alike(person.id, grant_id) or _not_found(grant_id)

        return self._withdraw(person, grant_id, reach)

    def revoke_all(self, tx: Transaction, person: PersonRecord, ref: str) -> Withdrawal:
        """End everything a person agreed to, in a transaction that holds their exclusive lock."""
        consents = {consent.id for consent in tx.consents.history(person.id)}
        return self._end(tx, person, ref, consents | tx.consents.granted_under(consents))

    def promise(self, person: PersonRecord, ref: str) -> str:
        """The promise that a withdrawal got, once more.

        Raises:
            NotFoundError: there was no such withdrawal of this person.
        """
        with self.db.reading() as tx:
            note = tx.rights.promise(person.id, ref)
        if note is None:
            raise NotFoundError(f"{ref} was not withdrawn")
        return note

    def sweep(self) -> int:
        """Destroy keys of clips that are over and still have one; returns how many.

        The worker calls this all the time, and again after a crash.
        """
        with self.db.reading() as tx:
            left = tx.clips.over_with_key()
        for clip in left:
            forget(self.db, self.vault, clip)
        return len(left)

    def _withdraw(
        self, person: PersonRecord, ref: str, reach: Callable[[Transaction], set[str]]
    ) -> Withdrawal:
        # From the commit on, nothing that was reached is served, because that hangs on its status.
        # Its keys are destroyed by the worker's next look: nobody waits for the disk here.
        with self.db.transaction(exclusive=[person.id]) as tx:
            return self._end(tx, person, ref, reach(tx))

    def _end(self, tx: Transaction, person: PersonRecord, ref: str, refs: set[str]) -> Withdrawal:
        now = tx.now()
        clips = tx.withdrawing.reached(person.id, refs)
        claim_uses(tx, clips, refs)
        ended = tx.consents.revoke(refs, now)
        promise = None if ended else tx.rights.promise(person.id, ref)
        if ended:
            leaf = self.ledger.record(
                tx,
                kind="revoke",
                ref=ref,
                private={"targets": sorted(refs), "person": person.id},
                at=now,
                people=[tx.people.raise_epoch(person.id)],
            )
            promise = self.ledger.promise(leaf, now)
            tx.rights.keep_promise(person.id, ref, promise, now)
        stopped, withdrawn = withdraw_clips(tx, clips, reason="consent.revoked", now=now)
        return Withdrawal(
            id=ref,
            at=now,
            already=not ended,
            withdrawn=withdrawn,
            stopped=stopped,
            promise=promise,
        )


def claim_uses(tx: Transaction, clips: Iterable[Reached], refs: Iterable[str] = ()) -> None:
    """Lock the documents that change where these clips end, and `refs`, in their one order."""
    running = [clip.people for clip in clips if clip.status in UNFINISHED]
    tx.consents.claim({*refs, *(use for people in running for use in held_uses(people))})


def withdraw_clips(
    tx: Transaction, clips: Iterable[Reached], *, reason: str, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """End clips: (generations stopped, clips withdrawn).

    The caller holds the exclusive lock of somebody in each of them, or in what it was made from;
    every release of it waits for that lock too. It has claimed their uses.
    """
    found = {clip.id: clip for clip in clips}
    running = {clip.id: clip.people for clip in found.values() if clip.status in UNFINISHED}
    finished = [clip.id for clip in found.values() if clip.status == "completed"]
    fail_all(tx, running, reason, now=now)
    tx.withdrawing.withdraw(finished, reason=reason, now=now)
    tx.withdrawing.tell(
        "clip.withdrawn",
        [
            (person, clip.id)
            for clip in found.values()
            for person in {clip.maker_id, *(each.person_id for each in clip.people)}
            if person is not None
        ],
        now,
    )
    return tuple(running), tuple(finished)


def _not_found(ref: str) -> NoReturn:
    raise NotFoundError(f"no consent or grant {ref}")
