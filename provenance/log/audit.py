"""What an auditor checks with an entry, a proof and the log's key, or with the whole log.

verified = verify_release(entry_body, proof_text, vkey)
audit = audit_log(bodies, note, vkey)        # every entry from the first to the last
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from provenance.log.checkpoint import Checkpoint, open_checkpoint, verify_tlog_proof
from provenance.log.entries import (
    EntryType,
    EpochCite,
    LogEntry,
    check_commitment,
    parse,
)
from provenance.log.errors import LogDiverged, MalformedEntry
from provenance.log.merkle import Frontier, leaf_hash

STALE_EPOCH: Final = "log.stale_epoch"
EPOCH_WENT_BACK: Final = "log.epoch_went_back"
EPOCH_NOT_RAISED: Final = "log.epoch_not_raised"
AFTER_ERASURE: Final = "log.after_erasure"
UNREADABLE_ENTRY: Final = "log.unreadable_entry"

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        STALE_EPOCH: "a release rests on a state of a person that was already outdated in the log",
        EPOCH_WENT_BACK: "an event of a person carries a lower epoch than an earlier one",
        EPOCH_NOT_RAISED: "a withdrawal did not raise the person's epoch",
        AFTER_ERASURE: "a person is released or published after the erasure",
        UNREADABLE_ENTRY: "an entry is not of a form that this version can read",
    }
)

_SHOWING: Final = frozenset({EntryType.RELEASE, EntryType.PUBLISH})
_DENYING: Final = frozenset({EntryType.REVOKE, EntryType.TAKEDOWN, EntryType.ERASE})


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedEntry:
    """An entry that is in the log, where, and under which head."""

    entry: LogEntry
    index: int
    checkpoint: Checkpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something in the log that must not be."""

    index: int
    code: str
    """A code of `REASONS`."""
    ref: str | None
    """The reference of the person concerned, where there is one."""


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
    history = _History()
    findings: list[Finding] = []
    for index, body in enumerate(bodies):
        frontier.append(leaf_hash(body))
        findings.extend(history.read(index, body))
    if (frontier.size, frontier.root()) != (checkpoint.size, checkpoint.root):
        raise LogDiverged(f"{frontier.size} entries against a checkpoint of {checkpoint.size}")
    return Audit(checkpoint=checkpoint, findings=tuple(findings))


class _History:
    """What the log has said about each person so far."""

    def __init__(self) -> None:
        self._epochs: dict[str, int] = {}
        self._erased: set[str] = set()

    def read(self, index: int, body: bytes) -> Iterator[Finding]:
        try:
            entry = parse(body)
        except MalformedEntry:
            yield Finding(index=index, code=UNREADABLE_ENTRY, ref=None)
            return
        for cite in entry.epochs:
            code = self._fault(entry.type, cite)
            if code is not None:
                yield Finding(index=index, code=code, ref=cite.ref)
            self._epochs[cite.ref] = max(cite.epoch, self._epochs.get(cite.ref, 0))
            if entry.type is EntryType.ERASE:
                self._erased.add(cite.ref)

    def _fault(self, kind: EntryType, cite: EpochCite) -> str | None:
        seen = self._epochs.get(cite.ref)
        if kind in _SHOWING and cite.ref in self._erased:
            return AFTER_ERASURE
        if seen is None:
            return None
        # A withdrawal raises the epoch, so a release that was decided before it cites a lower one
        # than the log already shows, and stands out here without anything else being revealed.
        if cite.epoch < seen:
            return STALE_EPOCH if kind in _SHOWING else EPOCH_WENT_BACK
        if kind in _DENYING and cite.epoch == seen:
            return EPOCH_NOT_RAISED
        return None
