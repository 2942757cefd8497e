"""A witness over HTTP with nothing but the standard library: few lines to trust, bounded in all.

server = WitnessServer(witness, ("127.0.0.1", 0))
server.serve_forever()
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import structlog

from provenance.log.witness import MAX_REQUEST_BYTES, PLAIN, Answer, Witness

PATH: Final = "/add-checkpoint"

_MOST_AT_ONCE: Final = 32
_SILENCE_S: Final = 10.0
_CONNECTION_S: Final = 60.0
_LOG = structlog.get_logger("witness")


class WitnessServer(ThreadingHTTPServer):
    """Answers ``POST /add-checkpoint``; at most 32 connections at once, each for a bounded time."""

    daemon_threads = True

    def __init__(self, witness: Witness, address: tuple[str, int]) -> None:
        self.witness = witness
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, where there is a place; a connection too many is closed."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one connection, which ends after a minute however slowly it speaks."""
        end = threading.Timer(_CONNECTION_S, _hang_up, [request])
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is no news; the handler logs what is."""
        del request, client_address


def _hang_up(request: socket.socket) -> None:
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "witness"
    sys_version = ""
    timeout = _SILENCE_S

    def do_POST(self) -> None:
        if self.path != PATH:
            self._answer(Answer(status=404, body="no such thing here\n"))
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 10):
            self._answer(Answer(status=411, body="a Content-Length is needed\n"))
            return
        if int(length) > MAX_REQUEST_BYTES:
            self._answer(Answer(status=413, body="too large\n"))
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        self._answer(self._judged(body), keep=True)

    def do_GET(self) -> None:
        status = 405 if self.path == PATH else 404
        self._answer(Answer(status=status, body="only POST /add-checkpoint is answered\n"))

    def _judged(self, body: bytes) -> Answer:
        assert isinstance(self.server, WitnessServer)  # noqa: S101 - the only server of this handler
        # A witness says what its own clock says: it is nobody else's word.
        timestamp = int(time.time())
        try:
            answer = self.server.witness.add_checkpoint(body, timestamp)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, nothing was cosigned
            _LOG.error("witness.failed", error=str(error) or type(error).__name__)
            return Answer(status=500, body="the witness cannot keep its state\n")
        _LOG.info("witness.answered", status=answer.status)
        return answer

    def _answer(self, answer: Answer, *, keep: bool = False) -> None:
        data = answer.body.encode()
        # Where a body was not read, the next request on this connection would be read out of it.
        self.close_connection = self.close_connection or not keep
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type or PLAIN)
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the library's lines would name who asked."""
