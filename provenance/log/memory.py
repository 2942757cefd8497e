"""A log in memory, for tests only: nothing of it outlives the process.

store = MemoryLogStore()
store.put(body)
with store.transaction():
    checkpoint = sequence(store, signer, limit=64)
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

from provenance.log.errors import LogError, OutOfTree
from provenance.log.merkle import Node
from provenance.log.sequencer import Pending, PlacedEntry, SignedHead


class MemoryLogStore:
    """An insecure stand-in for a `LogStore`; keeps the promises except durability."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._next_id = 1
        self._pending: dict[int, bytes] = {}
        self._nodes: dict[tuple[int, int], bytes] = {}
        self.entries: list[PlacedEntry] = []
        """All placed entries by index."""
        self.notes: list[str] = []
        """All signed checkpoints, the newest last."""

    def put(self, body: bytes) -> int:
        """Add a pending entry and return its id."""
        with self._lock:
            pending_id = self._next_id
            self._next_id += 1
            self._pending[pending_id] = body
            return pending_id

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything that is done inside, or nothing where it ends with an error."""
        with self._lock:
            kept = (self._pending, self._nodes, self.entries, self.notes)
            self._pending, self._nodes = dict(self._pending), dict(self._nodes)
            self.entries, self.notes = list(self.entries), list(self.notes)
            try:
                yield
            except BaseException:
                self._pending, self._nodes, self.entries, self.notes = kept
                raise

    def lock_head(self) -> str | None:
        """The last signed checkpoint; the lock is that of the transaction."""
        return self.notes[-1] if self.notes else None

    def claim_pending(self, limit: int) -> Sequence[Pending]:
        """Take up to `limit` pending entries away."""
        ids = sorted(self._pending)[:limit]
        return [Pending(pending_id=n, body=self._pending.pop(n)) for n in ids]

    def get_node(self, level: int, index: int) -> bytes:
        """The hash of a stored node."""
        try:
            return self._nodes[level, index]
        except KeyError as cause:
            raise OutOfTree(f"node {level}/{index}") from cause

    def get_nodes(self, wanted: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """The hashes of stored nodes."""
        return [self.get_node(level, index) for level, index in wanted]

    def append(
        self, *, entries: Sequence[PlacedEntry], nodes: Sequence[Node], head: SignedHead
    ) -> None:
        """Store a step."""
        for entry in entries:
            if entry.index != len(self.entries):
                raise LogError("an index that is taken or leaves a gap")
            self.entries.append(entry)
        for node in nodes:
            if self._nodes.setdefault((node.level, node.number), node.hash) is not node.hash:
                raise LogError("a node twice")
        self.notes.append(head.note)
