"""A small log in memory, of which every leaf can be shown opened and proven.

Everything is deterministic: salts and times depend on the place alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from provenance.log.checkpoint import Checkpoint, sign_checkpoint
from provenance.log.cosignature import Cosigner
from provenance.log.entries import EntryType, EpochCite, LogEntry, build, commit
from provenance.log.merkle import Frontier, Node, inclusion_proof, leaf_hash
from provenance.log.notes import NoteSigner
from provenance.log.openings import Leaf

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LOG = NoteSigner("cameo.example/log", bytes(range(32)))
WITNESS = Cosigner("witness.example/w1", bytes(range(1, 33)))


class Concerned(Protocol):
    """A person, as far as a leaf refers to them."""

    epoch: int

    @property
    def ref(self) -> str: ...


def fixed(*names: object) -> bytes:
    """32 bytes that depend on the names alone."""
    return hashlib.sha256(" ".join(map(str, names)).encode()).digest()


@dataclass
class Written:
    """A leaf before the tree is known."""

    body: bytes
    salt: bytes
    record: bytes


class SmallLog:
    """Leaves, one a second; the head is signed at the end."""

    def __init__(self) -> None:
        self.leaves: list[Written] = []
        self.now = START

    def log(self, kind: str, record: dict[str, Any], *people: Concerned, **changes: Any) -> int:
        """Write a leaf; returns its index. `changes`: at, cites, body (a function)."""
        self.now += timedelta(seconds=1)
        index = len(self.leaves)
        opened = json.dumps(
            record, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
        salt = fixed("salt", index)
        cites = {person.ref: person.epoch for person in people}
        entry = LogEntry(
            type=EntryType(changes.get("type", kind)),
            commitment=commit(opened, salt),
            epochs=tuple(
                EpochCite(ref=ref, epoch=epoch)
                for ref, epoch in changes.get("cites", cites).items()
            ),
            at=changes.get("at", self.now),
        )
        self.leaves.append(Written(build(entry), salt, opened))
        return index

    def head(self, signer: NoteSigner = LOG, witness: Cosigner = WITNESS) -> str:
        text = self.checkpoint(signer.name).to_text()
        line = witness.cosign(text, int(START.timestamp()) + 3600)
        return sign_checkpoint(self.checkpoint(signer.name), signer) + line

    def checkpoint(self, origin: str = LOG.name) -> Checkpoint:
        frontier = Frontier()
        for each in self.leaves:
            frontier.append(leaf_hash(each.body))
        return Checkpoint(origin=origin, size=frontier.size, root=frontier.root())

    def leaf(self, index: int) -> Leaf:
        nodes = self._nodes()
        written = self.leaves[index]
        proof = inclusion_proof(lambda level, at: nodes[level, at], index, len(self.leaves))
        return Leaf(
            index=index,
            body=written.body,
            salt=written.salt,
            record=written.record,
            proof=tuple(proof),
        )

    def _nodes(self) -> dict[tuple[int, int], bytes]:
        frontier, nodes = Frontier(), {}
        for each in self.leaves:
            made: list[Node] = frontier.append(leaf_hash(each.body))
            nodes.update({(node.level, node.number): node.hash for node in made})
        return nodes
