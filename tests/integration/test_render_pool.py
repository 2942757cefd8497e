"""Render processes end with the worker, at whatever moment it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

WORKER = """
import threading, time
from cameo.settings import Settings
from cameo.wiring.pool import RenderPool

if __name__ == "__main__":
    pool = RenderPool(Settings(render_processes=2))
    threading.Thread(target=lambda: pool.run(["no task"] * 4), daemon=True).start()
    time.sleep(120)
"""


@pytest.mark.parametrize("moment", [0.0, 0.3, 1.0])
def test_they_end_when_it_is_killed_while_they_start(tmp_path: Path, moment: float):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    with subprocess.Popen([sys.executable, str(script)], start_new_session=True) as worker:
        deadline = time.monotonic() + 60
        while len(children := _children(worker.pid)) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(children) >= 3, "two render processes and the tracker of their resources"
        time.sleep(moment)
        worker.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while any(map(_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = [child for child in children if _alive(child)]
    if left:
        os.killpg(worker.pid, signal.SIGKILL)
    assert not left


def _children(pid: int) -> list[int]:
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _fields(entry)[1:2] == [str(pid)]
    ]


def _alive(pid: int) -> bool:
    return _fields(Path(f"/proc/{pid}"))[:1] not in ([], ["Z"])


def _fields(process: Path) -> list[str]:
    """State and parent of a process; nothing of one that is gone."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
