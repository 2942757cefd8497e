"""Follow, block, pause. What may turn allow into deny takes the exclusive locks, like a withdrawal.

A session suffices for everything here but lifting a pause, which the person signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cameo.flows.errors import InvalidRequestError
from cameo.flows.ledger import Ledger
from cameo.store.database import Database, Transaction
from cameo.store.records import PersonRecord

_MOST: Final = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class TieList:
    """One person's ties, for that person's eyes only."""

    follows: tuple[tuple[str, datetime], ...]
    followers: tuple[tuple[str, datetime], ...]
    blocked: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ties:
    """Who follows and who blocks whom."""

    db: Database
    ledger: Ledger

    def follow(self, person: PersonRecord, other: PersonRecord) -> bool:
        """Follow somebody; two who follow each other are mutuals. False where it was so before.

        Raises:
            InvalidRequestError: it is oneself, or one person too many.
        """
        _require_other(person, other)
        with self.db.transaction() as tx:
            if len(tx.ties.followed(person.id)) >= _MOST:
                raise InvalidRequestError(f"you follow {_MOST} people, which is the most")
            return tx.ties.follow(person.id, other.id, tx.now())

    def unfollow(self, person: PersonRecord, other: PersonRecord) -> bool:
        """Follow somebody no more. Where both followed each other, neither is a mutual now."""
        with self.db.transaction(exclusive=[person.id, other.id]) as tx:
            were_mutual = tx.ties.are_mutual(person.id, other.id)
            done = tx.ties.unfollow(person.id, other.id)
            if were_mutual:
                self._restrict(tx, "unfollow", person, other)
        return done

    def block(self, person: PersonRecord, other: PersonRecord) -> bool:
        """Never appear for somebody, nor beside them; both stop following each other.

        The other is not told. False where it was so before.

        Raises:
            InvalidRequestError: it is oneself, or one person too many.
        """
        _require_other(person, other)
        with self.db.transaction(exclusive=[person.id, other.id]) as tx:
            if len(tx.ties.blocked(person.id)) >= _MOST:
                raise InvalidRequestError(f"you block {_MOST} people, which is the most")
            were_mutual = tx.ties.are_mutual(person.id, other.id)
            done = tx.ties.block(person.id, other.id, tx.now())
            tx.ties.unfollow(person.id, other.id)
            tx.ties.unfollow(other.id, person.id)
            # Whoever was blocked before may have become a mutual since; that ends here as well.
            if done or were_mutual:
                self._restrict(tx, "block", person, *([other] if were_mutual else []))
        return done

    def unblock(self, person: PersonRecord, other: PersonRecord) -> bool:
        """Block somebody no more; nothing else comes back with it. False where nobody was."""
        with self.db.transaction(exclusive=[person.id]) as tx:
            done = tx.ties.unblock(person.id, other.id)
            if done:
                self.ledger.record(
                    tx,
                    kind="restore",
                    ref=person.id,
                    private={"act": "unblock", "person": person.id, "other": other.id},
                    at=tx.now(),
                    people=[tx.people.get(person.id)],
                )
        return done

    def mine(self, person: PersonRecord) -> TieList:
        """Whom a person follows and blocks, and who follows them; by handle."""
        with self.db.reading() as tx:
            return TieList(
                follows=tx.ties.followed(person.id),
                followers=tx.ties.followers(person.id),
                blocked=tx.ties.blocked(person.id),
            )

    def _restrict(self, tx: Transaction, act: str, *people: PersonRecord) -> None:
        restrict(tx, self.ledger, act, [person.id for person in people], by=people[0].id)


def restrict(
    tx: Transaction, ledger: Ledger, act: str, people: list[str], *, by: str | None
) -> None:
    """Raise epochs and log that less is allowed now; the caller holds the exclusive locks.

    Args:
        tx: the transaction of the act.
        ledger: the log.
        act: what happened, as it stands in the private record.
        people: whose terms became tighter.
        by: who did it; None for the operator.
    """
    for person in people:
        tx.people.raise_epoch(person)
        # A leaf for each: one for both would show everybody that these two have to do with each
        # other, and would open to one of them what the other did.
        ledger.record(
            tx,
            kind="restrict",
            ref=person,
            private={"act": act, "person": person, "by": by},
            at=tx.now(),
            people=[tx.people.get(person)],
        )


def _require_other(person: PersonRecord, other: PersonRecord) -> None:
    if person.id == other.id:
        raise InvalidRequestError("that is you")
