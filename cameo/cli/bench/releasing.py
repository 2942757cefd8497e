"""Processes that release at once, and one that withdraws among them."""

from __future__ import annotations

import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any, Final

import psycopg

from cameo.cli.bench.stage import Stage, random_handle
from cameo.store.locks import lock_number
from consent.vocabulary import Audience

_WARM_UP: Final = 20
_RELEASERS: Final = 8
_CLIPS_EACH: Final = 20
_PATIENCE: Final = 300.0
"""Seconds after which a process that says nothing has failed."""
_SPAWN: Final = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each of several things took, and how many were done in a second."""

    seconds: tuple[float, ...]
    rate: float

    @classmethod
    def of(cls, turns: Sequence[Timing]) -> Timing:
        """Several turns of one thing: the rate is the median of theirs."""
        return cls(
            tuple(second for turn in turns for second in turn.seconds),
            statistics.median(turn.rate for turn in turns),
        )

    def quantile(self, share: float) -> float:
        """The time that this share of them did not exceed, in seconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True, slots=True)
class Hot:
    """What happened around one person whom many release at once."""

    releasers: int
    withdrawals: Timing
    released: int
    released_after: int
    """Releases that began after a withdrawal in their way had returned, or stand after it in the
    log; must be 0."""


def releases(url: str, folder: Path, work: Sequence[Sequence[str]]) -> Timing:
    """Release clips through the shipped flow, one process a part of the work."""
    return _together(_release_all, [(url, str(folder), list(part)) for part in work])


def bare_releases(url: str, work: Sequence[Sequence[str]]) -> Timing:
    """The floor: the same locks, rows and commit, in hand-written SQL without any decision."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    return _together(_release_bare, [(plain, list(part)) for part in work])


def hot_person(url: str, folder: Path, *, rounds: int) -> Hot:
    """One person permits eight people and withdraws from each while all of them release."""
    stage = Stage(url, folder)
    hot = stage.member(random_handle())
    makers = [stage.member(random_handle()) for _ in range(_RELEASERS)]
    stage.consent(hot, Audience.APPROVED)
    crowd = _Crowd(url, folder)
    withdrawals: list[float] = []
    released = late = 0
    for _ in range(rounds):
        granted = [stage.grant(hot, maker).id for maker in makers]
        crowd.start([[stage.finished(maker, hot) for _ in range(_CLIPS_EACH)] for maker in makers])
        returned = []
        for grant_id in granted:
            began = time.perf_counter()
            stage.revocations.revoke_grant(hot.record, grant_id)
            returned.append(time.time())
            withdrawals.append(time.perf_counter() - began)
        for number, marks in crowd.finish():
            done = [began for began, status in marks if status == "completed"]
            released += len(done)
            late += sum(began > returned[number] for began in done)
        late += _after_in_log(stage, granted)
    crowd.close()
    stage.close()
    return Hot(_RELEASERS, Timing(tuple(withdrawals), 0.0), released, late)


class _Crowd:
    """Processes that live through all rounds and release what each is given."""

    def __init__(self, url: str, folder: Path) -> None:
        self._inboxes: list[Any] = [_SPAWN.Queue() for _ in range(_RELEASERS)]
        self._outbox: Any = _SPAWN.Queue()
        self._go: Any = _SPAWN.Barrier(_RELEASERS + 1)
        self._processes = [
            _SPAWN.Process(
                target=_release_rounds,
                args=(url, str(folder), number, inbox, self._outbox, self._go),
            )
            for number, inbox in enumerate(self._inboxes)
        ]
        for process in self._processes:
            process.start()

    def start(self, work: Sequence[Sequence[str]]) -> None:
        """Let all of them begin at once."""
        for inbox, clips in zip(self._inboxes, work, strict=True):
            inbox.put(list(clips))
        self._go.wait()

    def finish(self) -> list[tuple[int, list[tuple[float, str]]]]:
        """What each of them did: when each release began, and what became of it."""
        return [_next(self._outbox, self._processes) for _ in self._processes]

    def close(self) -> None:
        """End them."""
        for inbox in self._inboxes:
            inbox.put(None)
        for process in self._processes:
            process.join()


def _after_in_log(stage: Stage, grants: Sequence[str]) -> int:
    """Releases that stand in the log after the withdrawal of the very grant they cite."""
    stage.ledger.sequence()
    with stage.db.reading() as tx:
        index, entries = 0, []
        while batch := tx.log.entries(index, 1000):
            entries += batch
            index += len(batch)
    ended = {entry.ref: entry.idx for entry in entries if entry.kind == "revoke"}
    late = 0
    for entry in entries:
        if entry.kind != "release":
            continue
        cited = json.loads(entry.opening[32:])["people"]
        for grant in (person["grant"] for person in cited):
            late += grant in grants and (entry.idx or 0) > (ended.get(grant) or 0)
    return late


def _together(work: Callable[..., None], arguments: Sequence[tuple[Any, ...]]) -> Timing:
    queue: Any = _SPAWN.Queue()
    go: Any = _SPAWN.Event()
    started = [_SPAWN.Process(target=work, args=(*part, queue, go)) for part in arguments]
    for process in started:
        process.start()
    for _ in started:
        _next(queue, started)
    go.set()
    found = [_next(queue, started) for _ in started]
    for process in started:
        process.join()
    return Timing(
        tuple(second for _, marks in found for second, _ in marks),
        _rate_of([(began, [end for _, end in marks]) for began, marks in found]),
    )


def _rate_of(parts: Sequence[tuple[float, Sequence[float]]]) -> float:
    """How many were done in a second while all worked: when each began, and when each was done."""
    first, last = max(began for began, _ in parts), min(ends[-1] for _, ends in parts)
    return sum(first < end <= last for _, ends in parts for end in ends) / (last - first)


def _next(queue: Any, processes: Sequence[Any]) -> Any:
    """What one of the processes says next; an error where one of them died instead."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            return queue.get(timeout=1)
        except Empty:
            if any(process.exitcode for process in processes):
                break
    for process in processes:
        process.kill()
    raise RuntimeError("a process of this benchmark died, or hangs")


