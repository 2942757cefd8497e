"""A document as this program reads it before it signs, whatever the service says that it says."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import click

from consent.documents import Document, describe, parse, rendering_sha256
from consent.errors import ConsentError

_NAMES: Final = {"grantee": "grantee_handle", "apart_from": "apart_from_handles"}
"""Where a document calls a wish's member otherwise."""


def asker(kind: str, wish: Mapping[str, Any], *, yes: bool) -> Callable[[dict[str, Any]], None]:
    """What a client calls with a prepared document, before it signs: show it, and ask.

    The text is rendered here from the very bytes that will be signed, and the document must say
    what was asked for: a service that shows one thing and has another signed is found out.
    """

    def look(prepared: dict[str, Any]) -> None:
        document = _read(prepared["document"])
        if document.kind != kind or document.rendering_sha256 != rendering_sha256(document):
            raise click.ClickException("the service shows another text; nothing was signed")
        changed = differing(document, wish)
        if changed:
            raise click.ClickException(
                f"the service changed what you asked for ({', '.join(changed)}); nothing was signed"
            )
        click.echo(describe(document, document.language), err=True)
        if not yes:
            click.confirm("Sign this?", abort=True, err=True)

    return look


def differing(document: Document, wish: Mapping[str, Any]) -> list[str]:
    """The members of a wish that a document does not say as they were asked for."""
    return [name for name, asked in wish.items() if not _says(document, name, asked)]


def _says(document: Document, name: str, asked: Any) -> bool:
    said = getattr(document, _NAMES.get(name, name))
    if name == "apart_from":
        # Wishes may name more people; nobody that was asked for may be missing.
        return {_handle(each) for each in asked} <= set(said)
    if name == "grantee":
        return bool(_handle(asked) == said)
    if name == "wishes":
        return list(dict.fromkeys(" ".join(each.split()) for each in asked)) == list(said)
    if isinstance(said, datetime):
        return asked is not None and said == datetime.fromisoformat(asked)
    if isinstance(said, frozenset | tuple):
        return sorted(set(asked)) == sorted(said)
    return bool(said == asked)


def _handle(text: str) -> str:
    return text.strip().removeprefix("@").casefold()


def _read(encoded: str) -> Document:
    try:
        return parse(base64.b64decode(encoded, validate=True))
    except (ConsentError, ValueError) as error:
        raise click.ClickException("the service sent no document; nothing was signed") from error
