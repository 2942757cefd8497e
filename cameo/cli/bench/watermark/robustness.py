"""Is the payload still read after something happened to the marked clip?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cameo.cli.bench.watermark.marking import (
    Choice,
    detected,
    loaded,
    loaded_marked,
    partner_of,
    payload_of,
    payloads,
)
from cameo.cli.bench.watermark.parallel import spread
from cameo.media.processing import ATTACKS, Attack, Clip, attack

_OTHER = "another clip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One attack on one clip.

    Attributes:
        case: the clip.
        side: pixels of its shorter side.
        attack: the attack.
        group: its group.
        hard: whether it is beyond ordinary processing.
        recovered: whether all payloads that are in the copy were read exactly, 96 bits each.
        wrong: payloads reported that are not in the copy.
        statistic: T, the highest of the search.
        threshold: what T must reach.
        attack_s: seconds that the attack took.
        detect_s: seconds that the search took.
        detect_cpu_s: the same in processor time, over all threads.
        size_bytes: of the last encoding of the picture.
    """

    case: str
    side: int
    attack: str
    group: str
    hard: bool
    recovered: bool
    wrong: int
    statistic: float
    threshold: float
    attack_s: float
    detect_s: float
    detect_cpu_s: float
    size_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One attack on one clip that is still to be done."""

    choice: Choice
    case: str
    side: int
    attack: str


def on_picture(only: str | None = None) -> list[Attack]:
    """The attacks that change the picture; `only` is a group, or GROUP/NAME, or a name."""
    return [a for a in ATTACKS if a.touches != "sound" and chosen(a, only)]


def chosen(each: Attack, only: str | None) -> bool:
    """Whether an attack is one of those asked for."""
    return only is None or only in {each.group, each.name, f"{each.group}/{each.name}"}


def measure(choice: Choice, attacks: Sequence[Attack], workers: int = 2) -> Iterator[Result]:
    """Attack every case with every attack, and search."""
    tasks = [
        Task(choice=choice, case=case.name, side=case.side, attack=each.name)
        for case in choice.cases()
        for each in attacks
    ]
    yield from spread(one, tasks, workers)


def one(task: Task) -> Result:
    """Attack one clip and search."""
    row = attack(task.attack)
    clip = loaded_marked(task.choice, task.case)
    expected = {payload_of(task.case)}
    began = time.perf_counter()
    outcome = row.apply(clip, _partner(row, task, expected))
    attacked, spent = time.perf_counter(), time.process_time()
    detection = detected(outcome.clip)
    done, used = time.perf_counter(), time.process_time()
    found = payloads(detection)
    return Result(
        case=task.case,
        side=task.side,
        attack=row.name,
        group=row.group,
        hard=row.hard,
        recovered=expected <= found,
        wrong=len(found - expected),
        statistic=detection.confidence,
        threshold=detection.threshold,
        attack_s=attacked - began,
        detect_s=done - attacked,
        detect_cpu_s=used - spent,
        size_bytes=outcome.sizes.picture,
    )


def _partner(row: Attack, task: Task, expected: set[int]) -> Clip | None:
    """The clip that is joined behind; what it says is added to what is expected."""
    if row.partner is None:
        return None
    original = loaded(task.choice, task.case)
    if row.partner == "unmarked":
        return partner_of(original, payload=None)
    other = payload_of(f"{task.case} {_OTHER}")
    expected.add(other)
    return partner_of(original, payload=other)