def _release_all(url: str, folder: str, clips: list[str], queue: Any, go: Any) -> None:
    stage = Stage(url, Path(folder))

    def one(clip_id: str) -> None:
        status = stage.release(clip_id)
        if status != "completed":
            raise RuntimeError(f"{clip_id} is {status}")

    _timed(clips, one, queue, go)
    stage.close()


def _release_bare(url: str, clips: list[str], queue: Any, go: Any) -> None:
    with psycopg.connect(url) as connection:
        _timed(clips, lambda clip_id: _bare(connection, clip_id), queue, go)


def _timed(clips: list[str], one: Callable[[str], None], queue: Any, go: Any) -> None:
    for clip_id in clips[:_WARM_UP]:
        one(clip_id)
    queue.put("ready")
    go.wait()
    began, marks = time.monotonic(), []
    for clip_id in clips[_WARM_UP:]:
        start = time.monotonic()
        one(clip_id)
        end = time.monotonic()
        marks.append((end - start, end))
    queue.put((began, marks))


def _bare(connection: psycopg.Connection[Any], clip_id: str) -> None:
    with connection.transaction():
        people = connection.execute(_MEMBERS, (clip_id,)).fetchall()
        locks = sorted(lock_number(person) for person, _ in people)
        connection.execute(
            "select " + ", ".join("pg_advisory_xact_lock_shared(%s)" for _ in locks), locks
        )
        connection.execute(_STATE, ([person for person, _ in people],)).fetchall()
        connection.execute(_DONE, (clip_id,))
        connection.execute(_USED, (clip_id,))
        connection.execute(_COUNTED, ([grant for _, grant in people],))
        connection.execute(_TOLD, (clip_id, [person for person, _ in people]))
        connection.execute(_LOGGED, (clip_id, b"0" * 300, b"0" * 300))


def _release_rounds(  # noqa: PLR0917 - as a process is started
    url: str, folder: str, number: int, inbox: Any, outbox: Any, go: Any
) -> None:
    stage = Stage(url, Path(folder))
    with stage.db.reading() as tx:
        tx.now()
    while (clips := inbox.get()) is not None:
        go.wait()
        outbox.put((number, [(time.time(), stage.release(clip_id)) for clip_id in clips]))
    stage.close()


_MEMBERS: Final = "select person_id, grant_id from clip_person where clip_id = %s"
_STATE: Final = """
    select p.epoch, p.frozen, c.status, c.document, g.status, g.document
    from person p join consent c on c.id = p.consent_id
    join "grant" g on g.person_id = p.id and g.status = 'active'
    where p.id = any(%s)"""
_DONE: Final = "update clip set status = 'completed', completed_at = now() where id = %s"
_USED: Final = "update clip_person set use = 'consumed' where clip_id = %s"
_COUNTED: Final = """
    update "grant" set uses_reserved = uses_reserved - 1, uses_consumed = uses_consumed + 1
    where id in (select id from "grant" where id = any(%s) order by id for update)"""
_TOLD: Final = """
    insert into notification (person_id, kind, clip_id, created_at)
    select told, 'clip.with_you', %s, now() from unnest(%s::text[]) as told"""
_LOGGED: Final = """
    insert into log_pending (kind, ref, body, opening) values ('release', %s, %s, %s)"""
