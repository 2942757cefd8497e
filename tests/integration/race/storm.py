"""Lets the processes loose, kills some of them at random and replaces them, and cleans up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psycopg

from cameo.cli.bench.cluster import fresh_database
from cameo.wiring.home import migrate
from tests.integration.race.actors import ROLES
from tests.integration.race.evidence import Seen, faults, read
from tests.integration.race.ground import LEASE, Ground

ROOT = Path(__file__).resolve().parents[3]
_CALM = 0.4
_LONGEST_WAIT = 60.0


class Nursery:
    """The process that forks the others."""

    def __init__(self, ground: Ground) -> None:
        command = [sys.executable, "-m", "tests.integration.race.nursery"]
        self._process = subprocess.Popen(
            [*command, ground.url, str(ground.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.children: dict[str, int] = {}

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for role in list(self.children):
            self.kill(role)
        with self._process:  # closing its input ends it
            assert self._process.stdin is not None
            self._process.stdin.close()

    def bear(self, role: str, seed: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{role} {seed}\n")
        self._process.stdin.flush()
        self.children[role] = int(self._process.stdout.readline())

    def kill(self, role: str) -> None:
        """As the machine would: no warning, nothing is tidied up."""
        try:
            os.kill(self.children.pop(role), signal.SIGKILL)
        except ProcessLookupError:
            return  # it ended by a fault of its own, which is found in the folder


@dataclass(frozen=True)
class Weathered:
    """What a storm left."""

    kills: int
    crashes: list[str]
    """What went wrong in a process that was not killed."""
    faults: list[str]
    counts: Counter[str]
    """Uses and denials that were done, and clips that were withdrawn."""


def storm(server: str, folder: Path, seconds: float) -> Weathered:
    """A whole storm in a database of its own, and what an honest look at it finds.

    Args:
        server: URL of a PostgreSQL cluster, with a %s for the database's name.
        folder: for keys and reports of crashes.
        seconds: how long it lasts.
    """
    with fresh_database(server, "storm") as url:
        migrate(url)
        ground = Ground(url, folder)
        ground.settle()
        kills = rage(ground, seconds)
        settle_down(ground)
        seen = read(ground)
        return Weathered(
            kills=kills,
            crashes=[path.read_text() for path in folder.glob("fault-*")],
            faults=[*faults(seen), *_audited(ground), *_complaints(ground)],
            counts=_counts(seen),
        )


def _audited(ground: Ground) -> list[str]:
    """The log as an auditor reads it."""
    side = ground.side()
    found = [f"{each.code} at {each.index}" for each in side.world.ledger.audit().findings]
    side.db.close()
    return found


def _complaints(ground: Ground) -> list[str]:
    """Deadlocks that the server wrote down."""
    with psycopg.connect(ground.plain_url) as connection:
        row = connection.execute("show data_directory").fetchone()
    assert row is not None
    lines = (Path(row[0]).parent / "log").read_text().splitlines()
    return [line for line in lines if "deadlock detected" in line]


def _counts(seen: Seen) -> Counter[str]:
    done = Counter(call.what for call in seen.calls if call.outcome == "done")
    done["release"] = sum(leaf.kind == "release" for leaf in seen.leaves)
    done["withdrawn"] = sum(clip.status == "withdrawn" for clip in seen.clips.values())
    done["failed"] = sum(clip.status == "failed" for clip in seen.clips.values())
    done["entries"] = len(seen.leaves)
    return done


def rage(ground: Ground, seconds: float, seed: int = 0) -> int:
    """Let everybody work for so long; returns how many were killed on the way.

    It goes on longer where too little has happened to say anything.
    """
    chance, kills = random.Random(seed), 0
    with Nursery(ground) as nursery, psycopg.connect(ground.plain_url, autocommit=True) as looking:
        for role in ROLES:
            nursery.bear(role, f"{seed}-{role}")
        began = time.monotonic()
        while time.monotonic() < began + seconds or not _enough(looking, began):
            time.sleep(_CALM * (0.5 + chance.random()))
            role = chance.choice(list(ROLES))
            nursery.kill(role)
            kills += 1
            nursery.bear(role, f"{seed}-{role}-{kills}")
            if list(ground.folder.glob("fault-*")):
                break
    return kills


def settle_down(ground: Ground) -> None:
    """What the service does after such a night: sweep until nothing hangs, then give indexes."""
    with psycopg.connect(ground.plain_url, autocommit=True) as looking:
        while looking.execute(_OTHERS).fetchone() != (0,):
            time.sleep(0.02)  # what was being committed when its process died
    side = ground.side()
    time.sleep(LEASE.total_seconds())
    side.studio.releases.sweep()
    side.world.revocations.sweep()
    side.world.ledger.sequence()
    side.world.vault.work.close()
    side.db.close()


def _enough(looking: psycopg.Connection, began: float) -> bool:
    """Some of everything was done; what a slow machine does not do in a minute, it never does."""
    counted = dict(looking.execute(_DONE).fetchall())
    wanted = {"release": 5, "publish": 1, "ungrant": 1, "pause": 1, "block": 1, "revoke": 1}
    there = all(counted.get(what, 0) >= least for what, least in wanted.items())
    return there or time.monotonic() > began + _LONGEST_WAIT


_OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
_DONE = """
select what, count(*) from race_mark where phase = 'returned' and outcome in ('done', 'completed')
group by what
"""
