"""The transparency log: verify it from inside, witness it, and monitor it from outside."""

from __future__ import annotations

import json
import signal
import threading
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from cameo.cli.common import as_json, service, show
from cameo.cli.monitoring import Question, Report, run, text_of
from cameo.settings import load_settings
from cameo.wiring.home import clock
from cameo.wiring.log_reader import HttpLog, LogUnreachableError
from cameo.wiring.logs import configure_logs
from cameo.wiring.witness_server import WitnessServer
from provenance.log.errors import LogError
from provenance.log.monitor_state import MonitorState
from provenance.log.notes import COSIGNATURE, ED25519, VerifierKey
from provenance.log.promise import Promise, open_promise
from provenance.log.witness import Witness
from provenance.log.witness_folder import open_folder, write_durably

EX_UNREACHABLE: Final = 2
_Paths = tuple[Path, ...]


class _Key(click.ParamType[str]):
    """A verifier key, kept as text."""

    name = "vkey"

    def __init__(self, kind: int) -> None:
        self._kind = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Refuse what is no key of this kind."""
        try:
            return VerifierKey.parse(str(value), self._kind).text()
        except LogError as error:
            self.fail(str(error), param, ctx)


_LOG_KEY: Final = _Key(ED25519)
_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.group()
def log() -> None:
    """The transparency log."""


@log.command("verify")
@as_json
def log_verify(as_json: bool) -> None:
    """Recompute the whole tree, compare it with the signed head, and read its order."""
    with service() as opened:
        audit = opened.ledger.audit() if opened.ledger.sequence() else None
    if audit is None:
        found: dict[str, Any] = {"size": 0, "root": None, "findings": []}
    else:
        head = audit.checkpoint
        findings = [asdict(finding) for finding in audit.findings]
        found = {"size": head.size, "root": head.root.hex(), "findings": findings}
    if as_json:
        show(found)
    elif audit is None:
        click.echo("the log is empty: nothing was signed, withdrawn or released yet")
    else:
        click.echo(f"{found['size']} entries, root {found['root']}: as signed")
        for finding in audit.findings:
            click.echo(f"  entry {finding.index}: {finding.code}")
    raise click.exceptions.Exit(1 if found["findings"] else 0)


@log.command("witness")
@click.option("--state", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--listen", default="127.0.0.1:0", show_default=True, help="HOST:PORT; 0 is any.")
@click.option("--log", "logs", required=True, multiple=True, type=_LOG_KEY, help="Its VKEY.")
@click.option("--name", help="The witness's name, such as witness.example/w1; fixed on first use.")
def log_witness(state: Path, listen: str, logs: tuple[str, ...], name: str | None) -> None:
    """Cosign the heads of logs, each only where it continues the one before (C2SP tlog-witness).

    Runs on its own: no database, no CAMEO_HOME. Never bring its folder back from a backup.
    """
    by_origin = {VerifierKey.parse(vkey).name: vkey for vkey in logs}
    if len(by_origin) != len(logs):
        raise click.UsageError("two keys for one origin: a witness takes one")
    configure_logs("info")
    with open_folder(state, name) as folder:
        server = WitnessServer(Witness(folder.cosigner, by_origin, folder), _address(listen))
        host, port = server.server_address[:2]
        click.echo(f"key {folder.cosigner.vkey}")
        click.echo(f"listening http://{_bracketed(str(host))}:{port}")
        # Shutting down from the thread that serves would wait for itself.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        with server:
            server.serve_forever()


@log.command("monitor")
@click.argument("url")
@click.option("--key", "vkey", required=True, type=_LOG_KEY, help="The log's VKEY.")
@click.option("--state", required=True, type=_FILE, help="What it remembers between runs.")
@click.option("--witness", "witnesses", multiple=True, type=_Key(COSIGNATURE), help="Its VKEY.")
@click.option("--promise", "promises", multiple=True, type=_FILE, help="A revocation promise.")
@click.option("--promise-key", type=_LOG_KEY, help="The VKEY that promises are signed with.")
@click.option("--mine", is_flag=True, help="List what concerns me; needs CAMEO_API_KEY.")
@click.option("--known-key", "known", multiple=True, help="KEY_ID that I registered myself.")
@as_json
def log_monitor(  # noqa: PLR0917 - click passes options by name
    url: str,
    vkey: str,
    state: Path,
    witnesses: tuple[str, ...],
    promises: _Paths,
    promise_key: str | None,
    mine: bool,
    known: tuple[str, ...],
    as_json: bool,
) -> None:
    """Read a log from outside and say what is wrong with it.

    Exit code: 0 nothing was found, 1 something was, 2 the log could not be read.
    """
    asked = Question(
        vkey=vkey,
        now=clock(),
        before=_remembered(state),
        witnesses=witnesses,
        promises=_promises(promises, promise_key),
        api_key=_api_key() if mine else None,
        known_keys=known,
    )
    try:
        with closing(HttpLog(url)) as source:
            report = run(source, asked)
    except LogUnreachableError as error:
        click.echo(f"cameo: {error.code}: {error}", err=True)
        raise click.exceptions.Exit(EX_UNREACHABLE) from error
    if report.state is not None:
        write_durably(state, report.state.to_json())
    if as_json:
        show(report.to_json())
    else:
        _print(report)
    raise click.exceptions.Exit(1 if report.alarms else 0)


def _print(report: Report) -> None:
    if report.head is not None:
        head = report.head
        click.echo(f"{head.origin}: {head.size} entries, {report.new} new, root {head.root.hex()}")
    for own in report.own:
        private = "not opened" if own.private is None else json.dumps(dict(own.private))
        click.echo(f"{own.index:8}  {own.entry.at.isoformat()}  {own.entry.type:8}  {private}")
    for alarm in report.alarms:
        place = "" if alarm.index is None else f" entry {alarm.index}"
        detail = f" ({alarm.detail})" if alarm.detail else ""
        click.echo(f"FOUND {alarm.code}{place}: {text_of(alarm)}{detail}")


def _remembered(state: Path) -> MonitorState | None:
    if not state.parent.is_dir():
        raise click.UsageError(f"there is no folder {state.parent}")
    return MonitorState.from_json(state.read_text("utf-8")) if state.exists() else None


def _promises(files: _Paths, vkey: str | None) -> list[tuple[str, Promise]]:
    if files and vkey is None:
        raise click.UsageError("--promise needs --promise-key")
    notes = [file.read_text("utf-8") for file in files]
    return [(note, open_promise(note, str(vkey))) for note in notes]


def _api_key() -> str:
    key = load_settings().api_key
    if key is None:
        raise click.UsageError("--mine needs CAMEO_API_KEY")
    return key


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise click.UsageError("--listen is HOST:PORT")
    return host.strip("[]"), int(port)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


COMMANDS = (log,)
