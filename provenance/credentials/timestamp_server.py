"""The own time-stamp authority behind a loopback address, for as long as a block lasts.

    with loopback(authority, clock) as url:
        sign_file(..., timestamp_url=url)

The signing library fetches time stamps by itself and knows only addresses. The server listens on
127.0.0.1 alone; who can reach it can learn the time and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from provenance.credentials.errors import CredentialError
from provenance.credentials.timestamps import MAX_QUERY_BYTES, TimestampAuthority

_SOCKET_SECONDS: Final = 10.0


@contextmanager
def loopback(authority: TimestampAuthority, clock: Callable[[], datetime]) -> Iterator[str]:
    """Serve time stamps on a free port of 127.0.0.1.

    Args:
        authority: Who stamps.
        clock: The present time, aware; called from threads.

    Yields:
        The address for `sign_file(timestamp_url=...)`.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(authority, clock))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="time-stamps", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(
    authority: TimestampAuthority, clock: Callable[[], datetime]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SOCKET_SECONDS

        def do_POST(self) -> None:
            """Answer one query; anything odd gets a bare 400."""
            status, body = 400, b""
            size = self.headers.get("Content-Length", "")
            if size.isdecimal() and int(size) <= MAX_QUERY_BYTES:
                try:
                    body = authority.answer(self.rfile.read(int(size)), clock())
                    status = 200
                except CredentialError:
                    body = b""
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent: the caller logs what it signs."""

    return Handler
