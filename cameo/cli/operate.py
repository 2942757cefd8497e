"""For operators: serve, worker, doctor, moderate, render, models."""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import click

from cameo.cli.common import as_json, force, output, service, show
from cameo.flows.order import VideoAsk
from cameo.settings import load_settings
from cameo.wiring.foundation import build_moderator
from cameo.wiring.logs import configure_logs
from cameo.wiring.service import VERSION, open_service
from generator.request import Style


@click.command()
def serve() -> None:
    """The service on CAMEO_HOST:CAMEO_PORT, with a worker of its own."""
    import uvicorn  # noqa: PLC0415 - no other command here needs a web server

    from cameo.app.application import create_app  # noqa: PLC0415

    settings = load_settings()
    configure_logs(settings.log_level)
    _require_free(settings.host, settings.port)
    app = create_app(open_service(settings))
    address = f"http://{settings.host}:{settings.port}"
    click.echo(f"{settings.brand} {VERSION} on {address}, home {settings.home}", err=True)
    # Passkeys are made for a name, so the page is opened by it and not by the address.
    click.echo(f"  page: {settings.origin_list[0]}    OpenAPI: {address}/openapi.json", err=True)
    click.echo("  stop with Ctrl-C", err=True)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


@click.command()
def worker() -> None:
    """A worker without a web server; give each one its own CAMEO_EXECUTOR_ID."""
    from cameo.worker.engine import Worker  # noqa: PLC0415 - loads the workflow engine

    settings = load_settings()
    configure_logs(settings.log_level)
    running = Worker(open_service(settings))
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    running.start()
    ended.wait()
    running.stop()


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check that everything the service needs is here and works."""
    with service() as opened:
        checks = {
            "home": str(opened.settings.home),
            "database": _tried(lambda: _now(opened)),
            "log": _tried(lambda: f"{opened.ledger.sequence()} entries"),
            "key epochs": _tried(lambda: _key_epochs(opened)),
            "mark keys": _tried(lambda: _mark_keys(opened)),
            "credentials": _tried(lambda: _credentials(opened)),
            "face model": _tried(lambda: opened.engines.faces.name),
            "voice model": _tried(lambda: opened.engines.voices.name),
            "english speech": "ok" if shutil.which("flite") else "missing: apt-get install flite",
            "moderation": _tried(lambda: opened.moderator.moderate("a cat").decision),
        }
    if as_json:
        show(checks)
    else:
        for name, found in checks.items():
            click.echo(f"{name:16} {found}")
    if any(str(found).startswith(("missing", "failed")) for found in checks.values()):
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--json", "_json", is_flag=True, help="Accepted for symmetry; output is JSON.")
def moderate(_json: bool) -> None:
    """One prompt a line on stdin, one JSON decision a line on stdout."""
    moderator = build_moderator()
    for line in sys.stdin:
        click.echo(moderator.moderate(line.rstrip("\n")).to_json())
        sys.stdout.flush()


@click.command()
@click.argument("prompt")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seconds", type=float, default=8.0, show_default=True)
@click.option("--size", default="1280x720", show_default=True, help="WIDTHxHEIGHT")
@click.option("--style", type=click.Choice([str(s) for s in Style]), default="photoreal")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=None)
@click.option("--explain", is_flag=True, help="Say how the prompt was understood.")
@force
@as_json
def render(  # noqa: PLR0917 - click passes options by name
    prompt: str,
    out: Path,
    seconds: float,
    size: str,
    style: str,
    seed: int | None,
    explain: bool,
    force: bool,
    as_json: bool,
) -> None:
    """The generator alone, nobody in it; marked, signed and logged like everything."""
    output(out, force=force)
    try:
        width, height = (int(side) for side in size.split("x"))
    except ValueError as error:
        raise click.UsageError("--size is WIDTHxHEIGHT, such as 1280x720") from error
    ask = VideoAsk(
        prompt=prompt, seconds=seconds, size=(width, height), style=Style(style), seed=seed
    )
    with service() as opened:
        made = opened.direct.render(ask, out)
    if as_json:
        show(made)
        return
    click.echo(f"{out}: {made['clip_id']}, payload {made['payload']}, seed {made['seed']}")
    if explain:
        for line in made["explanation"]:
            click.echo(f"  {line}")


@click.group()
def models() -> None:
    """Models that are in use or can be."""


@models.command("list")
@as_json
def models_list(as_json: bool) -> None:
    """What runs here, with its licence."""
    with service() as opened:
        card = opened.generator.card
        found: list[dict[str, Any]] = [
            {"kind": "generator", "name": card.name, "licence": card.licence},
            {"kind": "face", "name": opened.engines.faces.name, "licence": _LICENCE["face"]},
            {"kind": "voice", "name": opened.engines.voices.name, "licence": _LICENCE["voice"]},
        ]
    if as_json:
        show(found)
    else:
        for model in found:
            click.echo(f"{model['kind']:10} {model['name']:24} {model['licence']}")


def _require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"serve.port: cannot listen on {host}:{port} ({error.strerror}); set CAMEO_PORT"
            ) from error


_LICENCE = {
    "face": "dlib: public domain; a folder of your own: see its licence",
    "voice": "Resemblyzer: Apache-2.0; a folder of your own: see its licence",
}


def _tried(check: Any) -> str:
    try:
        return str(check())
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever is wrong
        return f"failed: {getattr(error, 'code', type(error).__name__)}: {error}"


def _now(opened: Any) -> str:
    with opened.db.reading() as tx:
        tx.now()
    return "ok"


def _key_epochs(opened: Any) -> str:
    with opened.db.reading() as tx:
        now = tx.now()
    if opened.keys.overdue(now):
        return "overdue: no worker ends them, so what is erased stays readable in backups"
    return f"ok, what is erased is gone from backups after {opened.keys.bound.days} days"


def _mark_keys(opened: Any) -> str:
    keys = opened.marks.keys()
    return f"epoch {keys.present}, {len(keys.epochs)} tried; they are those that were published"


def _credentials(opened: Any) -> str:
    opened.self_test()
    return "ours reads as trusted, a stranger's does not"


COMMANDS = (serve, worker, doctor, moderate, render, models)
