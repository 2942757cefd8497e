"""What an auditor checks with an entry, a proof and the log's key, or with the whole log.

verified = verify_release(entry_body, proof_text, vkey)
audit = audit_log(bodies, note, vkey)        # every entry from the first to the last
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from provenance.log.checkpoint import Checkpoint, open_checkpoint, verify_tlog_proof
from provenance.log.entries import EntryType, LogEntry, check_commitment, parse
from provenance.log.errors import LogDiverged, MalformedEntry
from provenance.log.history import Finding, History
from provenance.log.merkle import Frontier, leaf_hash


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedEntry:
    """An entry that is in the log, where, and under which head."""

    entry: LogEntry
    index: int
    checkpoint: Checkpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """The result of reading a whole log."""

    checkpoint: Checkpoint
    findings: tuple[Finding, ...]
    """Empty where nothing was found."""


def verify_entry(entry_body: bytes, proof_text: str, vkey: str) -> VerifiedEntry:
    """Check that an entry is in the log and can be read.

    Args:
        entry_body: The entry as it was logged, byte for byte.
        proof_text: Its C2SP tlog-proof.
        vkey: The log's verifier key, got from somewhere else than the proof.

    Raises:
        LogError: Of the kind that says which part does not hold.
    """
    index, checkpoint = verify_tlog_proof(entry_body, proof_text, vkey)
    return VerifiedEntry(entry=parse(entry_body), index=index, checkpoint=checkpoint)


def verify_release(
    entry_body: bytes,
    proof_text: str,
    vkey: str,
    *,
    private_body: bytes | None = None,
    salt: bytes | None = None,
) -> VerifiedEntry:
    """Check that an entry is in the log, is a release, and is about a private record.

    Args:
        entry_body: The entry as it was logged, byte for byte.
        proof_text: Its C2SP tlog-proof.
        vkey: The log's verifier key, got from somewhere else than the proof.
        private_body: The private record that the release is said to be about; with `salt`. Where
            both are missing, only the entry itself is checked.
        salt: The 32 bytes that the commitment was made with.

    Raises:
        MalformedEntry: If it is no release, or only one of `private_body` and `salt` is given.
        CommitmentMismatch: If it is about another record.
        LogError: Of the kind that says which part does not hold.
    """
    verified = verify_entry(entry_body, proof_text, vkey)
    if verified.entry.type is not EntryType.RELEASE:
        raise MalformedEntry("not a release")
    if (private_body is None) != (salt is None):
        raise MalformedEntry("a private record without its salt, or a salt without its record")
    if private_body is not None and salt is not None:
        check_commitment(verified.entry, private_body, salt)
    return verified


def audit_log(bodies: Iterable[bytes], note: str, vkey: str) -> Audit:
    """Read a whole log: is it what the checkpoint signed, and does its order hold what it must.

    Args:
        bodies: Every entry from the first to the last, byte for byte.
        note: The signed checkpoint that covers exactly these.
        vkey: The log's verifier key.

    Raises:
        LogDiverged: If the entries are not those that were signed.
        LogError: If the checkpoint does not hold.
    """
    checkpoint = open_checkpoint(note, vkey)
    frontier = Frontier()
    history = History()
    findings: list[Finding] = []
    for index, body in enumerate(bodies):
        frontier.append(leaf_hash(body))
        findings.extend(history.read(index, body))
    if (frontier.size, frontier.root()) != (checkpoint.size, checkpoint.root):
        raise LogDiverged(f"{frontier.size} entries against a checkpoint of {checkpoint.size}")
    return Audit(checkpoint=checkpoint, findings=tuple(findings))
