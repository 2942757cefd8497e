"""Who used my key: every entry of the log under one person's reference, and what it opens to.

The service tells the person the salt of their reference and what opens each entry; each is checked
against the log, so it can keep something back, which shows, but cannot tell something else.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from provenance.log.alarms import (
    KEY_MISSING,
    NOT_IN_LOG,
    NOT_OPENED,
    OPENING_DIFFERS,
    REFERENCE_CHANGED,
    UNKNOWN_KEY,
    USED_AFTER_WITHDRAWAL,
    USED_WHILE_PAUSED,
    WRONG_REFERENCE,
    Alarm,
)
from provenance.log.entries import EntryType, LogEntry, check_commitment, parse, person_ref
from provenance.log.errors import CommitmentMismatch, MalformedEntry
from provenance.log.history import History

_USING: Final = frozenset({EntryType.LEASE, EntryType.RELEASE, EntryType.PUBLISH})

KEY_FIELDS: Final = ("key_id", "key")
"""Where the private record of a key's registration says which key it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What opens one entry, as the service tells it."""

    index: int
    salt: bytes
    private: bytes
    """The private record; empty, like the salt, where it was erased or is withheld."""
    withheld: bool = False
    """Whether the service keeps it back: who blocks or unfollows somebody is not told to them."""

    @property
    def erased(self) -> bool:
        """Whether nothing opens this entry any more."""
        return not self.salt and not self.withheld


@dataclass(frozen=True, kw_only=True, slots=True)
class Mine:
    """What the service tells a person about themselves."""

    person: str
    salt: bytes
    ref: str
    openings: tuple[Opening, ...]

    @classmethod
    def from_json(cls, loaded: Any) -> Mine:
        """Read the answer of ``/v1/log/mine``.

        Raises:
            MalformedEntry: If it is none.
        """
        try:
            return cls(
                person=str(loaded["person"]),
                salt=bytes.fromhex(loaded["salt"]),
                ref=str(loaded["person_ref"]),
                openings=tuple(_opening(item) for item in loaded["entries"]),
            )
        except (KeyError, TypeError, ValueError) as cause:
            raise MalformedEntry("not an answer about one's own entries") from cause

    def up_to(self, size: int) -> Mine:
        """What was told about the first `size` entries of the log."""
        kept = tuple(opening for opening in self.openings if opening.index < size)
        return replace(self, openings=kept)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnEntry:
    """One entry under a person's reference."""

    index: int
    entry: LogEntry
    private: Mapping[str, Any] | None
    """What it opens to; None where it was not opened or was erased."""


def own_entries(mine: Mine, bodies: Mapping[int, bytes]) -> list[OwnEntry]:
    """The entries under a person's reference in their order, each with what it opens to.

    Args:
        mine: What the service told.
        bodies: The entries of the log under `mine.ref` by their index; `cites` says which.
    """
    openings = {opening.index: opening for opening in mine.openings}
    return [
        OwnEntry(index=index, entry=(entry := parse(body)), private=_opened(entry, openings, index))
        for index, body in sorted(bodies.items())
    ]


def cites(body: bytes, ref: str) -> bool:
    """Whether an entry concerns the person with this reference."""
    try:
        return any(cite.ref == ref for cite in parse(body).epochs)
    except MalformedEntry:
        return False


def examine(
    mine: Mine,
    bodies: Mapping[int, bytes],
    *,
    known_keys: Collection[str],
    before: str | None,
    history: History,
) -> list[Alarm]:
    """What a person must know about the entries under their reference.

    Args:
        mine: What the service told.
        bodies: The entries of the log under `mine.ref` by their index.
        known_keys: Ids of the keys that the person registered themselves.
        before: The reference that the service told the last time.
        history: What the log has said so far.
    """
    alarms = list(_reference(mine, before, history))
    openings = {opening.index: opening for opening in mine.openings}
    for index in openings.keys() - bodies.keys():
        alarms.append(Alarm(code=NOT_IN_LOG, index=index, ref=mine.ref))
    entries = {index: parse(body) for index, body in sorted(bodies.items())}
    over = max((n for n, entry in entries.items() if entry.type is EntryType.ERASE), default=-1)
    for index, entry in entries.items():
        # What opens an entry goes with the erasure of any one who is in it.
        gone = index <= over or _concerns_erased(entry, mine.ref, history)
        code = _fault(entry, openings.get(index), may_be_erased=gone)
        if code is not None:
            alarms.append(Alarm(code=code, index=index, ref=mine.ref))
    own = own_entries(mine, bodies)
    return [
        *alarms,
        *_keys(mine, own, known_keys),
        *_while_paused(mine, own),
        *_after_withdrawal(mine, own),
    ]


