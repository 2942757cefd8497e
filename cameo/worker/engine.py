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

from cameo.flows.witnesses import Witnesses
from cameo.wiring.service import VERSION, Service
from cameo.worker.generation import Generation

QUEUE: Final = "generation"
_SWEEP_SECONDS: Final = 60.0
_ROTATE_SECONDS: Final = 3600.0
_LOG = structlog.get_logger("worker")


class Worker:
    """One worker in this process; DBOS allows one a process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = threading.Event()
        self._poller: threading.Thread | None = None
        self._witnesses: threading.Thread | None = None
        self._rotation: threading.Thread | None = None
        self._rotated = 0.0
        self._erased_again = False
        self._generate: Callable[[str], str] | None = None

    def start(self) -> None:
        """Recover what a crash interrupted, and take work."""
        service, settings = self._service, self._service.settings
        witnesses = service.witnesses  # a key that is none is told before anything starts
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
        if witnesses.known:
            # A thread of their own: a witness that is slow must not keep a clip waiting.
            self._witnesses = threading.Thread(
                target=self._show_heads, args=[witnesses], name="witnesses", daemon=True
            )
            self._witnesses.start()

    def stop(self) -> None:
        """Take no more work; a step that runs now is run again at the next start."""
        self._stop.set()
        if self._poller is not None:
            self._poller.join(timeout=10)
        DBOS.destroy(workflow_completion_timeout_sec=0)
        self._service.close()

    def _poll(self) -> None:
        swept = 0.0
        service = self._service
        tasks: list[Callable[[], object]] = [
            self._hand_over,
            service.ledger.sequence,
            service.revocations.sweep,  # keys of what was withdrawn go within a moment
        ]
        while not self._stop.wait(service.settings.poll_interval):
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
        return [
            service.releases.sweep,
            service.enrolments.sweep,
            service.rights.contests.sweep,
            service.rights.erasures.sweep,
            self._destroy_what_is_due,
            self._erase_again,
            self._rotate_in_time,
        ]

    def _destroy_what_is_due(self) -> None:
        done = self._service.rights.retention.sweep()
        for kind, ids in (("recording", done.captures), ("likeness", done.likenesses)):
            for enrolment in ids:
                _LOG.info("retention.destroyed", kind=kind, enrolment=enrolment)

    def _erase_again(self) -> None:
        """Once a start: nothing but a restored database makes this necessary."""
        if not self._erased_again:
            back = self._service.rights.erasures.again()
            self._erased_again = True
            if back:
                _LOG.warning("erasure.done_again", people=back)

    def _rotate_in_time(self) -> None:
        """Rotate the key epochs once an hour, beside the poller: many keys take minutes."""
        running = self._rotation is not None and self._rotation.is_alive()
        if running or (self._rotated and time.monotonic() - self._rotated < _ROTATE_SECONDS):
            return
        self._rotated = time.monotonic()
        # A rotation that ends with its process is finished by the next one.
        self._rotation = threading.Thread(target=self._rotate, name="key-epochs", daemon=True)
        self._rotation.start()

    def _rotate(self) -> None:
        try:
            with self._service.db.reading() as tx:
                now = tx.now()
            done = self._service.vault.keys.rotate(now)
        except Exception as error:  # noqa: BLE001 - tried again in an hour; `doctor` tells too
            code = getattr(error, "code", type(error).__name__)
            _LOG.warning("worker.keys_not_rotated", code=code)
        else:
            if done.began or done.ended:
                _LOG.info("worker.keys_rotated", rewrapped=done.rewrapped, ended=done.ended)
            if done.unreadable:
                _LOG.warning("worker.keys_unreadable", count=done.unreadable)

    def _show_heads(self, witnesses: Witnesses) -> None:
        while not self._stop.wait(self._service.settings.poll_interval):
            try:
                for shown in witnesses.submit():
                    code = "cosigned" if shown.error is None else shown.error.code
                    report = _LOG.info if shown.error is None else _LOG.warning
                    report("log.shown", witness=shown.witness, size=shown.size, code=code)
            except Exception as error:  # noqa: BLE001 - the head is shown again, or the next one is
                _LOG.warning("log.waiting", code=getattr(error, "code", type(error).__name__))

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
