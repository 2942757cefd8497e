"""C2PA's Soft Binding Resolution API 1.0: from a mark, or a copy, to the manifest. No account.

The base address for clients is the service's own with `/v1`. A client of the library asks so:
`GET matches/byBinding`, then `GET manifests/{manifestId}`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Self

from anyio import fail_after
from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from cameo.api.deps import ServiceDep, heavily
from cameo.flows.errors import InvalidRequestError
from cameo.flows.resolution import Match, StoreOnlyError
from cameo.media.errors import TooLargeError
from cameo.wiring.service import Service
from provenance.credentials.formats import sniff

router = APIRouter(tags=["resolution"])

RECEIVED_WITHIN_S: Final = 600.0
"""How long a copy may take to arrive."""

_ENDINGS: Final = {
    "video/mp4": ".mp4",
    "video/avi": ".avi",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys(("video/*", "image/*", "audio/*", "*/*"), _BINARY),
    }
}
_STORE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/c2pa": _BINARY}, "description": "the manifest store"}
}

Name = Annotated[str, Query(max_length=200)]
Most = Annotated[int, Query(alias="maxResults", ge=1, le=1000)]


class BindingIn(BaseModel):
    """A soft binding whose manifest is sought."""

    model_config = ConfigDict(extra="forbid")

    alg: Annotated[str, Field(max_length=200, description="name of the soft binding")]
    value: Annotated[str, Field(description="base64 of the payload: 8 bytes, or 16 hex digits")]


class MatchOut(BaseModel):
    """A manifest that was found; it is fetched from this very service."""

    manifestId: str = Field(description="for GET /manifests/{manifestId}")  # noqa: N815 - C2PA's
    similarityScore: int | None = Field(  # noqa: N815 - C2PA's
        default=None, ge=0, le=100, description="how well the content agrees, where it was compared"
    )


class MatchesOut(BaseModel):
    """What was found; empty where nothing was."""

    matches: list[MatchOut]

    @classmethod
    def of(cls, found: tuple[Match, ...], most: int) -> Self:
        """From the flow's values."""
        return cls(
            matches=[
                MatchOut(manifestId=match.manifest_id, similarityScore=match.score)
                for match in found[:most]
            ]
        )


class AlgorithmOut(BaseModel):
    """A kind of soft binding."""

    alg: str


class AlgorithmsOut(BaseModel):
    """What can be asked for."""

    watermarks: list[AlgorithmOut]
    fingerprints: list[AlgorithmOut]


@router.get("/matches/byBinding", response_model_exclude_none=True)
def by_binding(
    served: ServiceDep, alg: Name, value: Annotated[str, Query()], most: Most = 10
) -> MatchesOut:
    """The manifest that a mark's value leads to.

    A short sound mark (32 bits) can be guessed, so it is no value here: send the copy.
    """
    return MatchesOut.of(served.resolution.by_binding(alg, value), most)


@router.post("/matches/byBinding", response_model_exclude_none=True)
def by_binding_post(served: ServiceDep, body: BindingIn, most: Most = 10) -> MatchesOut:
    """The same, for values too long for an address."""
    return MatchesOut.of(served.resolution.by_binding(body.alg, body.value), most)


@router.post("/matches/byContent", response_model_exclude_none=True, openapi_extra=_UPLOAD)
async def by_content(  # noqa: PLR0917 - FastAPI passes parameters by name
    request: Request,
    served: ServiceDep,
    alg: Annotated[str | None, Query(max_length=200)] = None,
    hint_alg: Annotated[str | None, Query(alias="hintAlg", max_length=200)] = None,
    hint_value: Annotated[str | None, Query(alias="hintValue", max_length=2000)] = None,
    most: Most = 10,
) -> MatchesOut:
    """The manifest of the clip that a file is a copy of; the body is the file itself.

    Mark and content must agree: a mark of ours on other content leads nowhere. Hints are not
    needed here and change nothing.
    """
    del hint_alg, hint_value
    async with _received(request, served) as path:
        public = request.app.state.public
        found = await heavily(public, served.resolution.by_content, path, alg)
    return MatchesOut.of(found, most)


@router.get("/manifests/{manifest_id}", response_class=Response, responses=_STORE)
def manifest(
    served: ServiceDep,
    manifest_id: str,
    active: Annotated[bool, Query(alias="returnActiveManifest")] = False,
) -> Response:
    """An archived manifest store, byte for byte as it was signed.

    `Cameo-Standing` says how the clip stands now: `stands`, `held`, `withdrawn` or `deleted`. The
    manifest itself cannot say that; it vouches for no byte of a copy.
    """
    if active:
        raise StoreOnlyError
    found = served.resolution.manifest(manifest_id)
    headers = {"Cache-Control": "no-store", "Cameo-Standing": found.standing}
    return Response(found.store, media_type="application/c2pa", headers=headers)


@router.get("/services/supportedAlgorithms")
def supported(served: ServiceDep) -> AlgorithmsOut:
    """The soft bindings that can be asked for."""
    names = served.resolution.algs.values()
    return AlgorithmsOut(watermarks=[AlgorithmOut(alg=name) for name in names], fingerprints=[])


@asynccontextmanager
async def _received(request: Request, served: Service) -> AsyncIterator[Path]:
    """The body as a file of its own, bounded in size and time, gone at the end."""
    most = served.settings.max_upload_bytes
    with served.vault.work.folder() as folder:
        path, size = folder / "content", 0
        with path.open("wb") as file:
            try:
                with fail_after(RECEIVED_WITHIN_S):
                    async for block in request.stream():
                        size += len(block)
                        if size > most:
                            raise TooLargeError(f"more than {most} bytes")
                        await run_in_threadpool(file.write, block)
            except TimeoutError as error:
                raise HTTPException(408, "the copy did not arrive in time") from error
        if not size:
            raise InvalidRequestError("the body is the copy itself, and it is empty")
        # The library that reads credentials goes by a file's name: it gets that of its content.
        yield path.rename(path.with_suffix(_ENDINGS.get(sniff(path) or "", ".mp4")))
