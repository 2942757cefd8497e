"""Bounds on what anybody may make the service receive and work on at once."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cameo.api.problems import problem

_SLACK: Final = 64_000  # of multipart framing around one file


class BodyTooLargeError(Exception):
    """The request's body is larger than any upload may be."""


class BodyLimit:
    """Stops reading a request at a size, before anything of it is parsed or spooled.

    A parser would write a whole upload to disk before a route could look at its size.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max = max_bytes + _SLACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered = False

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, _Counted(receive, self._max).receive, watched)
        except BodyTooLargeError:
            if answered:
                raise
            detail = f"the request is larger than {self._max} bytes"
            await problem("request.too_large", detail)(scope, receive, send)


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
