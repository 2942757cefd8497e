"""Reading the credentials of hostile files in a process that can be stopped.

    credentials = ChildCredentialReader(trust).read(path)

The C2PA library takes time that grows with the square of a file's boxes, and a thread cannot be
killed: one small upload would hold a thread of the service for minutes, a larger one for hours.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, ClassVar, Final

from cameo.wiring.credential_child import TOO_MANY_BOXES
from cameo.wiring.credential_codec import decode
from provenance.credentials.errors import CredentialError
from provenance.credentials.reader import CredentialReader
from provenance.credentials.trust import TrustSettings
from provenance.credentials.values import Credentials

# A store of 16 MiB, the most that the reader keeps, as base64, and what is said about it.
_MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024
_CHILD: Final = "cameo.wiring.credential_child"


class CredentialsNotReadError(CredentialError):
    """The credentials were not read: that says nothing about the file."""

    code: ClassVar[str] = "credentials.not_read"


class ChildCredentialReader:
    """`provenance.verifier.ports.CredentialSource`, one process for each file.

    Threads may share it. The verifier reports a read that failed as a check that did not run, and
    reaches no verdict.
    """

    def __init__(self, trust: TrustSettings, timeout_s: float = 20.0) -> None:
        """Keep the settings.

        Args:
            trust: Whom to trust.
            timeout_s: Seconds that one file may take, the start of its process included.
        """
        self._trust = trust
        self._timeout_s = timeout_s
        self._here = CredentialReader(trust)

    def read(self, path: Path) -> Credentials:
        """Judge the credentials of a file, as `CredentialReader.read` does.

        Raises:
            CredentialsNotReadError: If the process took too long, ended by itself, refused the
                file for its number of boxes, or gave no well-formed answer.
        """
        status, answer = _run(self._task(path), self._timeout_s)
        if status == TOO_MANY_BOXES:
            raise CredentialsNotReadError("the file has too many boxes")
        if status != 0:
            raise CredentialsNotReadError(f"the reading process ended with status {status}")
        try:
            return decode(answer)
        except ValueError as error:
            raise CredentialsNotReadError(f"the answer is malformed: {error}") from error

    def read_manifest_bytes(self, manifest: bytes) -> Credentials:
        """Judge an archived manifest, as `CredentialReader.read_manifest_bytes` does.

        It stays in this process: the archive holds only what this installation signed and read
        back as trusted before it kept it, never a file that someone sent to be verified.
        """
        return self._here.read_manifest_bytes(manifest)

    def _task(self, path: Path) -> bytes:
        trust = self._trust
        task: dict[str, object] = {
            # Bytes, for the two processes may not agree on the encoding of file names.
            "path": _base64(os.fsencode(path.absolute())),
            "own_roots_pem": _base64(trust.own_roots_pem),
            "time_roots_pem": _base64(trust.time_roots_pem),
            "foreign_roots_pem": _base64(trust.foreign_roots_pem),
            "soft_binding_algorithms": trust.soft_binding_algorithms,
        }
        return json.dumps(task).encode("ascii")


def _run(task: bytes, timeout_s: float) -> tuple[int, bytes]:
    """Exit status and answer of one reading process, which is gone on return."""
    late = threading.Event()
    try:
        process = _start()
    except OSError as error:
        raise CredentialsNotReadError(f"no reading process could be started: {error}") from error
    with process:

        def expire() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(timeout_s, expire)
        timer.daemon = True
        try:
            timer.start()
            # Every wait below ends when the process does, and the timer sees to that.
            answer = _exchange(process.stdin, process.stdout, task)
            if len(answer) > _MAX_ANSWER_BYTES:
                raise CredentialsNotReadError("the answer is too long")
            status = process.wait()
        finally:
            timer.cancel()
            process.kill()
    if late.is_set():
        raise CredentialsNotReadError(f"stopped after {timeout_s:g} s")
    return status, answer


def _start() -> subprocess.Popen[bytes]:
    # An empty environment: what parses hostile bytes holds no key and no database address.
    return subprocess.Popen(
        [sys.executable, "-I", "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        start_new_session=True,
    )


def _exchange(given: IO[bytes] | None, taken: IO[bytes] | None, task: bytes) -> bytes:
    if given is None or taken is None:
        raise CredentialsNotReadError("the reading process has no pipes")
    with suppress(BrokenPipeError):  # it ended before it read: its status says more
        given.write(task)
    with suppress(BrokenPipeError):
        given.close()
    return taken.read(_MAX_ANSWER_BYTES + 1)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
