"""Builds the FastAPI application over a service."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from cameo.api import (
    audit,
    cameo,
    consents,
    enrolments,
    keys,
    log,
    people,
    publications,
    resolution,
    sessions,
    ties,
    videos,
)
from cameo.api.bounds import BodyLimit
from cameo.api.problems import install
from cameo.web import pages, shared
from cameo.wiring.service import VERSION, Service
from cameo.worker.engine import Worker

_PARTS: Final = (
    people,
    keys,
    sessions,
    ties,
    enrolments,
    cameo,
    consents,
    videos,
    publications,
    audit,
    resolution,
    log,
)


def create_app(service: Service) -> FastAPI:
    """The application; it runs a worker of its own where the settings say so."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(service.vault.work.sweep)
        # Uploads are spooled to unnamed files: in the work folder, not in the system's.
        tempfile.tempdir = str(service.vault.work.path)
        worker = Worker(service) if service.settings.workers else None
        if worker is not None:
            await run_in_threadpool(worker.start)
        app.state.ready = True
        yield
        if worker is not None:
            await run_in_threadpool(worker.stop)
        tempfile.tempdir = None
        service.close()

    app = FastAPI(
        title=service.settings.brand,
        version=VERSION,
        description="People's faces and voices in generated video, only with their consent.",
        lifespan=lifespan,
        # The pages of FastAPI load scripts from a third party; the document itself does not.
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(
        BodyLimit, max_upload=service.settings.max_upload_bytes, known=service.accounts.is_known
    )
    app.state.service = service
    # Decoding and judging media takes a core each: more at once would only make all of them late.
    # Those without an account have a place of their own, so they cannot keep others from enrolling.
    app.state.heavy = CapacityLimiter(max(1, service.settings.render_processes))
    app.state.public = CapacityLimiter(max(1, service.settings.render_processes))
    install(app)
    for part in _PARTS:
        app.include_router(part.router, prefix="/v1")
    app.include_router(pages.router)
    app.include_router(shared.router)

    @app.head("/health", include_in_schema=False)
    @app.get("/health", tags=["operation"])
    def health() -> dict[str, Any]:
        """Whether the service answers, and its database with it."""
        with service.db.reading() as tx:
            tx.now()
        return {"status": "ok", "version": VERSION}

    return app
