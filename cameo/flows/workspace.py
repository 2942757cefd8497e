"""Folders for plaintext while it is worked on: private, one a process, gone with it.

A process that is killed leaves its folder behind; the next one that starts removes every folder
that no living process holds. Holding is a file lock, which the system drops with the process.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_LOCK: Final = "held"
_NEW: Final = ".new-"


class Workspace:
    """The work folder of this process below `root`; made on first use."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._held: tuple[Path, Callable[[], object]] | None = None

    @property
    def path(self) -> Path:
        """This process's folder, mode 0700."""
        if self._held is None:
            path, lock = self._make()
            self._held = path, weakref.finalize(self, _let_go, path, lock)
        return self._held[0]

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder of its own, removed at the end whatever happens."""
        made = Path(tempfile.mkdtemp(dir=self.path))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def sweep(self) -> int:
        """Remove the folders that dead processes left; returns how many."""
        own = self.path
        removed = 0
        for folder in self._root.iterdir():
            if folder == own or folder.name.startswith(_NEW) or not (folder / _LOCK).exists():
                continue
            with (folder / _LOCK).open("rb") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
        return removed

    def close(self) -> None:
        """Remove this process's folder."""
        if self._held is not None:
            self._held[1]()
            self._held = None

    def _make(self) -> tuple[Path, IO[bytes]]:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(8)
        new = self._root / f"{_NEW}{name}"
        new.mkdir(mode=0o700)
        lock = (new / _LOCK).open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
        # It gets the name that a sweep looks at only once it is held.
        return new.rename(self._root / name), lock


def _let_go(path: Path, lock: IO[bytes]) -> None:
    shutil.rmtree(path, ignore_errors=True)
    lock.close()
