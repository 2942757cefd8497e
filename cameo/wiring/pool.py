"""Render processes: spawned, so that no lock or key is inherited, and gone when the worker is."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

import cv2

from cameo.flows.chunks import ChunkResult, ChunkTask, make_chunk
from cameo.settings import Settings
from cameo.wiring.engines import EngineMatcher, Engines

if TYPE_CHECKING:
    from generator.embedded import EmbeddedGenerator

_PR_SET_PDEATHSIG: Final = 1


class RenderPool:
    """`cameo.flows.chunks.ChunkRunner` over processes; they start on first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: ProcessPoolExecutor | None = None

    @property
    def width(self) -> int:
        """How many processes there are."""
        return self._settings.render_processes

    def run(self, tasks: Sequence[ChunkTask]) -> list[ChunkResult]:
        """Run all tasks; a process that died is replaced for the next call, not for this one."""
        if not tasks:
            return []
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=self.width,
                mp_context=get_context("spawn"),
                initializer=_start,
                initargs=(self._settings.model_dump_json(), os.getpid()),
            )
        try:
            return list(self._pool.map(_run, tasks))
        except BrokenProcessPool:
            self.close()
            raise

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _start(settings_json: str, worker: int) -> None:
    # A worker that is killed must not leave renderers behind that hold likenesses in memory.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != worker:  # it was killed while this process was starting: no signal comes
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _parts.cache_clear()
    _SETTINGS.append(Settings.model_validate_json(settings_json))


_SETTINGS: Final[list[Settings]] = []


@lru_cache(maxsize=1)
def _parts() -> tuple[EmbeddedGenerator, EngineMatcher]:
    from generator.embedded import EmbeddedGenerator  # noqa: PLC0415 - only render processes draw

    return EmbeddedGenerator(), EngineMatcher(Engines(_SETTINGS[-1]).faces)


def _run(task: ChunkTask) -> ChunkResult:
    source, matcher = _parts()
    return make_chunk(task, source, matcher)
