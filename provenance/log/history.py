"""What a log's order must hold, read entry by entry: the rules that `audit` and a monitor share.

Nothing private is needed: an event that withdraws something raises the epoch of the person
concerned, so a use that was decided before it cites a lower one than the log already shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from provenance.log.entries import EntryType, EpochCite, LogEntry, parse
from provenance.log.errors import MalformedEntry

STALE_EPOCH: Final = "log.stale_epoch"
EPOCH_WENT_BACK: Final = "log.epoch_went_back"
EPOCH_NOT_RAISED: Final = "log.epoch_not_raised"
AFTER_ERASURE: Final = "log.after_erasure"
WITHOUT_CONSENT: Final = "log.without_consent"
WITHOUT_KEY: Final = "log.without_key"
NOBODY_NAMED: Final = "log.nobody_named"
BACK_DATED: Final = "log.back_dated"
POST_DATED: Final = "log.post_dated"
UNREADABLE_ENTRY: Final = "log.unreadable_entry"

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        STALE_EPOCH: "a use of a person rests on a state that was already outdated in the log",
        EPOCH_WENT_BACK: "an event of a person carries a lower epoch than an earlier one",
        EPOCH_NOT_RAISED: "a withdrawal or restriction did not raise the person's epoch",
        AFTER_ERASURE: "a person is used after the erasure and before a new enrolment",
        WITHOUT_CONSENT: "a person is used of whom the log holds no consent before",
        WITHOUT_KEY: "a consent of a person of whom the log holds no key before",
        NOBODY_NAMED: "an entry that must concern a person names none, so nobody can find it",
        BACK_DATED: "an entry claims a time long before it came into the log",
        POST_DATED: "an entry claims a time that has not come yet",
        UNREADABLE_ENTRY: "an entry is not of a form that this version can read",
    }
)

SLACK: Final = timedelta(minutes=15)
"""How much a time may lag behind its place: transactions end in another order than they began."""

_USING: Final = frozenset({EntryType.LEASE, EntryType.RELEASE, EntryType.PUBLISH})
_DENYING: Final = frozenset(
    {EntryType.REVOKE, EntryType.RESTRICT, EntryType.TAKEDOWN, EntryType.ERASE}
)
_PERSONAL: Final = frozenset(
    {
        EntryType.CONSENT,
        EntryType.GRANT,
        EntryType.REVOKE,
        EntryType.RESTRICT,
        EntryType.RESTORE,
        EntryType.KEY,
        EntryType.ENROL,
        EntryType.ERASE,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something in the log that must not be."""

    index: int
    code: str
    """A code of `REASONS`."""
    ref: str | None
    """The reference of the person concerned, where there is one."""


@dataclass(kw_only=True, slots=True)
class Standing:
    """What the log has said about one person so far."""

    epoch: int | None = None
    """The highest one cited; None before the first."""
    has_key: bool = False
    has_consent: bool = False
    erased: bool = False


@dataclass(kw_only=True, slots=True)
class History:
    """What the log has said so far; grows with every entry that is read."""

    people: dict[str, Standing] = field(default_factory=dict)
    """By reference."""
    latest: datetime | None = None
    """The latest time that an entry claimed."""

    def read(
        self,
        index: int,
        body: bytes,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Finding]:
        """Take the next entry in; what it must not be comes out.

        Args:
            index: Its place.
            body: The entry as it was logged.
            since: A time at which the log was seen without it, by the reader's clock.
            until: The reader's clock now.
        """
        try:
            entry = parse(body)
        except MalformedEntry:
            yield Finding(index=index, code=UNREADABLE_ENTRY, ref=None)
            return
        if entry.type in _PERSONAL and not entry.epochs:
            yield Finding(index=index, code=NOBODY_NAMED, ref=None)
        if any(known and entry.at < known - SLACK for known in (self.latest, since)):
            yield Finding(index=index, code=BACK_DATED, ref=None)
        if until is not None and entry.at > until + SLACK:
            yield Finding(index=index, code=POST_DATED, ref=None)
        self.latest = entry.at if self.latest is None else max(self.latest, entry.at)
        for cite in entry.epochs:
            standing = self.people.setdefault(cite.ref, Standing())
            for code in _faults(entry, cite, standing):
                yield Finding(index=index, code=code, ref=cite.ref)
            _advance(entry, cite, standing)


def _faults(entry: LogEntry, cite: EpochCite, standing: Standing) -> Iterator[str]:
    using = entry.type in _USING
    if using and standing.erased:
        yield AFTER_ERASURE
    elif using and not standing.has_consent:
        yield WITHOUT_CONSENT
    if entry.type is EntryType.CONSENT and not standing.has_key:
        yield WITHOUT_KEY
    if standing.epoch is None:
        return
    if cite.epoch < standing.epoch:
        yield STALE_EPOCH if using else EPOCH_WENT_BACK
    elif entry.type in _DENYING and cite.epoch == standing.epoch:
        yield EPOCH_NOT_RAISED


def _advance(entry: LogEntry, cite: EpochCite, standing: Standing) -> None:
    standing.epoch = max(cite.epoch, standing.epoch or 0)
    standing.has_key = standing.has_key or entry.type is EntryType.KEY
    standing.has_consent = standing.has_consent or entry.type is EntryType.CONSENT
    if entry.type is EntryType.ERASE:
        # What was agreed to before an erasure is over with it: using the person again needs a new
        # enrolment and a new consent.
        standing.erased, standing.has_consent = True, False
    elif entry.type is EntryType.ENROL:
        standing.erased = False
