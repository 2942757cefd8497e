"""A client of the API, as any other program could be: HTTP, JSON and an API key."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from cameo.cli.errors import ProblemError, UnreachableError
from consent.evidence import evidence_to_json, sign_ed25519

_TIMEOUT: Final = httpx.Timeout(600.0, connect=10.0)
_POLL: Final = 0.25
_NOT_YET: Final = 20

Json = dict[str, Any]


class Client:
    """One account at one service."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        self.api_key = api_key
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str, **params: Any) -> Json:
        """GET, as JSON."""
        return self._json("GET", path, params=params)

    def post(self, path: str, body: Json | None = None) -> Json:
        """POST JSON."""
        return self._json("POST", path, json=body or {})

    def delete(self, path: str, body: Json | None = None) -> Json:
        """DELETE; with JSON where there is any."""
        return self._json("DELETE", path, json=body)

    def call(self, method: str, path: str) -> Json:
        """Any method, without a body."""
        return self._json(method, path)

    def upload(self, path: str, field: str, file: Path) -> Json:
        """POST a file."""
        with file.open("rb") as stream:
            return self._json("POST", path, files={field: (file.name, stream)})

    def download(self, path: str, target: Path) -> None:
        """GET a file; it is written whole or not at all.

        Raises:
            ProblemError: the service refused.
        """
        for _ in range(_NOT_YET):
            try:
                self._fetch(path, target)
            except ProblemError as problem:
                # A moment passes between the release and the checkpoint that covers it.
                if problem.code != "video.not_ready":
                    raise
                time.sleep(_POLL)
            else:
                return
        self._fetch(path, target)

    def _fetch(self, path: str, target: Path) -> None:
        temporary = target.with_name(target.name + ".part")
        with self._unreachable(), self._http.stream("GET", path) as answer:
            if answer.status_code >= 400:
                answer.read()
                raise _problem(answer)
            with temporary.open("wb") as file:
                for block in answer.iter_bytes():
                    file.write(block)
        temporary.replace(target)

    def sign(self, kind: str, wish: Json, private_key: bytes, show: Callable[[Json], None]) -> Json:
        """Prepare a consent or grant, show it, sign it here with the person's key, hand it in."""
        prepared = self.post(f"/v1/{kind}/prepare", wish)
        show(prepared)
        document = base64.b64decode(prepared["document"])
        evidence = evidence_to_json(sign_ed25519(private_key, document))
        body = {"document": prepared["document"], "evidence": json.loads(evidence)}
        return self.post(f"/v1/{kind}", body)

    def watch(self, video_id: str) -> Iterator[Json]:
        """A video's states, one each time something changed, until it is over."""
        last: tuple[Any, ...] = ()
        while True:
            video = self.get(f"/v1/videos/{video_id}")
            state = (video["status"], video["step"], video["progress"])
            if state != last:
                yield video
                last = state
            if video["status"] not in ("queued", "in_progress"):
                return
            time.sleep(_POLL)

    def _json(self, method: str, path: str, **options: Any) -> Json:
        with self._unreachable():
            answer = self._http.request(method, path, **options)
        if answer.status_code >= 400:
            raise _problem(answer)
        body: Json = answer.json()
        return body

    @contextmanager
    def _unreachable(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise UnreachableError(str(self._http.base_url)) from error


def _problem(answer: httpx.Response) -> ProblemError:
    try:
        body = answer.json()
    except ValueError:
        body = {"code": "request.failed", "detail": answer.text[:200]}
    return ProblemError(answer.status_code, body)
