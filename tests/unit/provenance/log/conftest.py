"""A log in memory that is read the way a stranger reads one: checkpoint, tiles, bundles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from provenance.log.entries import EntryType, EpochCite, LogEntry, build, commit
from provenance.log.memory import MemoryLogStore
from provenance.log.merkle import consistency_proof
from provenance.log.notes import NoteSigner
from provenance.log.sequencer import sequence
from provenance.log.tiles import HEIGHT, WIDTH, encode_bundle, parse_path

AT = datetime(2026, 1, 2, tzinfo=UTC)
SALT = b"t" * 32


class ShownLog:
    """A log and its key; `fetch` serves what the real service serves."""

    def __init__(self, seed: bytes = b"s" * 32, origin: str = "cameo.example/log") -> None:
        self.signer = NoteSigner(origin, seed)
        self.vkey = self.signer.vkey
        self.store = MemoryLogStore()
        self.fetched: list[str] = []
        self.wrong: dict[str, bytes] = {}
        self._minutes = 0

    def add(self, kind: str, *cites: tuple[str, int], private: bytes = b"record", at=None) -> bytes:
        """Log one entry; each is a minute after the one before."""
        self._minutes += 1
        body = build(
            LogEntry(
                type=EntryType(kind),
                commitment=commit(private, SALT),
                epochs=tuple(EpochCite(ref=ref, epoch=epoch) for ref, epoch in cites),
                at=at or AT + timedelta(minutes=self._minutes),
            )
        )
        self.add_body(body)
        return body

    def add_body(self, body: bytes) -> None:
        self.store.put(body)
        with self.store.transaction():
            sequence(self.store, self.signer, 1000)

    def fill(self, count: int) -> None:
        for n in range(count):
            self.store.put(b"filler %d" % n)
        with self.store.transaction():
            sequence(self.store, self.signer, max(count, 1))

    def fork(self, keep: int) -> ShownLog:
        """Another log under the same key that agrees with this one on its first entries."""
        other = ShownLog()
        other.signer, other.vkey = self.signer, self.vkey
        for entry in self.store.entries[:keep]:
            other.add_body(entry.body)
        other._minutes = self._minutes
        return other

    @property
    def size(self) -> int:
        return len(self.store.entries)

    def checkpoint(self) -> str:
        return self.store.notes[-1]

    def proof(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(self.store.get_node, old, new)

    def fetch(self, text: str) -> bytes:
        self.fetched.append(text)
        if text in self.wrong:
            return self.wrong[text]
        path = parse_path(text)
        assert path.count_in(self.size) >= path.width
        first = path.number * WIDTH
        places = range(first, first + path.width)
        if path.level is None:
            return encode_bundle([self.store.entries[n].body for n in places])
        return b"".join(self.store.get_node(path.level * HEIGHT, n) for n in places)


@pytest.fixture
def shown() -> ShownLog:
    return ShownLog()


@pytest.fixture
def salt() -> bytes:
    return SALT


@pytest.fixture
def start() -> datetime:
    """The time of the first entry is a minute after this."""
    return AT
