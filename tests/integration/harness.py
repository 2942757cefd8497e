"""A real service: `cameo serve` as a process over a home of its own, spoken to over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import weakref
from pathlib import Path
from typing import Any

import httpx

from cameo.cli.client import Client
from cameo.cli.demo.actors import Actor, answer_challenge
from cameo.cli.keys import register_key
from consent.evidence import new_ed25519_key

AIKO = Actor(handle="aiko", display_name="Aiko (simulated)", head="aiko", voice="mai")
EMRE = Actor(handle="emre", display_name="Emre (simulated)", head="emre", voice="jun")


class Server:
    """A service that can be started, killed and started again."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "CAMEO_HOME": str(home),
            "CAMEO_PORT": str(self.port),
            "CAMEO_MIN_ASSURANCE": "0",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = self.home.parent / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cameo.cli", "serve"],
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert self._process.poll() is None, log.read_text()[-3000:]
            try:
                if httpx.get(f"{self.url}/health", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the service did not answer")

    def kill(self) -> None:
        """kill -9 of the service alone; its render processes must end by themselves."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None

    def step_of(self, clip_id: str) -> str:
        """The clip's step, straight from the database: quicker than any answer over HTTP."""
        return str(self.query("select step from clip where id = ?", clip_id)[0][0])

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self.home / 'cameo.db'}?mode=ro", uri=True)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()


class Account:
    """Somebody with an account, and a key where they sign."""

    def __init__(self, url: str, actor: Actor, handle: str | None = None) -> None:
        self.actor = actor
        self.handle = handle or actor.handle
        body = {"handle": self.handle, "display_name": actor.display_name, "adult": True}
        anonymous = Client(url)
        made = anonymous.post("/v1/people", body)
        anonymous.close()
        self.api_key = made["api_key"]
        self.api = Client(url, self.api_key)
        self.private_key, self.public_key = new_ed25519_key()
        self.registered = False
        weakref.finalize(self, self.api.close)

    def register(self) -> None:
        """Register the key, once."""
        if not self.registered:
            register_key(self.api, self.public_key)
            self.registered = True

    def challenge(self, *, simulated: bool = True) -> dict[str, Any]:
        self.register()
        notice = self.api.get("/v1/notice")
        return self.api.post(
            "/v1/enrolments",
            {"notice_sha256": notice["sha256"], "release": True, "simulated": simulated},
        )

    def answer(self, enrolment: dict[str, Any], capture: Path) -> dict[str, Any]:
        return self.api.upload(f"/v1/enrolments/{enrolment['id']}/capture", "capture", capture)

    def enrol(self, folder: Path) -> dict[str, Any]:
        """Answer a live challenge as the actor."""
        enrolment = self.challenge()
        capture = folder / f"{self.handle}.mp4"
        answer_challenge(self.actor, enrolment["challenge"], capture)
        return self.answer(enrolment, capture)

    def consent(self, audience: str = "approved", **terms: Any) -> dict[str, Any]:
        self.register()
        return self.api.sign("consents", {"audience": audience, **terms}, self.private_key, _silent)

    def grant(self, grantee: str, **terms: Any) -> dict[str, Any]:
        return self.api.sign("grants", {"grantee": grantee, **terms}, self.private_key, _silent)

    def finish(self, video_id: str) -> dict[str, Any]:
        """Wait for a video to be over."""
        *_, last = self.api.watch(video_id)
        return last


def _silent(_prepared: dict[str, Any]) -> None:
    return
