"""The workflow engine. A clip's id is its workflow's id, so a second start is no second clip.

DBOS keeps its own database and cannot join a business commit: work is promised in the outbox, and
a poller here hands it over. Workflow inputs are ids only. After kill -9, launching again with the
same executor id continues every workflow after its last finished step.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID

from cameo.wiring.service import VERSION, Service
from cameo.worker.generation import Generation

QUEUE: Final = "generation"
_SWEEP_SECONDS: Final = 60.0
_LOG = structlog.get_logger("worker")


class Worker:
    """One worker in this process; DBOS allows one a process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = threading.Event()
        self._poller: threading.Thread | None = None
        self._generate: Callable[[str], str] | None = None

    def start(self) -> None:
        """Recover what a crash interrupted, and take work."""
        service, settings = self._service, self._service.settings
        service.vault.work.sweep()
        DBOS(
            config={
                "name": "cameo",
                "system_database_url": settings.workflow_database_url,
                "application_version": VERSION,
                "executor_id": settings.executor_id,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "ERROR",
                "console_log_level": "ERROR",
            }
        )
        generation = Generation(service)

        @DBOS.workflow(name="generate")  # type: ignore[untyped-decorator]
        def generate(clip_id: str) -> str:
            return generation.run(clip_id)

        self._generate = generate
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=max(1, settings.workers),
            polling_interval_sec=settings.poll_interval,
            on_conflict="always_update",
        )
        self._poller = threading.Thread(target=self._poll, name="outbox", daemon=True)
        self._poller.start()

    def stop(self) -> None:
        """Take no more work; a step that runs now is run again at the next start."""
        self._stop.set()
        if self._poller is not None:
            self._poller.join(timeout=10)
        DBOS.destroy(workflow_completion_timeout_sec=0)
        self._service.close()

    def _poll(self) -> None:
        swept = 0.0
        tasks: list[Callable[[], object]] = [self._hand_over, self._service.ledger.sequence]
        while not self._stop.wait(self._service.settings.poll_interval):
            late = time.monotonic() - swept > _SWEEP_SECONDS
            for task in tasks + (self._sweeps() if late else []):
                try:
                    task()
                except Exception as error:  # noqa: BLE001 - one task's trouble must not end the rest
                    code = getattr(error, "code", type(error).__name__)
                    _LOG.warning("worker.waiting", code=code)
            swept = time.monotonic() if late else swept

    def _sweeps(self) -> list[Callable[[], object]]:
        service = self._service
        return [service.releases.sweep, service.revocations.sweep, service.enrolments.sweep]

    def _hand_over(self) -> None:
        generate: Any = self._generate
        with self._service.db.reading() as tx:
            promised = tx.clips.promised()
        for _kind, clip_id in promised:
            # The engine takes an id once: when the mark below is lost, the next hand-over is a
            # repetition without effect.
            with SetWorkflowID(clip_id):
                DBOS.enqueue_workflow(QUEUE, generate, clip_id)
            with self._service.db.transaction() as tx:
                tx.clips.handed_over(clip_id, tx.now())
            _LOG.info("generation.queued", clip_id=clip_id)
