"""Erases a cameo in a process that is killed at a step.

`python -m tests.integration.killed_eraser`

Reads lines of a home and a number, and answers each with `killed` or `finished`. Each erasure runs
in a fork of this process, which never touches a store itself: their threads do not survive a fork.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cameo.flows.vault import Vault
from cameo.store.database import Database
from cameo.store.files import Files
from cameo.wiring.home import migrate
from tests.integration.people import World
from tests.integration.rights import Office
from tests.integration.studio import Studio


@contextmanager
def home(folder: Path) -> Iterator[tuple[Office, Studio]]:
    """A service of its own in a folder."""
    url = f"sqlite:///{folder / 'cameo.db'}"
    if not (folder / "cameo.db").exists():
        migrate(url)
    world = World(Database(url), folder)
    try:
        yield Office(world), Studio(world)
    finally:
        world.vault.work.close()
        world.db.close()


def erase_until(folder: Path, number: int) -> str:
    """Erase alice's cameo in a child that dies before step `number`."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with home(folder) as (office, _studio):
                _arm(number)
                office.erasures.erase(office.world.accounts.find("alice"), confirm="alice")
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    return "finished" if os.WEXITSTATUS(status) == 0 else "failed"


def _arm(number: int) -> None:
    left = [number]

    def step() -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    def armed(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            step()
            done = call(*args, **named)
            step()
            return done

        return counted

    begin = Database.transaction

    @contextmanager
    def committing(self: Database, **locks: Any) -> Iterator[Any]:
        with begin(self, **locks) as tx:
            yield tx
            step()  # before the commit
        step()  # and after it

    Vault.destroy = armed(Vault.destroy)  # type: ignore[method-assign]
    Files.delete_all = armed(Files.delete_all)  # type: ignore[method-assign]
    Database.transaction = committing  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    for line in sys.stdin:
        folder, number = line.rsplit(maxsplit=1)
        sys.stdout.write(erase_until(Path(folder), int(number)) + "\n")
        sys.stdout.flush()
