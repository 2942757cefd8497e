"""Legal holds: the operator must keep something. A hold stops destruction and enables no use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cameo.flows.erase import Erasures
from cameo.flows.errors import HoldError, InvalidRequestError
from cameo.flows.lineage import destruction_of
from cameo.store.database import Database
from cameo.store.records import PersonRecord

_LONGEST = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Holds:
    """Sets and lifts legal holds; for the operator's own command line."""

    db: Database
    erasures: Erasures

    def set(self, person: PersonRecord, reason: str) -> None:
        """From here on nothing of this person is destroyed; what they withdrew stays withdrawn.

        Raises:
            InvalidRequestError: the reason is empty or too long.
            HoldError: there is a hold already.
        """
        if not 1 <= len(reason.strip()) <= _LONGEST:
            raise InvalidRequestError(f"reason: 1 to {_LONGEST} characters")
        with self.db.transaction(exclusive=[person.id, destruction_of(person.id)]) as tx:
            if not tx.rights.hold(person.id, reason.strip(), tx.now()):
                raise HoldError
            waiting = tx.rights.erasures(person.id, waiting=True)
            for erasure in waiting:
                tx.clips.notify(person.id, "cameo.erasure_waits", None, tx.now(), erasure.id)

    def lift(self, person: PersonRecord) -> int:
        """End a hold, and do the destruction that waited; returns how many erasures waited.

        Raises:
            HoldError: there is none.
            KeysError, StoreError: something could not be destroyed now; the sweep tries again.
        """
        with self.db.transaction(exclusive=[person.id]) as tx:
            if not tx.rights.hold(person.id, None, tx.now()):
                raise HoldError
            waiting = len(tx.rights.erasures(person.id, waiting=True))
        self.erasures.resume(person)
        self.erasures.revocations.sweep()
        return waiting

    def all(self) -> tuple[tuple[str, str, datetime], ...]:
        """Handle, reason and begin of every hold."""
        with self.db.reading() as tx:
            return tx.rights.held()
