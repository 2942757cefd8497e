"""A request is cut off at a size before anything of it is parsed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import httpx
from fastapi import FastAPI, Request

from cameo.api.bounds import BodyLimit

MOST = 100_000


def app() -> FastAPI:
    made = FastAPI()
    made.add_middleware(BodyLimit, max_bytes=MOST)

    @made.post("/")
    async def size(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    return made


def post(content: bytes | AsyncIterator[bytes]) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app())
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/", content=content)

    return anyio.run(ask)


async def endless(block: bytes) -> AsyncIterator[bytes]:
    for _ in range(10_000):
        yield block


def test_what_fits_passes():
    assert post(b"x" * MOST).json() == {"size": MOST}


def test_what_does_not_fit_is_a_problem():
    answer = post(b"x" * (MOST + 70_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


def test_a_body_without_a_length_is_counted_as_it_comes():
    answer = post(endless(b"x" * 50_000))
    assert answer.status_code == 413
