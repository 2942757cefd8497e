"""What routes are given: the service, and who asks."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Final, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Header, Request, UploadFile
from starlette.concurrency import run_in_threadpool

from cameo.flows.accounts import Caller
from cameo.media.errors import TooLargeError
from cameo.store.records import PersonRecord
from cameo.wiring.service import Service

T = TypeVar("T")

_BLOCK: Final = 1 << 20


def service(request: Request) -> Service:
    """The service that the application was built over."""
    found: Service = request.app.state.service
    return found


def bearer_key(authorization: str | None) -> str | None:
    """API key or session token in an `Authorization` header (RFC 6750); None without one."""
    scheme, _, key = (authorization or "").partition(" ")
    return key.strip() if scheme.casefold() == "bearer" else None


def caller(
    served: Annotated[Service, Depends(service)],
    authorization: Annotated[str | None, Header()] = None,
) -> Caller:
    """Who asks, and by what they are known.

    Raises:
        NotAuthenticatedError: no valid API key or session came along.
    """
    return served.accounts.authenticate(bearer_key(authorization))


def person(who: Annotated[Caller, Depends(caller)]) -> PersonRecord:
    """Who asks.

    Raises:
        NotAuthenticatedError: no valid API key or session came along.
    """
    return who.person


async def heavily(limiter: CapacityLimiter, work: Callable[..., T], *arguments: object) -> T:
    """Run work on media in a thread, a bounded number at once; the rest waits its turn."""
    return await to_thread.run_sync(partial(work, *arguments), limiter=limiter)


ServiceDep = Annotated[Service, Depends(service)]
CallerDep = Annotated[Caller, Depends(caller)]
PersonDep = Annotated[PersonRecord, Depends(person)]


@asynccontextmanager
async def received(upload: UploadFile, served: Service) -> AsyncIterator[Path]:
    """An upload as a file of its own, bounded, gone at the end.

    Raises:
        TooLargeError: it is larger than uploads may be.
    """
    limit = served.settings.max_upload_bytes
    folder = served.vault.work.path
    with tempfile.NamedTemporaryFile(dir=folder, suffix=_suffix(upload.filename)) as file:
        size = 0
        while block := await upload.read(_BLOCK):
            size += len(block)
            if size > limit:
                raise TooLargeError(f"more than {limit} bytes")
            await run_in_threadpool(file.write, block)
        file.flush()
        yield Path(file.name)


def _suffix(name: str | None) -> str:
    # c2pa reads the kind of a file from its name; nothing else of the name is kept.
    suffix = Path(name or "").suffix.lower()
    return suffix if suffix[1:].isalnum() and len(suffix) <= 6 else ".mp4"
