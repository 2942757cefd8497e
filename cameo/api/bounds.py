"""Bounds on what anybody may make the service receive and work on at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cameo.api.deps import bearer_key
from cameo.api.problems import problem

SMALL_BODY: Final = 300_000
"""Bytes of any request that is no upload: a prompt of 100 kB still gets its own clear answer."""

_SLACK: Final = 64_000  # of multipart framing around one file
_PUBLIC: Final = frozenset({"/v1/verify", "/v1/matches/byContent"})
_PRIVATE: Final = "/capture"


class BodyTooLargeError(Exception):
    """The request's body is larger than any upload may be."""


class BodyLimit:
    """Stops reading a request at a size, before anything of it is parsed or spooled.

    A parser would write a whole upload to disk, and build a whole JSON tree in memory, before a
    route could look at its size or at who sends it. Only the upload routes take more than
    `SMALL_BODY`, and all but the public ones only with a valid key.
    """

    def __init__(
        self, app: ASGIApp, *, max_upload: int, known: Callable[[str | None], bool]
    ) -> None:
        self._app = app
        self._max_upload = max_upload + _SLACK
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        most = self._max_upload if path in _PUBLIC or path.endswith(_PRIVATE) else SMALL_BODY
        if path.endswith(_PRIVATE) and not await run_in_threadpool(self._known, _key(scope)):
            detail = "no valid API key came with the upload"
            await problem("auth.required", detail)(scope, receive, send)
            return
        await self._counted(scope, receive, send, most)

    async def _counted(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        answered = False

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, _Counted(receive, most).receive, watched)
        except BodyTooLargeError:
            if answered:
                raise
            detail = f"the request is larger than {most} bytes"
            await problem("request.too_large", detail)(scope, receive, send)


def _key(scope: Scope) -> str | None:
    headers = dict(scope["headers"])
    return bearer_key(headers.get(b"authorization", b"").decode("latin-1"))


class _Counted:
    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most

    async def receive(self) -> Message:
        """The next part of the body, if it still fits."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise BodyTooLargeError
        return message
