"""Makes processes quickly: everything is imported once, and each child is a fork of that.

Lines on stdin, ``role seed``; the answer is the child's process id. At the end of stdin it ends,
and its children with it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.integration.race.actors import play
from tests.integration.race.ground import Ground, warm_up


def main() -> None:
    """Serve until stdin ends. Nothing that holds a connection exists before a fork."""
    ground = Ground(sys.argv[1], Path(sys.argv[2]))
    side = ground.side()
    warm_up(side)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody has to collect the dead
    for line in sys.stdin:
        role, seed = line.split()
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            play(role, ground, side, seed)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
