"""Reads a log over HTTP, as a monitor does: bounded, without an account, believing nothing."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import httpx

from provenance.log.notes import MAX_NOTE_CHARACTERS
from provenance.log.tiles import MAX_BUNDLE_BYTES

_TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
_LOG: Final = "/v1/log/"
_MOST_OWN_BYTES: Final = 64 * 1024 * 1024


class LogUnreachableError(Exception):
    """The log does not answer; nothing is known about it."""

    code = "log.unreachable"

    def __init__(self, detail: str, status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        """What it answered over HTTP, where it did."""


class HttpLog:
    """`provenance.log.monitor.LogSource` over a service's address."""

    def __init__(self, url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._prefix = url.rstrip("/") + _LOG
        self._http = httpx.Client(timeout=_TIMEOUT, transport=transport)

    def checkpoint(self) -> str:
        """The newest signed checkpoint."""
        return self._text("checkpoint")

    def cosigned(self) -> str | None:
        """The newest checkpoint that witnesses cosigned; None where the log has none."""
        try:
            return self._text("cosigned")
        except LogUnreachableError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def fetch(self, path: str) -> bytes:
        """The bytes at a path of C2SP tlog-tiles."""
        return self._get(path, MAX_BUNDLE_BYTES)

    def mine(self, api_key: str) -> dict[str, Any]:
        """What the service tells a person about their own entries, all pages of it.

        Raises:
            LogUnreachableError: it does not answer, or not as it should.
        """
        told: dict[str, Any] = {}
        entries: list[Any] = []
        start: Any = 0
        while start is not None:
            data = self._get(f"mine?start={int(start)}", _MOST_OWN_BYTES, api_key)
            try:
                told = httpx.Response(200, content=data).json()
                entries += told["entries"]
                following = told["next"]
            except (ValueError, KeyError, TypeError) as error:
                raise LogUnreachableError("not an answer about one's own entries") from error
            if following is not None and not (isinstance(following, int) and following > start):
                raise LogUnreachableError("pages that do not go on")
            start = following
        return {**told, "entries": entries}

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _text(self, path: str) -> str:
        try:
            return self._get(path, 4 * MAX_NOTE_CHARACTERS).decode("utf-8")
        except UnicodeDecodeError as error:
            raise LogUnreachableError(f"{path}: not a text") from error

    def _get(self, path: str, most: int, api_key: str | None = None) -> bytes:
        headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        data = bytearray()
        try:
            with self._http.stream("GET", self._prefix + path, headers=headers) as answer:
                for block in answer.iter_bytes():
                    data += block
                    if len(data) > most:
                        raise LogUnreachableError(f"{path}: too large")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LogUnreachableError(f"{path}: {type(error).__name__}") from error
        if answer.status_code != 200:
            raise LogUnreachableError(f"{path}: answered {answer.status_code}", answer.status_code)
        return bytes(data)
