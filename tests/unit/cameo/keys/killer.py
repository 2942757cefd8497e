"""Kills a child process before each of its system calls that change a disk, one after another."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from itertools import count

CHANGING = ("open", "write", "fsync", "link", "replace", "unlink", "mkdir")


def every_crash(prepare: Callable[[int], None], work: Callable[[], None]) -> Iterator[int]:
    """Run `work` in a child that dies before its n-th change, for each n; yields after each death.

    Args:
        prepare: called with n before each run, to put things as they were.
        work: what is interrupted; ends after the run that reaches its end.
    """
    for number in count():
        prepare(number)
        if not _dies(number, work):
            return
        yield number


def _dies(number: int, work: Callable[[], None]) -> bool:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _arm(number)
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the interrupted work failed by itself"
    return False


def _arm(number: int) -> None:
    left = [number]

    def armed(call: Callable) -> Callable:
        def counted(*args: object, **named: object) -> object:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return call(*args, **named)

        return counted

    for name in CHANGING:
        setattr(os, name, armed(getattr(os, name)))
