"""One run of a monitor: what it is asked, what it does, what it reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from provenance.log.alarms import ALARMS, Alarm
from provenance.log.checkpoint import Checkpoint
from provenance.log.errors import LogError
from provenance.log.history import REASONS
from provenance.log.merkle import leaf_hash
from provenance.log.mine import Mine, OwnEntry, cites, examine, own_entries
from provenance.log.monitor import Watched, check_cosigned, check_promises, watch
from provenance.log.monitor_state import MonitorState
from provenance.log.promise import Promise


class Service(Protocol):
    """The service that keeps the log, as a stranger sees it."""

    def checkpoint(self) -> str:
        """The newest signed checkpoint."""
        ...

    def cosigned(self) -> str | None:
        """The newest checkpoint that witnesses cosigned; None where the log has none."""
        ...

    def fetch(self, path: str) -> bytes:
        """The bytes at a path of C2SP tlog-tiles."""
        ...

    def mine(self, api_key: str) -> dict[str, Any]:
        """What the service tells a person about their own entries."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What the monitor is asked to check."""

    vkey: str
    now: datetime
    before: MonitorState | None
    """What it remembers of this log."""
    witnesses: Sequence[str] = ()
    """Verifier keys of witnesses that must have cosigned."""
    promises: Sequence[tuple[str, Promise]] = ()
    """Signed notes and the promises in them, checked."""
    api_key: str | None = None
    """Of the person whose own entries are looked at; None for nobody's."""
    known_keys: Sequence[str] = ()
    """Ids of the keys that this person registered themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What was found."""

    head: Checkpoint | None
    """None where the log showed none that its key signed."""
    new: int
    alarms: tuple[Alarm, ...]
    """What was ever found in the log, then what this run found besides."""
    mine: Mine | None
    own: tuple[OwnEntry, ...]
    state: MonitorState | None
    """What to remember; None where nothing could be read yet."""

    def to_json(self) -> dict[str, Any]:
        """As one JSON document."""
        head, mine = self.head, self.mine
        return {
            "origin": head and head.origin,
            "size": head and head.size,
            "root": head and head.root.hex(),
            "new": self.new,
            "findings": [{**asdict(alarm), "text": text_of(alarm)} for alarm in self.alarms],
            "mine": mine
            and {
                "person": mine.person,
                "person_ref": mine.ref,
                "entries": [
                    {
                        "index": own.index,
                        "type": str(own.entry.type),
                        "at": own.entry.at.isoformat(),
                        "private": own.private,
                    }
                    for own in self.own
                ],
            },
        }


@dataclass(slots=True)
class _Collected:
    """What is picked out of the entries while they are read."""

    ref: str | None
    promised: frozenset[bytes]
    bodies: dict[int, bytes] = field(default_factory=dict)
    leaves: set[bytes] = field(default_factory=set)

    def visit(self, index: int, body: bytes) -> None:
        leaf = leaf_hash(body)
        if leaf in self.promised:
            self.leaves.add(leaf)
        if self.ref is not None and cites(body, self.ref):
            self.bodies[index] = body


@dataclass(frozen=True, slots=True)
class _At:
    """The service at one of its checkpoints."""

    service: Service
    note: str

    def checkpoint(self) -> str:
        return self.note

    def fetch(self, path: str) -> bytes:
        return self.service.fetch(path)


def run(service: Service, asked: Question) -> Report:
    """Read the log once and check what was asked.

    Raises:
        Exception: Whatever `service` raises where it does not answer; then nothing is known.
    """
    try:
        return _run(service, asked)
    except LogError as error:
        # The log answered, and what it showed is not what a log shows: that is a finding too.
        alarm = Alarm(code=error.code, detail=str(error))
        known = () if asked.before is None else asked.before.alarms
        return Report(
            head=None, new=0, alarms=(*known, alarm), mine=None, own=(), state=asked.before
        )


def text_of(alarm: Alarm) -> str:
    """What an alarm means."""
    return ALARMS.get(alarm.code) or REASONS.get(alarm.code) or alarm.detail


def _run(service: Service, asked: Question) -> Report:
    # In this order: what witnesses signed is never newer than the head, and what is told about
    # one's own entries never older.
    cosigned = service.cosigned() if asked.witnesses else None
    source = _At(service, service.checkpoint())
    mine = None if asked.api_key is None else Mine.from_json(service.mine(asked.api_key))
    seen = _Collected(
        None if mine is None else mine.ref,
        frozenset(promise.leaf_hash for _, promise in asked.promises),
    )
    whole = mine is not None or bool(asked.promises)
    visit = seen.visit if whole else None
    watched = watch(source, asked.vkey, now=asked.now, before=asked.before, visit=visit)
    alarms: list[Alarm] = []
    if asked.witnesses:
        alarms += _cosigned(cosigned, asked, source, watched)
    # A view that does not continue the last one says nothing about what is missing from the log.
    told = mine if mine is not None and watched.continues else None
    if watched.continues:
        alarms += check_promises(asked.promises, seen.leaves, asked.now)
    state = watched.state
    if told is not None:
        told = told.up_to(watched.checkpoint.size)
        alarms += _own(told, asked, seen, state)
        state = replace(state, references={**state.references, told.person: told.ref})
    return Report(
        head=watched.checkpoint,
        new=watched.new,
        alarms=(*state.alarms, *alarms),
        mine=told,
        own=() if told is None else tuple(own_entries(told, seen.bodies)),
        state=state,
    )


def _cosigned(note: str | None, asked: Question, source: _At, watched: Watched) -> list[Alarm]:
    return check_cosigned(
        note,
        asked.vkey,
        asked.witnesses,
        fetch=source.fetch,
        head=watched.checkpoint,
        before=asked.before,
        now=asked.now,
    )


def _own(mine: Mine, asked: Question, seen: _Collected, state: MonitorState) -> list[Alarm]:
    return examine(
        mine,
        seen.bodies,
        known_keys=asked.known_keys,
        before=state.references.get(mine.person),
        history=state.history,
    )
