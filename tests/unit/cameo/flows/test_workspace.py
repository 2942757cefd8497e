"""Work folders are private, held by a living process, and removed once it is dead."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from cameo.flows.workspace import Workspace

HOLD = """
import sys, time
from pathlib import Path
from cameo.flows.workspace import Workspace
work = Workspace(Path(sys.argv[1]))
(work.path / "plain").write_text("secret")
print(work.path, flush=True)
time.sleep(60)
"""


def test_folders_are_private_and_removed(tmp_path: Path):
    work = Workspace(tmp_path / "work")
    with work.folder() as folder:
        (folder / "plain").write_text("secret")
        assert folder.stat().st_mode & 0o077 == 0
        assert work.path.stat().st_mode & 0o077 == 0
    assert not folder.exists()
    work.close()
    assert list((tmp_path / "work").iterdir()) == []


def test_a_living_process_keeps_its_folder_and_a_killed_one_does_not(tmp_path: Path):
    root = tmp_path / "work"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    held = Path(other.stdout.readline().strip())
    mine = Workspace(root)
    assert mine.sweep() == 0
    assert (held / "plain").exists()
    other.send_signal(signal.SIGKILL)
    other.wait()
    other.stdout.close()
    assert mine.sweep() == 1
    assert not held.exists()
    assert mine.path.exists()
    mine.close()
