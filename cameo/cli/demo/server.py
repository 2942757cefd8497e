"""A service of the demo's own: `cameo serve` as a child process, on a free port."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from cameo.settings import environment

_PATIENCE: Final = 180.0


class ServerDiedError(Exception):
    """The service ended while it was needed; its log says why."""

    code = "demo.server_died"


@contextmanager
def serving(home: Path, log: Path, **settings: str) -> Iterator[str]:
    """Start a service over `home`; yields its address."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    changes = {
        "CAMEO_HOME": str(home),
        "CAMEO_PORT": str(port),
        "CAMEO_HOST": "127.0.0.1",
        **settings,
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cameo.cli", "serve"],
            env=environment(changes),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
        try:
            _await(url, process, log)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerDiedError(f"the service ended with {process.returncode}; see {log}")
        try:
            httpx.get(f"{url}/health", timeout=5.0).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise ServerDiedError(f"the service did not answer within {_PATIENCE:.0f} s; see {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
