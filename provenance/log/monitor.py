"""A monitor: reads a log from outside and says what is wrong with it. It trusts only the log's key.

watched = watch(source, vkey, now=now, before=state)       # state: what it remembers, or None
alarms = watched.state.alarms
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from provenance.log.alarms import (
    BROKEN_PROMISE,
    ENTRIES_DIFFER,
    NOT_COSIGNED,
    SECOND_VIEW,
    WENT_BACK,
    Alarm,
)
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.cosignature import verify_cosignature
from provenance.log.errors import BadNoteSignature, LogDiverged, LogError, MalformedState
from provenance.log.history import Finding, History
from provenance.log.merkle import Frontier, consistency_proof, leaf_hash, verify_consistency
from provenance.log.monitor_state import MonitorState
from provenance.log.promise import Promise
from provenance.log.tiles import Fetch, TileNodes, bundles, decode_bundle

WITNESS_LAG: Final = timedelta(minutes=15)
"""How long witnesses may take before a head that they did not cosign is a finding."""

Visit = Callable[[int, bytes], None]


class LogSource(Protocol):
    """Where a log is read from; nothing that it says is believed unchecked."""

    def checkpoint(self) -> str:
        """The newest signed checkpoint that the log shows."""
        ...

    def fetch(self, path: str) -> bytes:
        """The bytes at a path of C2SP tlog-tiles; raises where there are none."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """One reading of a log."""

    checkpoint: Checkpoint
    """The head that the log showed; already a finding where it does not continue the last one."""
    new: int
    """How many entries came since the last reading."""
    continues: bool
    """Whether it continues the last reading; where not, nothing that it shows is taken over."""
    state: MonitorState
    """What to remember; all that was found in the log so far stands in it."""


def watch(
    source: LogSource,
    vkey: str,
    *,
    now: datetime,
    before: MonitorState | None = None,
    visit: Visit | None = None,
) -> Watched:
    """Read what came since the last time, or everything.

    Args:
        source: The log.
        vkey: Its verifier key, got from somewhere else.
        now: The monitor's clock.
        before: What the last reading left.
        visit: Called with every entry; asks for a reading from the first entry on.

    Raises:
        LogDiverged: At the first reading: the entries are not those of the signed head.
        MalformedState: If `before` is not what a reading left.
        LogError: If what the log shows cannot be read as a signed log at all.
    """
    note = source.checkpoint()
    head = open_checkpoint(note, vkey)
    if before is None:
        return _first(_Reading(source, head, now), note, visit)
    last = open_checkpoint(before.note, vkey)
    alarm = _backwards(last, head, (before.note, note))
    if alarm is not None:
        return _refused(head, before, alarm)
    edge = Frontier(before.frontier)
    if edge.root() != last.root:
        raise MalformedState("its tree is not that of its checkpoint")
    reading = _Reading(source, head, now, seen_at=before.seen_at, seen=last.size)
    if visit is None:
        reading.frontier, reading.history = edge, copy.deepcopy(before.history)
    reading.run(visit)
    forked = visit is not None and reading.root_then != last.root
    if forked or not reading.holds():
        alarm = _difference(source.fetch, last, head, (before.note, note))
        return _refused(head, before, alarm)
    state = replace(
        before,
        note=note,
        frontier=reading.frontier.nodes,
        history=reading.history,
        seen_at=now,
    )
    alarms = [_alarm(finding) for finding in reading.findings]
    return Watched(
        checkpoint=head,
        new=head.size - last.size,
        continues=True,
        state=_remember(state, alarms),
    )


def check_cosigned(
    note: str | None,
    vkey: str,
    witnesses: Sequence[str],
    *,
    fetch: Fetch,
    head: Checkpoint,
    before: MonitorState | None,
    now: datetime,
) -> list[Alarm]:
    """Judge the newest head that the log says its witnesses cosigned.

    Args:
        note: That head, with the cosignatures; None where the log has none.
        vkey: The log's verifier key.
        witnesses: The verifier keys of the witnesses that must have cosigned.
        fetch: Reads tiles of the log.
        head: The head that the log shows, checked.
        before: What the reading before this one left.
        now: The monitor's clock.

    Raises:
        LogError: If it is no head of this log.
    """
    if note is None:
        return [Alarm(code=NOT_COSIGNED, detail="no head is cosigned at all")]
    seen = open_checkpoint(note, vkey)
    alarms = []
    for witness in witnesses:
        try:
            verify_cosignature(note, witness)
        except BadNoteSignature as error:
            alarms.append(Alarm(code=NOT_COSIGNED, detail=str(error)))
    if seen.size > head.size or not _continues(fetch, seen, head):
        alarms.append(Alarm(code=SECOND_VIEW, detail="of the cosigned head", notes=(note,)))
    if before is not None and now - before.seen_at > WITNESS_LAG:
        size = open_checkpoint(before.note, vkey).size
        if seen.size < size:
            detail = f"size {size} was shown at {before.seen_at.isoformat()}, cosigned {seen.size}"
            alarms.append(Alarm(code=NOT_COSIGNED, detail=detail))
    return alarms


def check_promises(
    promises: Iterable[tuple[str, Promise]], leaves: Collection[bytes], now: datetime
) -> list[Alarm]:
    """Withdrawals that were promised, are due, and are not in the log.

    Args:
        promises: Signed notes with the promises in them, checked.
        leaves: Leaf hashes of the log; all of it must have been read.
        now: The monitor's clock.
    """
    return [
        Alarm(code=BROKEN_PROMISE, detail=f"due {promise.due.isoformat()}", notes=(note,))
        for note, promise in promises
        if promise.due < now and promise.leaf_hash not in leaves
    ]


class _Reading:
    """Recomputes the tree from the entries and reads their order."""

    def __init__(
        self,
        source: LogSource,
        head: Checkpoint,
        now: datetime,
        *,
        seen_at: datetime | None = None,
        seen: int = 0,
    ) -> None:
        self._source = source
        self.head = head
        self.now = now
        self._seen_at = seen_at
        self._seen = seen
        self.frontier = Frontier()
        self.history = History()
        self.findings: list[Finding] = []
        self.root_then: bytes | None = None
        """The root at the size that was seen before, where the reading came past it."""

    def run(self, visit: Visit | None) -> None:
        begin, end = self.frontier.size, self.head.size
        for path in bundles(begin, end):
            bodies = decode_bundle(self._source.fetch(path.text()), path.width)
            first = path.number * 256
            for index, body in enumerate(bodies, first):
                if index >= begin:
                    self._entry(index, body, visit)
        if self.frontier.size == self._seen:
            self.root_then = self.frontier.root()

    def holds(self) -> bool:
        """Whether the entries are those that the head fixes."""
        return (self.frontier.size, self.frontier.root()) == (self.head.size, self.head.root)

    def _entry(self, index: int, body: bytes, visit: Visit | None) -> None:
        if index == self._seen:
            self.root_then = self.frontier.root()
        self.frontier.append(leaf_hash(body))
        since = self._seen_at if index >= self._seen else None
        self.findings.extend(self.history.read(index, body, since=since, until=self.now))
        if visit is not None:
            visit(index, body)


def _first(reading: _Reading, note: str, visit: Visit | None) -> Watched:
    reading.run(visit)
    alarms = [_alarm(finding) for finding in reading.findings]
    if not reading.holds():
        raise LogDiverged(f"the entries are not those of the head of size {reading.head.size}")
    state = MonitorState(
        note=note,
        frontier=reading.frontier.nodes,
        history=reading.history,
        seen_at=reading.now,
        alarms=tuple(alarms),
    )
    return Watched(checkpoint=reading.head, new=reading.head.size, continues=True, state=state)


def _refused(head: Checkpoint, before: MonitorState, alarm: Alarm) -> Watched:
    return Watched(checkpoint=head, new=0, continues=False, state=_remember(before, [alarm]))


def _remember(state: MonitorState, alarms: Iterable[Alarm]) -> MonitorState:
    """The state with these alarms; one that is known already is not added again."""
    return replace(state, alarms=tuple(dict.fromkeys([*state.alarms, *alarms])))


def _backwards(last: Checkpoint, head: Checkpoint, notes: tuple[str, str]) -> Alarm | None:
    if head.size == last.size and head.root != last.root:
        return Alarm(code=SECOND_VIEW, detail=f"two trees of size {head.size}", notes=notes)
    if head.size < last.size:
        return Alarm(code=WENT_BACK, detail=f"from {last.size} to {head.size}", notes=notes)
    return None


def _difference(fetch: Fetch, last: Checkpoint, head: Checkpoint, notes: tuple[str, str]) -> Alarm:
    if _continues(fetch, last, head):
        return Alarm(code=ENTRIES_DIFFER, detail=f"at size {head.size}", notes=notes[1:])
    return Alarm(code=SECOND_VIEW, detail=f"sizes {last.size} and {head.size}", notes=notes)


def _continues(fetch: Fetch, old: Checkpoint, new: Checkpoint) -> bool:
    """Whether the log's tiles show that one head continues the other: showing it is its duty."""
    try:
        hashes = consistency_proof(TileNodes(fetch, new.size).get_node, old.size, new.size)
        verify_consistency(old.size, new.size, hashes, old.root, new.root)
    except LogError:
        return False
    return True


def _alarm(finding: Finding) -> Alarm:
    return Alarm(code=finding.code, index=finding.index, ref=finding.ref)
