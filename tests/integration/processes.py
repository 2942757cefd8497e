"""Other processes, as the system sees them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The processes that a process started."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _fields(entry)[1:2] == [str(pid)]
    ]


def left_after(pids: Iterable[int], patience: float) -> list[int]:
    """Those that are still alive after so many seconds; at once where none is."""
    left, deadline = list(pids), time.monotonic() + patience
    while (left := [pid for pid in left if _is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _is_alive(pid: int) -> bool:
    return _fields(Path(f"/proc/{pid}"))[:1] not in ([], ["Z"])


def _fields(process: Path) -> list[str]:
    """State and parent of a process; nothing of one that is gone."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
