"""The transparency log as it is read from outside: tiles, proofs, and a person's own entries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from cameo.flows.ledger import Ledger, Opening, opening_of
from cameo.store.database import Database
from cameo.store.errors import NotFoundError
from cameo.store.records import CheckpointRecord, LogEntryRecord, PersonRecord
from provenance.log.encoding import to_base64
from provenance.log.entries import person_ref
from provenance.log.errors import MalformedTile
from provenance.log.tiles import HEIGHT, WIDTH, TilePath, encode_bundle, parse_path

_OWN_LIMIT: Final = 1000
_MOST: Final = 2**62
"""No index of a row is larger; a tile that lies beyond it is in no tree."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """The bytes at one path of the log, and whether they will ever be others."""

    data: bytes
    immutable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LogViews:
    """Serves what anybody may read of the log, and to a person what opens their own entries."""

    db: Database
    ledger: Ledger

    def head(self) -> CheckpointRecord:
        """The newest signed tree head.

        Raises:
            NotFoundError: the log is empty.
        """
        return _some(self.ledger.head())

    def cosigned(self) -> CheckpointRecord:
        """The newest tree head that a witness cosigned.

        Raises:
            NotFoundError: there is none.
        """
        with self.db.reading() as tx:
            return _some(tx.log.cosigned())

    def tile(self, path: str) -> Tile:
        """A tile or a bundle of entries (C2SP tlog-tiles).

        Raises:
            NotFoundError: the newest head does not cover it.
        """
        try:
            wanted = parse_path(path)
        except MalformedTile as error:
            raise NotFoundError("no such tile") from error
        with self.db.reading() as tx:
            head = tx.log.checkpoint()
            first = wanted.number * WIDTH
            if head is None or first > _MOST or wanted.count_in(head.size) < wanted.width:
                raise NotFoundError("no such tile")
            if wanted.level is None:
                parts = [entry.body for entry in tx.log.entries(first, wanted.width)]
            else:
                parts = tx.log.row(wanted.level * HEIGHT, first, wanted.width)
        return _tile(wanted, parts)

    def consistency(self, old: int, new: int) -> dict[str, Any]:
        """The proof that the tree of `new` leaves starts with the one of `old`.

        Raises:
            NotFoundError: the log is not that large.
            OutOfTree: `old` is more than `new`.
        """
        with self.db.reading() as tx:
            head = tx.log.checkpoint()
            if head is None or new > head.size:
                raise NotFoundError(f"the log has no tree of {new} leaves")
            hashes = self.ledger.consistency(tx, old, new)
        return {"from": old, "to": new, "hashes": [to_base64(each) for each in hashes]}

    def mine(self, person: PersonRecord, start: int = 0) -> dict[str, Any]:
        """What opens a person's own entries: their salt, and salt and record of each entry.

        An entry that concerns several people opens to each of them, and its record names them by
        id: they are in one clip. Only a restriction that somebody else set is withheld; whoever
        blocks or unfollows is not told of.
        """
        ref = person_ref(person.id, person.log_salt)
        with self.db.reading() as tx:
            entries = tx.log.citing(ref, start, _OWN_LIMIT)
        whole = len(entries) < _OWN_LIMIT
        return {
            "person": person.id,
            "salt": person.log_salt.hex(),
            "person_ref": ref,
            "entries": [_shown(person, entry) for entry in entries],
            "next": None if whole else (entries[-1].idx or 0) + 1,
        }


def _shown(person: PersonRecord, entry: LogEntryRecord) -> dict[str, Any]:
    opening = opening_of(entry)
    withheld = opening is not None and entry.kind == "restrict" and not _own(person, opening)
    told = None if withheld else opening
    return {
        "index": entry.idx,
        "kind": entry.kind,
        "body": entry.body.decode(),
        "erased": opening is None,
        "withheld": withheld,
        "salt": None if told is None else told.salt.hex(),
        "private": None if told is None else told.private.decode(),
    }


def _own(person: PersonRecord, opening: Opening) -> bool:
    private = json.loads(opening.private)
    return private.get("by", person.id) in {person.id, None}


def _tile(wanted: TilePath, parts: list[bytes]) -> Tile:
    if len(parts) != wanted.width:
        raise NotFoundError("the log's rows do not hold this tile")
    data = encode_bundle(parts) if wanted.level is None else b"".join(parts)
    return Tile(data=data, immutable=wanted.is_full)


def _some(head: CheckpointRecord | None) -> CheckpointRecord:
    if head is None:
        raise NotFoundError("the log has no such head yet")
    return head
