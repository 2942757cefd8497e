"""Single leaves shown to somebody who has not the log: opened, and proven under one head.

    head = read_head(note, vkey, witnesses)      # every signature line is accounted for
    opened = open_leaf(leaf, head.checkpoint)    # in that tree, and about that record

Nothing here is free to differ: a line that nobody made, a hash too many, another spelling of a leaf
is refused, so whoever holds such a thing holds the one form of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.cosignature import verify_cosignature
from provenance.log.entries import LogEntry, check_commitment, parse
from provenance.log.errors import BadNoteSignature, MalformedCheckpoint, MalformedNote
from provenance.log.merkle import leaf_hash, verify_inclusion
from provenance.log.notes import COSIGNATURE, VerifierKey, split


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """A leaf, where it stands, and what opens it."""

    index: int
    body: bytes
    """The leaf's body, byte for byte."""
    salt: bytes
    """The 32 bytes that its commitment was made with."""
    record: bytes
    """The private record that it commits to."""
    proof: tuple[bytes, ...]
    """The hashes from the leaf upwards."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A leaf that is in the tree, and about its record."""

    index: int
    entry: LogEntry
    record: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenBy:
    """A witness's word on a head."""

    vkey: str
    name: str
    timestamp: int
    """Seconds since 1970, by the witness's own clock."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadHead:
    """A head and everybody who signed it."""

    checkpoint: Checkpoint
    cosigners: tuple[SeenBy, ...]


def sole_note(note: str, vkey: str, witnesses: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A signed head with the signatures of the log and of these witnesses, and no others.

    Args:
        note: The head with signatures of anybody.
        vkey: The log's verifier key.
        witnesses: Verifier keys of witnesses, which may not have signed it.

    Returns:
        The note, and the keys of the witnesses whose lines stand in it, in their order.

    Raises:
        LogError: If the log did not sign it.
    """
    text, signatures = split(note)
    log = VerifierKey.parse(vkey)
    keys = {each: VerifierKey.parse(each, COSIGNATURE) for each in witnesses}
    own = [log.line(line.data) for line in signatures if log.made(line)]
    cosigned = {
        each: [key.line(line.data) for line in signatures if key.made(line)]
        for each, key in keys.items()
    }
    signed = tuple(each for each, lines in cosigned.items() if lines)
    sole = "".join([text, "\n", *own[:1], *(cosigned[each][0] for each in signed)])
    read_head(sole, vkey, signed)
    return sole, signed


def read_head(note: str, vkey: str, witnesses: Sequence[str]) -> ReadHead:
    """Check a head that must be signed by its log and these witnesses, and by nobody else.

    Args:
        note: The signed head: first the log's line, then one of each witness, in this order.
        vkey: The log's verifier key.
        witnesses: The witnesses' verifier keys. Whether to trust them the caller knows.

    Raises:
        LogError: If a signature is missing, does not fit, or nobody named here made it.
    """
    checkpoint = open_checkpoint(note, vkey)
    _, signatures = split(note)
    keys = [VerifierKey.parse(vkey), *(VerifierKey.parse(each, COSIGNATURE) for each in witnesses)]
    if len(set(keys)) != len(keys) or len(signatures) != len(keys):
        raise MalformedNote("signatures of others, or one missing")
    if not all(key.made(each) for key, each in zip(keys, signatures, strict=True)):
        raise BadNoteSignature("signatures of others, or in another order")
    # No reader of heads here knows an extension; one that was signed unread would say anything.
    if checkpoint.extensions:
        raise MalformedCheckpoint("extension lines")
    cosigned = ((each, verify_cosignature(note, each)) for each in witnesses)
    return ReadHead(
        checkpoint=checkpoint,
        cosigners=tuple(
            SeenBy(vkey=each, name=VerifierKey.parse(each, COSIGNATURE).name, timestamp=c.timestamp)
            for each, c in cosigned
        ),
    )


def open_leaf(leaf: Leaf, checkpoint: Checkpoint) -> Opened:
    """Check that a leaf is in the tree of a head, and about its record.

    Raises:
        MalformedEntry: If it is no entry, or the salt is none.
        CommitmentMismatch: If it is about another record.
        BadInclusionProof: If it is not shown to be in that tree, at that index.
    """
    entry = parse(leaf.body)
    check_commitment(entry, leaf.record, leaf.salt)
    verify_inclusion(leaf_hash(leaf.body), leaf.index, checkpoint.size, leaf.proof, checkpoint.root)
    return Opened(index=leaf.index, entry=entry, record=leaf.record)
