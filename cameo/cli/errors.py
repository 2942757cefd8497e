"""What a command may end with, besides its own verdicts."""

from __future__ import annotations

from typing import Any, Final

EX_USAGE: Final = 64
EX_REFUSED: Final = 1
EX_SOFTWARE: Final = 70


class ProblemError(Exception):
    """The service answered with a problem document (RFC 9457)."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.body = body
        self.code = str(body.get("code", "request.failed"))
        super().__init__(f"{self.code}: {body.get('detail', '')}")


class UnreachableError(Exception):
    """The service does not answer; start it with `cameo serve`, or set CAMEO_URL."""

    code = "service.unreachable"
