"""Withdrawal: it needs less than agreeing did, holds at once, and reaches finished clips.

The exclusive lock is taken first, so a release either committed before it, and is withdrawn here,
or comes after it, and is denied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cameo.flows.ledger import Ledger
from cameo.flows.release import fail, forget
from cameo.flows.vault import Vault
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import UNFINISHED, ClipRecord, ConsentRecord, GrantRecord, PersonRecord


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

        Withdrawing the newest consent withdraws the older ones that it replaced too: nothing of
        this person stays served.

        Raises:
            NotFoundError: it is not a consent of this person.
        """

        def reach(tx: Transaction) -> set[str]:
            _require_own(person, tx.consents.get(consent_id), consent_id)
            own = tx.consents.history(person.id)
            newest = own[0].id == consent_id
            consents = {consent.id for consent in own} if newest else {consent_id}
            given = tx.consents.given(person.id)
            return consents | {grant.id for grant in given if grant.consent_id in consents}

        return self._withdraw(person, consent_id, reach)

    def revoke_grant(self, person: PersonRecord, grant_id: str) -> Withdrawal:
        """End what one permitted somebody, and every clip made with that permission.

        Grants to the same person that this one replaced, or that replaced it, end as well: whoever
        withdraws a permission does not mean an earlier wording of it to go on.

        Raises:
            NotFoundError: it is not a grant of this person.
        """

        def reach(tx: Transaction) -> set[str]:
            grant = tx.consents.get_grant(grant_id)
            _require_own(person, grant, grant_id)
            return {each.id for each in tx.consents.grants_for(person.id, grant.grantee_id)}

        return self._withdraw(person, grant_id, reach)

    def sweep(self) -> int:
        """Destroy keys of clips that are over, which a crash left behind; returns how many."""
        with self.db.reading() as tx:
            left = tx.clips.over_with_key()
        for clip in left:
            forget(self.db, self.vault, clip)
        return len(left)

    def _withdraw(
        self, person: PersonRecord, ref: str, reach: Callable[[Transaction], set[str]]
    ) -> Withdrawal:
        with self.db.transaction(exclusive=[person.id]) as tx:
            now = tx.now()
            refs = reach(tx)
            ended = tx.consents.revoke(refs, now)
            if ended:
                tx.people.raise_epoch(person.id)
                self.ledger.record(
                    tx,
                    kind="revoke",
                    ref=ref,
                    private={"targets": sorted(refs), "person": person.id},
                    at=now,
                    people=[tx.people.get(person.id)],
                )
            clips = _reached(tx, person, refs)
            result = _end_clips(tx, ref, clips, now, already=not ended)
        for clip in clips:
            forget(self.db, self.vault, clip)
        self.ledger.sequence()
        return result


def _require_own(person: PersonRecord, record: ConsentRecord | GrantRecord, ref: str) -> None:
    if record.person_id != person.id:
        raise NotFoundError(f"no consent or grant {ref}")


def _reached(tx: Transaction, person: PersonRecord, refs: set[str]) -> list[ClipRecord]:
    """The clips that rest on one of these documents of a person."""
    return [
        clip
        for clip in tx.clips.with_person(person.id)
        for cited in tx.clips.people(clip.id)
        if cited.person_id == person.id and refs & {cited.consent_id, cited.grant_id}
    ]


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
