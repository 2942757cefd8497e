"""One table: error code -> HTTP status. Every problem is an RFC 9457 document with a stable code.

Clients of the Videos API read ``error {code, message}``, so that member stands in it too.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cameo.flows.errors import FlowError
from cameo.keys.errors import KeysError
from cameo.likeness.errors import LikenessError
from cameo.media.errors import MediaError
from cameo.store.errors import StoreError
from consent.errors import ConsentError
from generator.errors import GeneratorError
from provenance.errors import ProvenanceError

_LOG = structlog.get_logger("api")

STATUS: Final[dict[str, int]] = {
    "auth.required": 401,
    "auth.signup_closed": 403,
    "binding.unknown_algorithm": 400,
    "binding.value": 400,
    "bundle.erased": 410,
    "bundle.none": 404,
    "bundle.private": 403,
    "cameo.erasure_pending": 409,
    "cameo.none": 404,
    "cameo.not_destroyed": 500,
    "capture.replayed": 409,
    "challenge.expired": 410,
    "challenge.locked_out": 429,
    "challenge.used": 409,
    "consent.evidence_broken": 500,
    "consent.none_of_own": 409,
    "consent.not_enrolled": 409,
    "consent.refused": 403,
    "consent.stale_document": 409,
    "contest.capture": 409,
    "contest.no_key": 409,
    "contest.nothing": 409,
    "contest.open": 409,
    "contest.over": 409,
    "contest.too_many": 429,
    "enrolment.erased": 409,
    "enrolment.no_key": 409,
    "hold.unchanged": 409,
    "key.exists": 409,
    "key.needs_enrolment": 403,
    "key.none": 409,
    "key.not_effective": 403,
    "key.not_pending": 409,
    "key.recovery_pending": 409,
    "key.revoked": 403,
    "key.too_many": 409,
    "keys.destroyed": 410,
    "log.no_promise_key": 500,
    "manifest.erased": 410,
    "manifest.store_only": 501,
    "mark.not_logged": 503,
    "mark.secret_differs": 500,
    "media.timeout": 422,
    "media.too_large": 413,
    "media.too_long": 413,
    "moderation.blocked": 422,
    "output.blocked": 422,
    "person.adult_required": 403,
    "quota.daily_limit": 429,
    "reference.unknown_handle": 404,
    "request.not_found": 404,
    "request.taken": 409,
    "request.too_large": 413,
    "session.challenge": 409,
    "session.counter": 403,
    "session.passkey_required": 403,
    "session.refused": 401,
    "store.failed": 500,
    "store.unavailable": 503,
    "video.approval_needed": 409,
    "video.deleted": 410,
    "video.failed": 409,
    "video.held": 423,
    "video.not_ready": 409,
    "video.withdrawn": 410,
}
"""What differs from 422, the status of a request that is understood and cannot be done."""

INTERNAL: Final = frozenset(
    {
        "keys.damaged",
        "keys.epoch_gone",
        "keys.error",
        "keys.insecure_permissions",
        "keys.store_broken",
    }
)

_ROOTS: Final = (
    FlowError,
    StoreError,
    MediaError,
    LikenessError,
    KeysError,
    ConsentError,
    GeneratorError,
    ProvenanceError,
)


def status_of(code: str) -> int:
    """The HTTP status for a code."""
    if code in INTERNAL:
        return 500
    return STATUS.get(code, 422)


def problem(
    code: str, detail: str, *, status: int | None = None, extra: dict[str, Any] | None = None
) -> JSONResponse:
    """A problem document."""
    number = status_of(code) if status is None else status
    body = {
        "type": f"urn:cameo:problem:{code}",
        "title": HTTPStatus(number).phrase,
        "status": number,
        "code": code,
        "detail": detail,
        "error": {"code": code, "message": detail},
        **(extra or {}),
    }
    headers = {"WWW-Authenticate": "Bearer"} if number == 401 else None
    return JSONResponse(
        jsonable_encoder(body), number, headers, media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Answer every error with a problem document."""
    for root in _ROOTS:
        app.add_exception_handler(root, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)


async def _known(_request: Request, error: Exception) -> JSONResponse:
    code = getattr(error, "code", "internal.error")
    return problem(code, str(error), extra=getattr(error, "extra", None))


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as registered
    fields = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "message": item["msg"]}
        for item in error.errors()
    ]
    first = fields[0] if fields else {"field": "", "message": "it cannot be read"}
    detail = f"{first['field']}: {first['message']}".lstrip(": ")
    return problem("request.invalid", detail, status=422, extra={"fields": fields})


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - as registered
    codes = {
        404: "request.not_found",
        405: "request.method",
        408: "request.timeout",
        413: "request.too_large",
    }
    code = codes.get(error.status_code, "request.refused")
    return problem(code, str(error.detail), status=error.status_code)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    # The message may hold what a person sent: only the kind of error is logged or told.
    _LOG.error("request.failed", route=_route(request), error=type(error).__name__)
    return problem("internal.error", "Something went wrong here; nothing was released.", status=500)


def _route(request: Request) -> str:
    """The route's template: a path itself may hold the secret of a link."""
    return str(getattr(request.scope.get("route"), "path", "none"))
