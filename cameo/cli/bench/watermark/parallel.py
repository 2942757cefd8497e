"""Work over a few processes, with what was done told on standard error."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import cv2

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_EVERY = 20.0


def spread(
    work: Callable[[Task], Outcome], tasks: Sequence[Task], workers: int = 2
) -> Iterator[Outcome]:
    """Yield the outcomes in the order of the tasks.

    Args:
        work: a function of a module, so that another process can find it.
        tasks: what it takes; those that share a clip should stand together.
        workers: how many processes; 1 works in this one.
    """
    told = _Progress(work.__module__.rpartition(".")[2], len(tasks))
    if workers <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield told.counted(work(task))
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(workers, len(tasks)), initializer=_one_thread) as pool:
        for outcome in pool.imap(work, tasks):
            yield told.counted(outcome)


def _one_thread() -> None:
    cv2.setNumThreads(1)


class _Progress:
    def __init__(self, name: str, total: int) -> None:
        self._name = name
        self._total = total
        self._done = 0
        self._began = self._said = time.monotonic()

    def counted(self, outcome: Outcome) -> Outcome:
        self._done += 1
        now = time.monotonic()
        if now - self._said >= _EVERY or self._done == self._total:
            self._said = now
            passed = now - self._began
            text = f"{self._name}: {self._done} of {self._total}, {passed:.0f} s\n"
            sys.stderr.write(text)
            sys.stderr.flush()
        return outcome
