"""The long versions of two proofs: the consent life at random, and the storm of many processes.

    PYTHONPATH=. python scripts/soak.py [--examples 2000] [--steps 50] [--seconds 60]

One JSON line each; exit 1 where something was found. What the first one finds is printed as the
steps that lead there.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from cameo.cli.bench.cluster import cluster
from tests.integration.life.machine import ConsentLife
from tests.integration.race.storm import storm

PROCESSES = 2


def play(examples: int, steps: int, answers: Any) -> None:
    """Play so many lives; answers with what was played, and what was found."""
    played = 0
    done: dict[str, int] = {}

    class Counted(ConsentLife):
        """Counts what happens."""

        def teardown(self) -> None:
            """At the end of each example."""
            nonlocal played
            super().teardown()
            played += 1
            for kind, count in self.life.leaves.items():
                done[kind] = done.get(kind, 0) + count

    found = ""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(Counted, settings=chosen)
    except BaseException:  # noqa: BLE001 - whatever was found is handed on
        found = traceback.format_exc()
    answers.put((played, done, found))


def soak_life(examples: int, steps: int) -> bool:
    """The consent life; whether nothing was found."""
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    answers: Any = context.Queue()
    share = -(-examples // PROCESSES)
    players = [context.Process(target=play, args=(share, steps, answers)) for _ in range(PROCESSES)]
    for player in players:
        player.start()
    results = [answers.get() for _ in players]
    for player in players:
        player.join()
    entries: dict[str, int] = {}
    for _, done, found in results:
        sys.stderr.write(found)
        for kind, count in done.items():
            entries[kind] = entries.get(kind, 0) + count
    clean = not any(found for _, _, found in results)
    say(
        proof="consent life",
        examples=sum(played for played, _, _ in results),
        steps=steps,
        found=not clean,
        entries=entries,
        began=began,
    )
    return clean


def soak_storm(seconds: float) -> bool:
    """The storm; whether nothing was found."""
    began = time.monotonic()
    with cluster(["fsync=off"]) as server, tempfile.TemporaryDirectory() as folder:
        weathered = storm(server, Path(folder), seconds)
    found = [*weathered.crashes, *weathered.faults]
    for fault in found:
        sys.stderr.write(f"{fault}\n")
    say(
        proof="storm",
        lasted=seconds,
        kills=weathered.kills,
        found=len(found),
        done=dict(weathered.counts),
        began=began,
    )
    return not found


def say(*, began: float, **line: object) -> None:
    """One line of JSON, with how long it took."""
    print(json.dumps({**line, "seconds": round(time.monotonic() - began, 1)}), flush=True)


def main() -> int:
    """Both; the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    clean = not chosen.examples or soak_life(chosen.examples, chosen.steps)
    return 0 if (not chosen.seconds or soak_storm(chosen.seconds)) and clean else 1


if __name__ == "__main__":
    sys.exit(main())
