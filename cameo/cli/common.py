"""What commands share: the service, the client, and how answers are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cameo.cli.client import Client
from cameo.cli.errors import PathError, check_part
from cameo.settings import load_settings
from cameo.wiring.logs import configure_logs

if TYPE_CHECKING:
    from cameo.wiring.service import Service

force = click.option("--force", is_flag=True, help="Replace an output file that exists.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


def plain_id(value: str) -> str:
    """An id as the service gives them out: nothing that would lead to another address."""
    try:
        return check_part(value)
    except PathError as error:
        raise click.BadParameter(str(error)) from error


@contextmanager
def service() -> Iterator[Service]:
    """The service over CAMEO_HOME, for commands that work without a server."""
    from cameo.wiring.service import open_service  # noqa: PLC0415 - others need no part of it

    settings = load_settings()
    configure_logs(settings.log_level if settings.log_level != "info" else "warning")
    opened = open_service(settings)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def client(*, anonymous: bool = False) -> Iterator[Client]:
    """A client of the service at CAMEO_URL, with CAMEO_API_KEY."""
    settings = load_settings()
    opened = Client(settings.url, None if anonymous else settings.api_key)
    try:
        yield opened
    finally:
        opened.close()


def output(path: Path, *, force: bool, source: Path | None = None) -> Path:
    """Where a command may write; found out before it works.

    Raises:
        click.UsageError: the folder is missing, or the file exists and `--force` was not given.
    """
    if not path.name or not path.parent.is_dir():
        raise click.UsageError(f"there is no folder {path.parent}")
    if source is not None and path.exists() and path.samefile(source):
        raise click.UsageError("the output would replace its own source")
    if path.exists() and not force:
        raise click.UsageError(f"{path} exists; choose another name, or add --force")
    return path


def show(document: Any) -> None:
    """Print a JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))
