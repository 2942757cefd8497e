"""What a command may end with, besides its own verdicts."""

from __future__ import annotations

import re
from typing import Any, Final

EX_USAGE: Final = 64
EX_REFUSED: Final = 1
EX_SOFTWARE: Final = 70


_REMEDIES: Final = {
    "cameo.erasure_pending": "cameo erase (shows how it stands)",
    "cameo.not_confirmed": "cameo erase --confirm YOUR_HANDLE",
    "contest.capture": "cameo enrol, then cameo contest compare CONTEST --enrolment ENROLMENT",
    "contest.no_key": "cameo keys new FILE",
    "contest.open": "cameo contest mine",
    "contest.over": "cameo contest mine",
    "contest.own": "cameo erase --confirm YOUR_HANDLE",
    "enrolment.erased": "cameo enrol",
    "hold.unchanged": "cameo hold list",
    "auth.required": "export CAMEO_API_KEY=... (from `cameo people create`)",
    "enrolment.no_key": "cameo keys new FILE",
    "key.exists": "cameo keys new NEW --no-register, then cameo keys add NEW --key OLD "
    "(or, where you lost them all, cameo keys recover NEW)",
    "key.needs_enrolment": "cameo enrol --key-id KEY_ID",
    "key.none": "cameo keys new FILE",
    "key.not_effective": "cameo keys list says until when",
    "key.recovery_pending": "cameo keys list, then cameo keys cancel KEY_ID",
    "key.revoked": "cameo keys list, or cameo keys recover NEW",
    "key.too_many": "cameo keys list, then cameo keys revoke KEY_ID",
}


class ProblemError(Exception):
    """The service answered with a problem document (RFC 9457)."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.body = body
        self.code = str(body.get("code", "request.failed"))
        super().__init__("\n".join([f"{self.code}: {body.get('detail', '')}", *_because(body)]))


class UnreachableError(Exception):
    """The service does not answer; start it with `cameo serve`, or set CAMEO_URL."""

    code = "service.unreachable"

    def __init__(self, address: str) -> None:
        super().__init__(f"no answer from {address}; start it with `cameo serve`, or set CAMEO_URL")


class PathError(Exception):
    """An id or a handle that cannot stand in an address."""

    code = "request.bad_id"


_PART: Final = re.compile(r"@?[A-Za-z0-9_~-][A-Za-z0-9._~-]*")


def check_part(part: str) -> str:
    """One part of an address, where it leads nowhere else.

    Raises:
        PathError: it is empty, begins with a dot, or has characters that no id has.
    """
    if not _PART.fullmatch(part):
        raise PathError(
            f"{part!r} is no id and no handle: those have letters, digits, '-', '_' and '.'; "
            "copy it as the service printed it"
        )
    return part


def _because(body: dict[str, Any]) -> list[str]:
    """What the problem says beyond its detail: who refused what, and where in the prompt."""
    lines = []
    for person in body.get("people", []):
        if not person["allowed"]:
            lines.append(f"  @{person['handle']}: {', '.join(person['reasons'])}")
    for reason in body.get("reasons", []):
        if isinstance(reason, dict):
            place = f" at {reason['span'][0]}-{reason['span'][1]}" if reason.get("span") else ""
            lines.append(f"  {reason['code']}: {reason.get('detail', '')}{place}")
    remedy = _REMEDIES.get(body.get("code", ""))
    return [*lines, f"  at the command line: {remedy}"] if remedy else lines
