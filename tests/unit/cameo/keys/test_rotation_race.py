"""Many processes make, open and destroy keys while others rotate, and some of those are killed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest

from cameo.keys.errors import KeyDestroyed
from cameo.keys.local import LocalKeyProvider
from tests.unit.cameo.keys.attacker import readable

PERIOD = timedelta(days=7)
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
CONTEXT = multiprocessing.get_context("fork")


def _use(folder, seed, rounds, results):
    """One worker's life; puts what lives, what is gone, and what went wrong."""
    draw = random.Random(seed)
    provider = LocalKeyProvider(folder, period=PERIOD)
    living, gone, wrong = {}, {}, []
    try:
        for _ in range(rounds):
            dek_id = provider.create("c")
            living[dek_id] = provider.open(dek_id, "c")
            chosen = draw.choice(list(living))
            if provider.open(chosen, "c") != living[chosen]:
                wrong.append(f"{chosen} has changed")
            if draw.random() < 0.5:
                provider.destroy(chosen)
                gone[chosen] = living.pop(chosen)
                if gone[chosen] in readable(*folder.glob(f"deks/*{chosen}*"), folder / "keks"):
                    wrong.append(f"{chosen} is still there")
    except Exception as error:  # noqa: BLE001 - whatever it is, the test is told
        wrong.append(repr(error))
    results.put((living, gone, wrong))


def _rotate(folder, first, stop):
    """Ends an epoch as often as it can."""
    provider = LocalKeyProvider(folder, period=PERIOD)
    now = NOW + first * PERIOD
    while not stop.is_set():
        provider.rotate(now)
        now += 3 * PERIOD


def _finished(folder, workers, results):
    found = [results.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    provider = LocalKeyProvider(folder, period=PERIOD)
    provider.rotate(NOW)
    for living, gone, wrong in found:
        assert wrong == []
        for dek_id, key in living.items():
            assert provider.open(dek_id, "c") == key
        for dek_id in gone:
            with pytest.raises(KeyDestroyed):
                provider.open(dek_id, "c")
    left = readable(folder)
    assert not left & {key for _, gone, _ in found for key in gone.values()}
    assert {key for living, _, _ in found for key in living.values()} <= left
    assert len(list((folder / "keks").iterdir())) == 1
    return int(next((folder / "keks").iterdir()).name)


def test_two_that_rotate_and_three_that_work(tmp_path):
    folder = tmp_path / "keys"
    results, stop = CONTEXT.Queue(), CONTEXT.Event()
    LocalKeyProvider(folder, period=PERIOD)
    rotators = [CONTEXT.Process(target=_rotate, args=(folder, at, stop)) for at in (0, 1)]
    workers = [CONTEXT.Process(target=_use, args=(folder, at, 60, results)) for at in range(3)]
    for process in rotators + workers:
        process.start()
    for worker in workers:
        worker.join(timeout=0)
    while any(worker.is_alive() for worker in workers) and results.qsize() < len(workers):
        time.sleep(0.05)
    stop.set()
    for rotator in rotators:
        rotator.join(timeout=60)
        assert rotator.exitcode == 0
    assert _finished(folder, workers, results) > 5


def test_rotations_that_are_killed_while_others_work(tmp_path):
    folder = tmp_path / "keys"
    results, stop = CONTEXT.Queue(), CONTEXT.Event()
    LocalKeyProvider(folder, period=PERIOD)
    workers = [CONTEXT.Process(target=_use, args=(folder, at, 60, results)) for at in range(2)]
    for worker in workers:
        worker.start()
    draw, kills = random.Random(4), 0
    while results.qsize() < len(workers):
        rotator = CONTEXT.Process(target=_rotate, args=(folder, 3 * kills, stop))
        rotator.start()
        time.sleep(draw.uniform(0.005, 0.08))
        os.kill(rotator.pid, signal.SIGKILL)
        rotator.join()
        kills += 1
    assert kills
    _finished(folder, workers, results)