def _reference(mine: Mine, before: str | None, history: History) -> Iterator[Alarm]:
    if len(mine.salt) != 32 or person_ref(mine.person, mine.salt) != mine.ref:
        yield Alarm(code=WRONG_REFERENCE, ref=mine.ref)
    if before not in (None, mine.ref):
        standing = history.people.get(str(before))
        if standing is None or not standing.erased:
            yield Alarm(code=REFERENCE_CHANGED, detail=f"it was {before}", ref=mine.ref)


def _concerns_erased(entry: LogEntry, ref: str, history: History) -> bool:
    others = (history.people.get(cite.ref) for cite in entry.epochs if cite.ref != ref)
    return any(standing is not None and standing.erased for standing in others)


def _fault(entry: LogEntry, opening: Opening | None, *, may_be_erased: bool) -> str | None:
    if opening is None or opening.withheld:
        # Nothing can be used through a restriction, so only that may be kept back.
        may_be_withheld = opening is not None and entry.type is EntryType.RESTRICT
        return None if may_be_withheld else NOT_OPENED
    if opening.erased:
        return None if may_be_erased else NOT_OPENED
    try:
        check_commitment(entry, opening.private, opening.salt)
    except (CommitmentMismatch, MalformedEntry):
        return OPENING_DIFFERS
    return None


def _keys(mine: Mine, entries: list[OwnEntry], known: Collection[str]) -> Iterator[Alarm]:
    erased = {opening.index for opening in mine.openings if opening.erased}
    found: set[str] = set()
    for own in entries:
        if own.entry.type is not EntryType.KEY or own.index in erased:
            continue
        # A registration that does not say which key it is, is that of no key that is known.
        private = own.private or {}
        key_id = next((str(private[name]) for name in KEY_FIELDS if name in private), "")
        found.add(key_id)
        if not key_id or key_id not in known:
            yield Alarm(code=UNKNOWN_KEY, detail=key_id, index=own.index, ref=mine.ref)
    for key_id in sorted(set(known) - found):
        yield Alarm(code=KEY_MISSING, detail=key_id, ref=mine.ref)


def _while_paused(mine: Mine, entries: list[OwnEntry]) -> Iterator[Alarm]:
    paused = False
    for own in entries:
        act = None if own.private is None else own.private.get("act")
        if own.entry.type is EntryType.RESTRICT and act == "pause":
            paused = True
        elif own.entry.type is EntryType.RESTORE and act == "resume":
            paused = False
        elif paused and own.entry.type in _USING:
            yield Alarm(code=USED_WHILE_PAUSED, index=own.index, ref=mine.ref)


def _after_withdrawal(mine: Mine, entries: list[OwnEntry]) -> Iterator[Alarm]:
    """Uses that cite a document of the person which an earlier entry says is withdrawn.

    The order of the epochs shows a use that was decided before a withdrawal. This shows one that
    was decided after it, by a service that did not care.
    """
    ended: set[str] = set()
    for own in entries:
        private = own.private or {}
        if own.entry.type is EntryType.REVOKE:
            ended.update(map(str, private.get("targets", ())))
        elif own.entry.type in _USING and ended & set(_cited(private, mine.person)):
            yield Alarm(code=USED_AFTER_WITHDRAWAL, index=own.index, ref=mine.ref)


def _cited(private: Mapping[str, Any], person: str) -> Iterator[str]:
    people = private.get("people", ())
    for cited in people if isinstance(people, list | tuple) else ():
        if isinstance(cited, dict) and cited.get("person") == person:
            yield from (str(cited[name]) for name in ("consent", "grant") if cited.get(name))


def _opened(
    entry: LogEntry, openings: Mapping[int, Opening], index: int
) -> Mapping[str, Any] | None:
    opening = openings.get(index)
    if opening is None or opening.withheld:
        return None
    if _fault(entry, opening, may_be_erased=False) is not None:
        return None
    try:
        loaded = json.loads(opening.private)
    except ValueError:
        return None
    return loaded if isinstance(loaded, dict) else None


def _opening(item: Mapping[str, Any]) -> Opening:
    salt, private = item["salt"], item["private"]
    return Opening(
        index=int(item["index"]),
        salt=b"" if salt is None else bytes.fromhex(salt),
        private=b"" if private is None else str(private).encode(),
        withheld=item.get("withheld") is True,
    )
