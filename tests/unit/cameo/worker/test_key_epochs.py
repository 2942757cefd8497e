"""The worker ends key epochs in time, and a failing rotation stops nothing else."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import structlog
from structlog.testing import capture_logs

from cameo.keys.errors import InsecurePermissions
from cameo.keys.provider import Rotation
from cameo.worker import engine
from cameo.worker.engine import Worker

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _every_level_is_logged() -> None:
    """Whatever an earlier test configured in this process."""
    structlog.reset_defaults()


class Keys:
    """Notes when it is asked to rotate."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []
        self.answer = Rotation(began=True, rewrapped=3, ended=1, unreadable=2)
        self.fails: Exception | None = None
        self.go_on = threading.Event()
        self.go_on.set()

    def rotate(self, now: datetime) -> Rotation:
        self.asked.append(now)
        self.go_on.wait(10)
        if self.fails is not None:
            raise self.fails
        return self.answer


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(seconds=5.0)
    monkeypatch.setattr(engine.time, "monotonic", lambda: made.seconds)
    return made


class Service:
    """Has keys and a clock; of the rest only the names are read."""

    def __init__(self, keys: Keys) -> None:
        self.db = SimpleNamespace(reading=lambda: nullcontext(SimpleNamespace(now=lambda: NOW)))
        self.vault = SimpleNamespace(keys=keys)

    def __getattr__(self, name: str) -> Service:
        return self


@pytest.fixture
def worker(keys: Keys, clock: SimpleNamespace) -> Worker:
    return Worker(Service(keys))


def sweep(worker: Worker) -> None:
    worker._rotate_in_time()
    worker._rotation.join(10)


def test_it_is_one_of_the_sweeps(worker: Worker):
    assert worker._rotate_in_time in worker._sweeps()


def test_at_once_and_then_once_an_hour_by_the_databases_clock(worker, keys, clock):
    sweep(worker)
    assert keys.asked == [NOW]
    clock.seconds += 3599
    sweep(worker)
    assert len(keys.asked) == 1
    clock.seconds += 2
    sweep(worker)
    assert keys.asked == [NOW, NOW]


def test_the_poller_does_not_wait_and_one_runs_at_a_time(worker, keys, clock):
    keys.go_on.clear()
    worker._rotate_in_time()
    clock.seconds += 7200
    worker._rotate_in_time()
    keys.go_on.set()
    worker._rotation.join(10)
    assert len(keys.asked) == 1


def test_what_was_done_is_logged_and_nothing_where_nothing_was(worker, keys, clock):
    with capture_logs() as logs:
        sweep(worker)
    assert [(each["event"], each.get("rewrapped"), each.get("count")) for each in logs] == [
        ("worker.keys_rotated", 3, None),
        ("worker.keys_unreadable", None, 2),
    ]
    keys.answer = Rotation(began=False)
    clock.seconds += 3601
    with capture_logs() as logs:
        sweep(worker)
    assert logs == []


@pytest.mark.parametrize(
    ("error", "code"),
    [(InsecurePermissions("x"), "keys.insecure_permissions"), (OSError(5, "no"), "OSError")],
)
def test_a_failure_is_logged_and_tried_again(worker, keys, clock, error, code):
    keys.fails = error
    with capture_logs() as logs:
        sweep(worker)
    assert [(each["event"], each["code"]) for each in logs] == [("worker.keys_not_rotated", code)]
    keys.fails = None
    clock.seconds += 3601
    sweep(worker)
    assert len(keys.asked) == 2
