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

from cameo.cli.errors import ProblemError, UnreachableError, check_part
from cameo.settings import SettingsError
from consent.evidence import evidence_to_json, sign_ed25519

_TIMEOUT: Final = httpx.Timeout(600.0, connect=10.0)
_POLL: Final = 0.25
_NOT_YET: Final = 20

Json = dict[str, Any]


class Client:
    """One account at one service."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        self.api_key = _usable(api_key)
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        try:
            self._http = httpx.Client(base_url=url.strip(), headers=headers, timeout=_TIMEOUT)
        except httpx.InvalidURL as error:
            raise SettingsError(f"CAMEO_URL: {url!r} is no address ({error})") from error

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
        with self._unreachable(), self._http.stream("GET", _checked(path)) as answer:
            if answer.status_code >= 300:
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
            answer = self._http.request(method, _checked(path), **options)
        body = _object(answer)
        if answer.status_code >= 300 or body is None:
            raise _problem(answer)
        return body

    @contextmanager
    def _unreachable(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise UnreachableError(str(self._http.base_url)) from error


def _problem(answer: httpx.Response) -> ProblemError:
    body = _object(answer)
    if answer.status_code >= 400:
        return ProblemError(answer.status_code, body or _failed(answer.text[:200]))
    moved = f" on to {answer.headers['location']}" if "location" in answer.headers else ""
    return ProblemError(
        answer.status_code,
        _failed(
            f"{answer.url} answered {answer.status_code}{moved}, not as this service does; "
            "set CAMEO_URL to the service's own address"
        ),
    )


def _failed(detail: str) -> Json:
    return {"code": "request.failed", "detail": detail}


def _object(answer: httpx.Response) -> Json | None:
    try:
        body = answer.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _checked(path: str) -> str:
    """A path of which every part is plain: an id in it must not lead to another address."""
    for part in path.removeprefix("/").split("/"):
        check_part(part)
    return path


def _usable(api_key: str | None) -> str | None:
    stripped = (api_key or "").strip()
    if not (stripped.isascii() and stripped.isprintable()):
        raise SettingsError(
            "CAMEO_API_KEY: has characters that no API key has (line breaks, quotes or letters "
            "from outside ASCII); copy it again as `cameo people create` printed it"
        )
    return stripped or None
