"""Serves the page and its parts, each with headers that let it do no more than it needs."""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

router = APIRouter(include_in_schema=False)

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "style.css": "text/css; charset=utf-8",
        "icon.svg": "image/svg+xml",
        **dict.fromkeys(
            ("app.js", "bytes.js", "document.js", "net.js", "passkey.js", "view.js", "words.js"),
            "text/javascript; charset=utf-8",
        ),
    }
)

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Scripts from this origin's files only, none inline: a text that somebody smuggled into
        # the page cannot run, and so cannot have another document signed.
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        # A page in a frame can be covered by another text than the one that is signed.
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self)",
        "Cache-Control": "no-cache",
    }
)


@router.head("/")
@router.get("/")
def page(request: Request) -> Response:
    """The page."""
    brand = html.escape(request.app.state.service.settings.brand)
    text = _read("index.html").decode().replace("{brand}", brand)
    return Response(text, media_type="text/html; charset=utf-8", headers=dict(HEADERS))


@router.head("/static/{name}")
@router.get("/static/{name}")
def part(name: str) -> Response:
    """A file that the page loads; only those named here exist."""
    if name not in _TYPES:
        raise HTTPException(404)
    return Response(_read(name), media_type=_TYPES[name], headers=dict(HEADERS))


@cache
def _read(name: str) -> bytes:
    return (files("cameo.web") / "static" / name).read_bytes()
