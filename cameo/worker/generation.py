"""One generation, step by step. Every step is recorded; what fails ends the clip with a reason."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from dbos import DBOS

from cameo.flows.errors import FlowError
from cameo.flows.render import StoppedError
from cameo.keys.errors import KeysError
from cameo.media.errors import MediaError
from cameo.store.errors import NotFoundError
from cameo.wiring.service import Service
from generator.errors import GeneratorError
from provenance.errors import ProvenanceError

CHUNKS_A_STEP: Final = 2
_ATTEMPTS: Final = 3
_PATIENT: Final = 9  # some four minutes: what only needs the database waits for it
_LOG = structlog.get_logger("worker")

# What will not go better the second time: it ends the clip and gives everything back.
_FINAL: Final = (FlowError, GeneratorError, ProvenanceError, KeysError, MediaError, NotFoundError)


class Generation:
    """The order of the steps; `cameo.flows` says what each does."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def run(self, clip_id: str) -> str:
        """Make and release a clip; returns its final status. Runs inside a workflow."""
        rendering, releases = self._service.rendering, self._service.releases
        outcome = self._step("start", rendering.start, clip_id)
        count = outcome.get("value", 0)
        for first in range(0, count, CHUNKS_A_STEP):
            if "code" in outcome:
                break
            size = min(CHUNKS_A_STEP, count - first)
            outcome = self._step(
                f"chunks-{first:04d}", rendering.chunks, clip_id, first, size, count
            )
        if "code" not in outcome:
            outcome = self._step("finish", self._finish, clip_id, count)
        if "code" not in outcome:
            made = outcome["value"]
            outcome = self._step("release", self._release, clip_id, made, attempts=_PATIENT)
        if "code" in outcome:
            code, detail = outcome["code"], outcome["detail"]
            self._step("give-up", releases.give_up, clip_id, code, detail, attempts=_PATIENT)
        self._step("sequence", self._service.ledger.sequence, attempts=_PATIENT)
        self._step("tidy", rendering.tidy, clip_id)
        return self._status(clip_id)

    def _finish(self, clip_id: str, count: int) -> dict[str, Any]:
        made = self._service.rendering.finish(clip_id, count)
        return {"sha256": made.media_sha256, "bytes": made.media_bytes}

    def _release(self, clip_id: str, made: dict[str, Any]) -> str:
        return self._service.releases.release(
            clip_id, media_sha256=made["sha256"], media_bytes=made["bytes"]
        )

    def _status(self, clip_id: str) -> str:
        with self._service.db.reading() as tx:
            return tx.clips.get(clip_id).status

    def _step(
        self, name: str, work: Callable[..., Any], *arguments: Any, attempts: int = _ATTEMPTS
    ) -> dict[str, Any]:
        def attempt() -> dict[str, Any]:
            began = time.monotonic()
            try:
                value = work(*arguments)
            except StoppedError as error:
                return {"code": error.code, "detail": ""}
            except _FINAL as error:
                _LOG.warning("generation.ended", step=name, code=error.code)
                return {"code": error.code, "detail": str(error)[:300]}
            _LOG.info("generation.step", step=name, seconds=round(time.monotonic() - began, 3))
            return {"value": value}

        options: Any = {
            "name": name,
            "retries_allowed": True,
            "max_attempts": attempts,
            "interval_seconds": 1.0,
            "backoff_rate": 2.0,
        }
        try:
            result: dict[str, Any] = DBOS.run_step(options, attempt)
        except Exception as error:  # noqa: BLE001 - anything unknown fails closed, with its use back
            _LOG.error("generation.failed", step=name, error=type(error).__name__)
            return {"code": "internal.error", "detail": type(error).__name__}
        return result
