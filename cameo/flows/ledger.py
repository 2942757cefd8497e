"""The transparency log, as flows use it: a row in the business commit, an index soon after.

Everything a person signs or withdraws, and every release, is recorded in the same commit as the
thing itself. A row that waits has no index yet; `Ledger.sequence` gives indexes and signs the head.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import rfc8785

from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import CheckpointRecord, LogEntryRecord, PersonRecord
from provenance.log.audit import Audit, audit_log
from provenance.log.checkpoint import build_tlog_proof, verify_tlog_proof
from provenance.log.entries import SALT_BYTES, EntryType, EpochCite, LogEntry, build, commit
from provenance.log.entries import person_ref as salted_person_ref
from provenance.log.errors import LogError
from provenance.log.merkle import Node, inclusion_proof
from provenance.log.notes import NoteSigner
from provenance.log.sequencer import Pending, PlacedEntry, SignedHead, sequence

_BATCH: Final = 256

Kind = Literal["lease", "release", "consent", "grant", "revoke", "key", "enrol", "stamp"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """That a leaf is in the log: its index, the tree's size, and the C2SP tlog-proof text."""

    index: int
    size: int
    body: bytes
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """Records into the log and proves from it."""

    db: Database
    signer: NoteSigner

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
        people: Iterable[PersonRecord] = (),
    ) -> None:
        """Write a leaf in this transaction: it stands if, and only if, the business does.

        The leaf holds a salted commitment to `private` and salted references to `people` with
        their epochs; what opens them stays in the database and can be destroyed.
        """
        salt = secrets.token_bytes(SALT_BYTES)
        body = rfc8785.dumps(dict(private))
        entry = LogEntry(
            type=EntryType(kind),
            commitment=commit(body, salt),
            epochs=tuple(
                EpochCite(ref=salted_person_ref(p.id, p.log_salt), epoch=p.epoch) for p in people
            ),
            at=at,
        )
        tx.log.append(body=build(entry), kind=kind, ref=ref, opening=salt + body)

    def sequence(self) -> int:
        """Give every pending leaf its index; returns the size of the log."""
        while True:
            with self.db.sequencing() as tx:
                checkpoint = sequence(_Rows(tx), self.signer, _BATCH)
                if checkpoint is None:
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
        rows = _Rows(tx)
        hashes = inclusion_proof(rows.get_node, entry.idx, head.size)
        text = build_tlog_proof(entry.idx, hashes, head.note)
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
            return audit_log(_bodies(tx), head.note, self.vkey)

    def head(self) -> CheckpointRecord | None:
        """The newest signed tree head."""
        with self.db.reading() as tx:
            return tx.log.checkpoint()


def _bodies(tx: Transaction) -> Iterator[bytes]:
    index = 0
    while entries := tx.log.entries(index, _BATCH):
        yield from (entry.body for entry in entries)
        index += len(entries)


class _Rows:
    """`provenance.log.sequencer.LogStore` over the rows of one open transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._claimed: dict[int, LogEntryRecord] = {}

    def lock_head(self) -> str | None:
        """The last head; the caller opened the transaction with the sequencer's lock."""
        head = self._tx.log.checkpoint()
        return None if head is None else head.note

    def claim_pending(self, limit: int) -> Sequence[Pending]:
        """Take pending rows away."""
        self._claimed = dict(self._tx.log.claim(limit))
        return [Pending(pending_id=n, body=row.body) for n, row in self._claimed.items()]

    def get_node(self, level: int, index: int) -> bytes:
        """A stored hash."""
        found = self._tx.log.node(level, index)
        if found is None:
            raise LogError(f"node {level}/{index} is missing")
        return found

    def append(
        self, *, entries: Sequence[PlacedEntry], nodes: Sequence[Node], head: SignedHead
    ) -> None:
        """Store one step."""
        self._tx.log.write(
            [(placed.index, self._claimed[placed.pending_id]) for placed in entries],
            [(level, index, value) for level, index, value in nodes],
            CheckpointRecord(
                size=head.checkpoint.size,
                root=head.checkpoint.root,
                note=head.note,
                created_at=self._tx.now(),
            ),
        )
