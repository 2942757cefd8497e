"""A request is cut off at a size before anything of it is parsed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import httpx
from fastapi import FastAPI, Request

from cameo.api.bounds import SMALL_BODY, BodyLimit

MOST = 500_000


def app() -> FastAPI:
    made = FastAPI()
    made.add_middleware(BodyLimit, max_upload=MOST, known=lambda key: key == "good")

    @made.post("/v1/verify")
    @made.post("/v1/enrolments/x/capture")
    @made.post("/v1/people")
    async def size(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    return made


def post(
    content: bytes | AsyncIterator[bytes], path: str = "/v1/verify", key: str | None = None
) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app())
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {} if key is None else {"Authorization": f"Bearer {key}"}
            return await client.post(path, content=content, headers=headers)

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


def test_what_is_no_upload_is_small():
    assert post(b"x" * (SMALL_BODY + 1), "/v1/people").status_code == 413
    assert post(b"x" * SMALL_BODY, "/v1/people").json() == {"size": SMALL_BODY}


def test_a_capture_without_a_key_is_not_even_read():
    path = "/v1/enrolments/x/capture"
    for key in (None, "bad"):
        answer = post(b"x" * MOST, path, key)
        assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")
    assert post(b"x" * MOST, path, "good").json() == {"size": MOST}
