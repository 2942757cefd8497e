"""Render processes end with the worker, at whatever moment it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.processes import children_of, left_after

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
        while len(children := children_of(worker.pid)) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(children) >= 3, "two render processes and the tracker of their resources"
        time.sleep(moment)
        worker.send_signal(signal.SIGKILL)
    left = left_after(children, 60)
    if left:
        os.killpg(worker.pid, signal.SIGKILL)
    assert not left
