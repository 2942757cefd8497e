"""The sequencer: gives pending entries their places and signs the new head.

One call makes one step inside a transaction of the caller: either everything of it is kept, the
pending rows being gone and the entries, nodes and checkpoint being there, or nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from provenance.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from provenance.log.errors import LogDiverged
from provenance.log.merkle import Frontier, Node, at_once, leaf_hash
from provenance.log.notes import NoteSigner


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """An entry that waits for its place."""

    pending_id: int
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedEntry:
    """An entry with its place."""

    index: int
    pending_id: int
    body: bytes
    leaf_hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedHead:
    """A checkpoint and the signed note of it."""

    checkpoint: Checkpoint
    note: str


class LogStore(Protocol):
    """Where the log is kept, seen from inside one transaction that the caller opened.

    All calls of one `sequence` happen in the same transaction. The caller commits after it returned
    and rolls back when it raised; after a crash in between, nothing of the step may be there.
    """

    def lock_head(self) -> str | None:
        """Take the right to append, and return the last signed checkpoint; None before the first.

        The right is exclusive until the transaction ends: a second caller waits (or fails) here,
        and once through reads what the first one committed.
        """
        ...

    def claim_pending(self, limit: int) -> Sequence[Pending]:
        """Take up to `limit` pending entries away, in the order of their ids.

        Every committed row that is still pending is a candidate: never "larger than the last id
        seen", because ids are drawn before they are committed and may become visible late. A row
        that was claimed in a transaction that committed is never returned again.
        """
        ...

    def get_nodes(self, wanted: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """The 32-byte hashes of these ``(level, index)``, in this order.

        Each was stored by a committed `append`. Raises where one is missing.
        """
        ...

    def append(
        self, *, entries: Sequence[PlacedEntry], nodes: Sequence[Node], head: SignedHead
    ) -> None:
        """Store a step: entries by index, nodes by level and index, and the new head.

        An index or a node that is already stored is an error, never an overwriting.
        """
        ...


class Sequencer:
    """Makes steps. Between them it remembers the tree's edge, so that it need not read it again.

    Args:
        signer: The log's key; its name is the log's origin.
    """

    def __init__(self, signer: NoteSigner) -> None:
        self._signer = signer
        self._note: str | None = None
        self._edge: tuple[Node, ...] = ()

    def step(self, store: LogStore, limit: int) -> Checkpoint | None:
        """Place up to `limit` pending entries and sign the new head.

        Args:
            store: The log inside an open transaction.
            limit: The most entries of one step, at least 1.

        Returns:
            The new checkpoint, or None where nothing was pending.

        Raises:
            LogDiverged: If the stored tree is not what the last checkpoint signed.
            LogError: If the last checkpoint cannot be read.
        """
        frontier = self._frontier(store)
        pending = store.claim_pending(limit)
        if not pending:
            return None
        entries: list[PlacedEntry] = []
        nodes: list[Node] = []
        for item in pending:
            leaf = leaf_hash(item.body)
            entries.append(
                PlacedEntry(
                    index=frontier.size, pending_id=item.pending_id, body=item.body, leaf_hash=leaf
                )
            )
            nodes.extend(frontier.append(leaf))
        signer = self._signer
        checkpoint = Checkpoint(origin=signer.name, size=frontier.size, root=frontier.root())
        head = SignedHead(checkpoint=checkpoint, note=sign_checkpoint(checkpoint, signer))
        store.append(entries=entries, nodes=nodes, head=head)
        self._note, self._edge = head.note, frontier.nodes
        return checkpoint

    def _frontier(self, store: LogStore) -> Frontier:
        note = store.lock_head()
        if note is None:
            return Frontier()
        # The head that this object signed itself fixes the edge that it remembers. A step that was
        # rolled back, or one of another process, left another head, and the edge is read anew.
        if note == self._note:
            return Frontier(self._edge)
        last = open_checkpoint(note, self._signer.vkey)
        frontier = at_once(store.get_nodes, lambda read: Frontier.load(read, last.size))
        # Signing over a tree that the last head did not sign would make a fork that looks honest.
        if frontier.root() != last.root:
            raise LogDiverged(f"at size {last.size}")
        return frontier


def sequence(store: LogStore, signer: NoteSigner, limit: int) -> Checkpoint | None:
    """One step of a new `Sequencer`."""
    return Sequencer(signer).step(store, limit)
