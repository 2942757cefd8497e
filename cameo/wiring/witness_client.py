"""HTTP to the log's witnesses, bounded in time and size."""

from __future__ import annotations

from typing import Final

import httpx

from cameo.flows.errors import WitnessUnreachableError
from provenance.log.witness import Answer

_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_MOST_BYTES: Final = 64 * 1024


class HttpWitnesses:
    """`cameo.flows.witnesses.WitnessPort` over HTTP (C2SP tlog-witness)."""

    def __init__(self, *, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(timeout=_TIMEOUT, transport=transport, follow_redirects=False)

    def add_checkpoint(self, url: str, body: str) -> Answer:
        """POST a request to a witness.

        Raises:
            WitnessUnreachableError: nothing answered, or too late, or too much.
        """
        address = f"{url.rstrip('/')}/add-checkpoint"
        try:
            with self._http.stream("POST", address, content=body.encode()) as answer:
                data = _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise WitnessUnreachableError(f"{url}: {type(error).__name__}") from error
        return Answer(
            status=answer.status_code,
            body=data.decode("utf-8", errors="replace"),
            content_type=answer.headers.get("content-type", ""),
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


def _bounded(answer: httpx.Response) -> bytes:
    data = b""
    for block in answer.iter_bytes():
        data += block
        if len(data) > _MOST_BYTES:
            raise WitnessUnreachableError("the answer is too large")
    return data
