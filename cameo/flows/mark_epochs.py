"""Epochs of the marks' keys: begin one, end one, reveal one; and which keys are tried.

Order is the point. An epoch's digests are in the log, under a signed head, before it begins; what
was ordered under an epoch is marked under it, however many begin meanwhile; what was marked under
one that has ended stays detectable. Nothing of this can be undone: the log keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from cameo.flows.ledger import Ledger, opening_of
from cameo.flows.mark_errors import (
    AlreadyRevealedError,
    EpochInUseError,
    EpochNotLoggedError,
    MarkSecretError,
    PresentEpochError,
    UnknownEpochError,
)
from cameo.flows.marks import (
    Because,
    Keys,
    MarkKeys,
    Modality,
    beginning,
    commitments,
    derive,
    revelation,
)
from cameo.store.database import Database, Transaction
from cameo.store.marks import FIRST
from cameo.store.records import LogEntryRecord, MarkEpochRecord

FIRST_SECRET: Final = 1

_LOCK: Final = "marks:epochs"

State = Literal["announced", "present", "ended"]


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochView:
    """One epoch as anybody may know it, and where the log says so."""

    record: MarkEpochRecord
    state: State
    clips: int
    keys: Keys | None
    """Only where they were revealed."""
    entries: tuple[LogEntryRecord, ...]
    """Its beginning, and where it was revealed that too."""

    def to_json(self) -> dict[str, Any]:
        """As it is published; whoever reads it checks each entry's opening against its body."""
        record = self.record
        times = ("began_at", "ended_at", "leaked_at", "revealed_at")
        moments = {name: getattr(record, name) for name in times}
        shown = self.keys
        return {
            "epoch": record.number,
            "state": self.state,
            **{name: None if at is None else at.isoformat() for name, at in moments.items()},
            "commitments": record.commitments,
            "keys": None if shown is None else {name: key.hex() for name, key in shown.items()},
            "entries": [_entry_json(entry) for entry in self.entries],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkEpochs:
    """Keeps the epochs of one service."""

    db: Database
    ledger: Ledger
    secret_of: Callable[[int], bytes] = field(repr=False)
    """A secret by its number, from which keys follow; one that is not there yet is made."""

    def key(self, epoch: int, modality: Modality) -> bytes:
        """The key to mark with under an epoch that has begun.

        The first one begins when it is first asked for.

        Raises:
            UnknownEpochError: it has not begun.
            MarkSecretError: the secret is not the one whose digests were published.
        """
        self.prepare()
        with self.db.reading() as tx:
            record = tx.marks.get(epoch)
        if record is None or record.began_at is None:
            raise UnknownEpochError
        return self.derived(record)[modality]

    def keys(self) -> MarkKeys:
        """The keys that are tried: of the present epoch, and of all under which there are clips.

        Raises:
            MarkSecretError: as `key`: nothing could be found with the wrong keys.
        """
        with self.db.reading() as tx:
            present = tx.marks.present()
            records = {record.number: record for record in tx.marks.all()}
            wanted = {present, *tx.marks.with_clips()}
        derived = {number: self._of(number, records.get(number)) for number in wanted}
        return MarkKeys(present=present, epochs=derived)

    def views(self) -> tuple[EpochView, ...]:
        """Every epoch, the newest first."""
        with self.db.reading() as tx:
            return self.views_in(tx)

    def views_in(self, tx: Transaction) -> tuple[EpochView, ...]:
        """Every epoch as this transaction sees them, the newest first."""
        present = tx.marks.present()
        return tuple(self._view(tx, each, present) for each in reversed(tx.marks.all()))

    def derived(self, record: MarkEpochRecord) -> dict[Modality, bytes]:
        """An epoch's keys.

        Raises:
            MarkSecretError: the secret is not the one whose digests were published.
        """
        keys = derive(self.secret_of(record.secret), record.number)
        published = record.commitments
        if published is not None and commitments(keys) != published:
            raise MarkSecretError
        return keys

    def prepare(self) -> None:
        """See that the first epoch is published and has begun; later calls change nothing.

        Raises:
            EpochNotLoggedError: the log does not show it.
        """
        with self.db.reading() as tx:
            if _ready(tx.marks.get(FIRST)):
                return
        with self.db.transaction(exclusive=[_LOCK]) as tx:
            record = tx.marks.get(FIRST)
            if record is None or record.commitments is None:
                self._announce(tx, FIRST, FIRST_SECRET, "start")
        self._begin(FIRST)

    def rotate(self, *, leaked: bool = False, new_secret: bool = False) -> int:
        """Begin a new epoch; the one before stays detectable. Returns its number.

        What a crash left announced is begun and nothing more.

        Args:
            leaked: whether the present epoch's keys are known to others.
            new_secret: whether the new epoch's keys follow from a new secret: for where the secret
                itself is known. Those of the epochs before still follow from the old one.

        Raises:
            EpochNotLoggedError: the log does not show the new epoch; the present one goes on.
            MarkSecretError: the secret is not the one of the epochs before.
        """
        self.prepare()
        with self.db.transaction(exclusive=[_LOCK]) as tx:
            present = tx.marks.present()
            before = tx.marks.get(present)
            self._of(present, before)
            secret = (FIRST_SECRET if before is None else before.secret) + new_secret
            if leaked:
                tx.marks.leak(present, tx.now())
            if tx.marks.get(present + 1) is None:
                self._announce(tx, present + 1, secret, "leak" if leaked else "rotation")
        self._begin(present + 1)
        return present + 1

    def reveal(self, number: int, *, leaked: bool = False) -> None:
        """Publish an ended epoch's keys in the log; nobody can take that back.

        Args:
            number: which epoch.
            leaked: its keys are known to others. The present epoch is ended for it, and clips that
                are still being made under it are not waited for.

        Raises:
            UnknownEpochError: there is none of this number.
            PresentEpochError: it is the present one, and did not leak.
            EpochInUseError: clips are being made under it, and it did not leak.
            AlreadyRevealedError: that was done before.
        """
        with self.db.reading() as tx:
            record, present = tx.marks.get(number), tx.marks.present()
        if record is None or record.began_at is None:
            raise UnknownEpochError
        if record.revealed_at is not None:
            raise AlreadyRevealedError
        if number == present:
            if not leaked:
                raise PresentEpochError
            self.rotate(leaked=True)
        self._reveal(number, leaked=leaked)
        self.ledger.sequence()

    def _reveal(self, number: int, *, leaked: bool) -> None:
        with self.db.transaction(exclusive=[_LOCK]) as tx:
            record, now = tx.marks.get(number), tx.now()
            if record is None or record.revealed_at is not None:
                raise AlreadyRevealedError
            if leaked:
                tx.marks.leak(number, now)
            elif tx.marks.unfinished(number):
                raise EpochInUseError
            tx.marks.reveal(number, now)
            shown = revelation(number, self.derived(record))
            self.ledger.record(tx, kind="mark", ref=_revealed(number), private=shown, at=now)

    def _announce(self, tx: Transaction, number: int, secret: int, because: Because) -> None:
        published = commitments(derive(self.secret_of(secret), number))
        tx.marks.announce(number, secret, published)
        told = beginning(number, published, because)
        self.ledger.record(tx, kind="mark", ref=_begun(number), private=told, at=tx.now())

    def _begin(self, number: int) -> None:
        """Begin what was announced, but not before a signed head shows it."""
        self.ledger.sequence()
        with self.db.transaction(exclusive=[_LOCK]) as tx:
            if self.ledger.prove(tx, kind="mark", ref=_begun(number)) is None:
                raise EpochNotLoggedError
            tx.marks.begin(number, tx.now())

    def _of(self, number: int, record: MarkEpochRecord | None) -> Keys:
        if record is None:
            return derive(self.secret_of(FIRST_SECRET), number)
        return self.derived(record)

    def _view(self, tx: Transaction, record: MarkEpochRecord, present: int) -> EpochView:
        number = record.number
        found = (tx.log.find("mark", ref) for ref in (_begun(number), _revealed(number)))
        return EpochView(
            record=record,
            state=_state(number, present),
            clips=tx.marks.clips(number),
            keys=None if record.revealed_at is None else self.derived(record),
            entries=tuple(entry for entry in found if entry is not None),
        )


def _ready(record: MarkEpochRecord | None) -> bool:
    return record is not None and None not in {record.began_at, record.video}


def _state(number: int, present: int) -> State:
    if number == present:
        return "present"
    return "announced" if number > present else "ended"


def _begun(number: int) -> str:
    return f"mark-epoch-{number}"


def _revealed(number: int) -> str:
    return f"mark-epoch-{number}-keys"


def _entry_json(entry: LogEntryRecord) -> Mapping[str, Any]:
    opening = opening_of(entry)
    return {
        "index": entry.idx,
        "body": entry.body.decode(),
        "salt": None if opening is None else opening.salt.hex(),
        "private": None if opening is None else opening.private.decode(),
    }
