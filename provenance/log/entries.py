"""What a leaf of the log says: little, and nothing about a person that outlives an erasure.

A leaf is public and can never be removed. It holds a salted commitment to the private record and
salted references to the people concerned; destroying the salts leaves random-looking digits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from provenance.log.errors import CommitmentMismatch, MalformedEntry

VERSION: Final = 1
SALT_BYTES: Final = 32
MAX_ENTRY_BYTES: Final = 4096
MAX_CITES: Final = 16
MAX_EPOCH: Final = 2**53 - 1

_COMMIT_PREFIX: Final = b"cameo-log-commitment/v1\n"
_REFERENCE_PREFIX: Final = b"cameo-log-reference/v1\n"
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_TIME_FORMATS: Final = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ")


class EntryType(StrEnum):
    """What happened."""

    LEASE = "lease"
    RELEASE = "release"
    CONSENT = "consent"
    GRANT = "grant"
    REVOKE = "revoke"
    RESTRICT = "restrict"
    """Allows less without ending a document: block, unfollow, pause, freeze."""
    RESTORE = "restore"
    """Takes a restriction back: unblock, resume, unfreeze."""
    KEY = "key"
    ENROL = "enrol"
    STAMP = "stamp"
    PUBLISH = "publish"
    TAKEDOWN = "takedown"
    ERASE = "erase"
    MARK = "mark"
    """An epoch of the watermarks' keys begins, or its keys are revealed; concerns nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochCite:
    """A person, by a salted reference, and that person's epoch at the event."""

    ref: str
    """64 lower-case hex digits, see `person_ref`."""
    epoch: int
    """For a release: the epoch that was decided on. For other events: the epoch after them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """One entry.

    Raises:
        MalformedEntry: If a field is out of its range.
    """

    type: EntryType
    commitment: str
    """64 lower-case hex digits, see `commit`."""
    epochs: tuple[EpochCite, ...]
    """The people concerned, each once; kept in the order of their references."""
    at: datetime

    def __post_init__(self) -> None:
        refs = [cite.ref for cite in self.epochs]
        if _HEX.fullmatch(self.commitment) is None or not all(map(_HEX.fullmatch, refs)):
            raise MalformedEntry("a commitment or reference")
        if len(refs) > MAX_CITES or len(set(refs)) != len(refs):
            raise MalformedEntry("people")
        if not all(type(c.epoch) is int and 0 <= c.epoch <= MAX_EPOCH for c in self.epochs):
            raise MalformedEntry("an epoch")
        if self.at.utcoffset() is None or self.at.year not in range(2000, 9999):
            raise MalformedEntry("at")


def commit(private_body: bytes, salt: bytes) -> str:
    """The salted commitment to a private record, as 64 lower-case hex digits.

    Args:
        private_body: The record, canonical.
        salt: 32 random bytes, kept with the record and destroyed with it. Without them nobody can
            tell which record a leaf is about, not even by trying likely ones.

    Raises:
        MalformedEntry: If the salt is not 32 bytes.
    """
    return _salted(_COMMIT_PREFIX, private_body, salt)


def person_ref(person_id: str, salt: bytes) -> str:
    """The reference to a person, as 64 lower-case hex digits.

    Args:
        person_id: The person's id.
        salt: 32 random bytes of that person, the same for all entries, destroyed on erasure.

    Raises:
        MalformedEntry: If the salt is not 32 bytes.
    """
    return _salted(_REFERENCE_PREFIX, person_id.encode(), salt)


def check_commitment(entry: LogEntry, private_body: bytes, salt: bytes) -> None:
    """Check that an entry is about this private record.

    Raises:
        CommitmentMismatch: If it is about another.
    """
    if not hmac.compare_digest(commit(private_body, salt), entry.commitment):
        raise CommitmentMismatch


def build(entry: LogEntry) -> bytes:
    """The leaf body of `entry`: canonical JSON (RFC 8785).

    All of it is ASCII and whole numbers. The canonical form of that is what Python's own encoder
    writes with sorted names and without blanks, and it is several times as fast as a general one.
    """
    cites = sorted(entry.epochs, key=lambda cite: cite.ref)
    fields = {
        "v": VERSION,
        "type": str(entry.type),
        "commitment": entry.commitment,
        "epochs": [{"ref": cite.ref, "epoch": cite.epoch} for cite in cites],
        "at": entry.at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z",
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def parse(body: bytes) -> LogEntry:
    """The entry of which `body` is the leaf body.

    Raises:
        MalformedEntry: If it is anything but the canonical form of an entry.
    """
    if len(body) > MAX_ENTRY_BYTES:
        raise MalformedEntry("too large")
    fields = _load(body)
    try:
        entry = LogEntry(
            type=EntryType(_text(fields["type"])),
            commitment=_text(fields["commitment"]),
            epochs=_cites(fields["epochs"]),
            at=_moment(_text(fields["at"])),
        )
    except (KeyError, ValueError) as cause:
        raise MalformedEntry("a field") from cause
    # Duplicate, unknown and reordered fields, other versions and other spellings all end here.
    if build(entry) != body:
        raise MalformedEntry("not canonical")
    return entry


def _salted(prefix: bytes, data: bytes, salt: bytes) -> str:
    if len(salt) != SALT_BYTES:
        raise MalformedEntry("a salt must be 32 bytes")
    # The salt has a fixed length, so no two pairs of salt and data give the same input.
    return hashlib.sha256(prefix + salt + data).hexdigest()


def _load(body: bytes) -> Mapping[str, object]:
    try:
        loaded = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as cause:
        raise MalformedEntry("not JSON") from cause
    if not isinstance(loaded, dict):
        raise MalformedEntry("not an object")
    return loaded


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedEntry("a field that is no text")
    return value


def _cites(value: object) -> tuple[EpochCite, ...]:
    if not isinstance(value, list):
        raise MalformedEntry("epochs")
    cites = []
    for item in value:
        if not isinstance(item, dict) or type(item.get("epoch")) is not int:
            raise MalformedEntry("epochs")
        cites.append(EpochCite(ref=_text(item.get("ref")), epoch=item["epoch"]))
    return tuple(cites)


def _moment(text: str) -> datetime:
    form = _TIME_FORMATS["." in text]
    return datetime.strptime(text, form).replace(tzinfo=UTC)
