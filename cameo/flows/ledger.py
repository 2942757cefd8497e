"""The transparency log, as flows use it: a row in the business commit, an index soon after.

Everything a person signs or withdraws, and every release, is recorded in the same commit as the
thing itself. A row that waits has no index yet; `Ledger.sequence` gives indexes and signs the head.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

import rfc8785

from cameo.flows.errors import NoPromiseKeyError
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.log import Head
from cameo.store.records import CheckpointRecord, LogEntryRecord
from provenance.log.audit import Audit, audit_log
from provenance.log.checkpoint import build_tlog_proof, verify_tlog_proof
from provenance.log.entries import SALT_BYTES, EntryType, EpochCite, LogEntry, build, commit
from provenance.log.entries import person_ref as salted_person_ref
from provenance.log.errors import LogError
from provenance.log.merkle import Node, at_once, consistency_proof, inclusion_proof, leaf_hash
from provenance.log.notes import NoteSigner
from provenance.log.promise import Promise, sign_promise
from provenance.log.sequencer import Pending, PlacedEntry, Sequencer, SignedHead

BATCH: Final = 256
"""The most leaves that one signed head adds."""
PROMISED_WITHIN: Final = timedelta(minutes=10)
"""How long the log may take to show a withdrawal."""

Kind = Literal[
    "lease",
    "release",
    "consent",
    "grant",
    "revoke",
    "restrict",
    "restore",
    "key",
    "enrol",
    "stamp",
    "publish",
    "takedown",
    "erase",
    "mark",
]

_READ_BATCH: Final = 1000
# A leaf spells each reference once, in 64 hex digits; see `provenance.log.entries.build`.
_REFERENCE: Final = re.compile(rb'"ref":"([0-9a-f]{64})"')


class Referable(Protocol):
    """A person, as far as a leaf refers to them; the epoch is the one after the event."""

    @property
    def id(self) -> str:
        """The person's id."""
        ...

    @property
    def epoch(self) -> int:
        """The person's epoch, read under their lock."""
        ...

    @property
    def log_salt(self) -> bytes:
        """32 bytes of this person."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """That a leaf is in the log: its index, the tree's size, and the C2SP tlog-proof text."""

    index: int
    size: int
    body: bytes
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What a leaf commits to."""

    salt: bytes
    private: bytes
    """The private record, canonical JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """Records into the log and proves from it."""

    db: Database
    signer: NoteSigner
    promiser: NoteSigner | None = None
    """Signs revocation promises, with a key of its own; without one none can be given."""

    @property
    def vkey(self) -> str:
        """The log's verifier key, for publishing."""
        return self.signer.vkey

    def record(
        self,
        tx: Transaction,
        *,
        kind: Kind,
        ref: str,
        private: Mapping[str, Any],
        at: datetime,
        people: Iterable[Referable] = (),
    ) -> bytes:
        """Write a leaf in this transaction: it stands if, and only if, the business does.

        The leaf holds a salted commitment to `private` and salted references to `people` with
        their epochs; what opens them stays in the database and can be destroyed.

        Returns:
            The leaf's body, as it will be in the log.
        """
        body, opening = self.leaf(kind=kind, private=private, at=at, people=people)
        tx.log.append(body=body, kind=kind, ref=ref, opening=opening)
        return body

    def leaf(
        self,
        *,
        kind: Kind,
        private: Mapping[str, Any],
        at: datetime,
        people: Iterable[Referable] = (),
    ) -> tuple[bytes, bytes]:
        """The body of a leaf that is yet to be written, and what opens its commitment."""
        salt = secrets.token_bytes(SALT_BYTES)
        opened = rfc8785.dumps(dict(private))
        entry = LogEntry(
            type=EntryType(kind),
            commitment=commit(opened, salt),
            epochs=tuple(
                EpochCite(ref=salted_person_ref(p.id, p.log_salt), epoch=p.epoch) for p in people
            ),
            at=at,
        )
        return build(entry), salt + opened

    def promise(self, body: bytes, at: datetime, within: timedelta = PROMISED_WITHIN) -> str:
        """The signed promise that a leaf just recorded will be in the log in time.

        Hand it out only after the transaction that recorded the leaf has committed.

        Args:
            body: What `record` returned.
            at: The database's clock.
            within: How long the log may take.

        Raises:
            NoPromiseKeyError: this ledger was given no key to promise with.
        """
        if self.promiser is None:
            raise NoPromiseKeyError
        promise = Promise(
            origin=self.signer.name,
            leaf_hash=leaf_hash(body),
            at=at.replace(microsecond=0),
            within=within,
        )
        return sign_promise(promise, self.promiser)

    def sequence(self, batch: int = BATCH) -> int:
        """Give every leaf that waits its index, `batch` leaves a signed head.

        It ends where it found less than a batch: leaves that others add meanwhile do not keep it.

        Returns:
            The size of the log.
        """
        sequencer = Sequencer(self.signer)
        while True:
            with self.db.sequencing() as tx:
                rows = _Rows(tx)
                sequencer.step(rows, batch)
                if rows.claimed < batch:
                    head = tx.log.checkpoint()
                    return 0 if head is None else head.size

    def prove(self, tx: Transaction, *, kind: Kind, ref: str) -> Proof | None:
        """The proof for the first leaf of this kind about this thing; None while it has none.

        Raises:
            LogError: the rows do not prove what the signed head says; the log was changed.
        """
        entry, head = tx.log.find(kind, ref), tx.log.checkpoint()
        if entry is None or entry.idx is None or head is None:
            return None
        place, size = entry.idx, head.size
        hashes = self.inclusion(tx, place, size)
        text = build_tlog_proof(place, hashes, head.cosigned or head.note)
        # Checked as an auditor would before it is handed out: a changed row is found here.
        index, checkpoint = verify_tlog_proof(entry.body, text, self.vkey)
        return Proof(index=index, size=checkpoint.size, body=entry.body, text=text)

    def audit(self) -> Audit:
        """Recompute the whole tree from its leaves and read what its order says about people.

        Raises:
            NotFoundError: the log is empty.
            LogDiverged: the leaves do not give what the head signed.
        """
        with self.db.reading() as tx:
            head = tx.log.checkpoint()
            if head is None:
                raise NotFoundError("the log is empty")
            return audit_log(_bodies(tx, head.size), head.note, self.vkey)

    def consistency(self, tx: Transaction, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` leaves starts with the one of `old`.

        Raises:
            OutOfTree: `old` is more than `new`.
            LogError: the log is not that large.
        """
        return at_once(_Rows(tx).get_nodes, lambda read: consistency_proof(read, old, new))

    def inclusion(self, tx: Transaction, index: int, size: int) -> list[bytes]:
        """The proof that leaf `index` is in the tree of `size` leaves.

        Raises:
            OutOfTree: there is no such leaf in it.
            LogError: the log is not that large.
        """
        return at_once(_Rows(tx).get_nodes, lambda read: inclusion_proof(read, index, size))

    def head(self) -> CheckpointRecord | None:
        """The newest signed tree head."""
        with self.db.reading() as tx:
            return tx.log.checkpoint()


def opening_of(entry: LogEntryRecord) -> Opening | None:
    """What a leaf commits to; None where it was erased."""
    if not entry.opening:
        return None
    return Opening(salt=entry.opening[:SALT_BYTES], private=entry.opening[SALT_BYTES:])


def _bodies(tx: Transaction, size: int) -> Iterator[bytes]:
    # Under READ COMMITTED each statement sees more than the one before: the head that was read
    # says where the log ends for this reader.
    for start in range(0, size, _READ_BATCH):
        for entry in tx.log.entries(start, min(_READ_BATCH, size - start)):
            yield entry.body


class _Rows:
    """`provenance.log.sequencer.LogStore` over the rows of one open transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._claimed: dict[int, LogEntryRecord] = {}

    @property
    def claimed(self) -> int:
        """How many pending rows were taken away."""
        return len(self._claimed)

    def lock_head(self) -> str | None:
        """The last head; the caller opened the transaction with the sequencer's lock."""
        head = self._tx.log.checkpoint()
        return None if head is None else head.note

    def claim_pending(self, limit: int) -> Sequence[Pending]:
        """Take pending rows away."""
        self._claimed = dict(self._tx.log.claim(limit))
        return [Pending(pending_id=n, body=row.body) for n, row in self._claimed.items()]

    def get_nodes(self, wanted: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """Stored hashes."""
        found = self._tx.log.nodes(wanted)
        missing = next((each for each in wanted if each not in found), None)
        if missing is not None:
            raise LogError(f"node {missing[0]}/{missing[1]} is missing")
        return [found[each] for each in wanted]

    def append(
        self, *, entries: Sequence[PlacedEntry], nodes: Sequence[Node], head: SignedHead
    ) -> None:
        """Store one step."""
        self._tx.log.write(
            [(placed.index, self._claimed[placed.pending_id]) for placed in entries],
            [
                (ref.decode(), placed.index)
                for placed in entries
                for ref in _REFERENCE.findall(placed.body)
            ],
            [(level, index, value) for level, index, value in nodes],
            Head(size=head.checkpoint.size, root=head.checkpoint.root, note=head.note),
        )
