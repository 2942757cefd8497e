"""For auditors: verify a copy; stamp a video."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import click

from cameo.cli.common import as_json, client, force, output, service, show
from cameo.settings import load_settings
from provenance.verifier.render import render


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True)
@as_json
def verify(file: Path, lang: str, as_json: bool) -> None:
    """Where does this copy come from, and does everybody in it still agree?

    Exit code: 0 authentic, 3 recovered, 4 not ours, 5 tampered, 6 mark mismatch, 7 withdrawn,
    2 unreadable.
    """
    settings = load_settings()
    if settings.database_url is None and not (settings.home / "cameo.db").exists():
        _ask_service(file, as_json)
    with service() as opened:
        report = opened.verification.verify(file)
    if as_json:
        show(report.to_json())
    else:
        click.echo(render(report, "ja" if lang == "ja" else "en"))
    raise click.exceptions.Exit(report.exit_code)


def _ask_service(file: Path, as_json: bool) -> NoReturn:
    """There is no data folder here: the service at CAMEO_URL is asked instead.

    Without a registry a copy of ours could only be called foreign, which would be wrong.
    """
    with client(anonymous=True) as api:
        found = api.upload("/v1/verify", "file", file)
    if as_json:
        show(found)
    else:
        click.echo(f"{found['verdict'].upper()}  (asked the service at {load_settings().url})")
        for text in found["explanations"].values():
            click.echo(f"- {text}")
    raise click.exceptions.Exit(found["exit_code"])


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@force
@as_json
def stamp(source: Path, out: Path, force: bool, as_json: bool) -> None:
    """Mark and sign a video of yours; claims no consent and no generation."""
    output(out, force=force, source=source)
    with service() as opened:
        stamped = opened.stamping.stamp(source, out)
    if as_json:
        show(asdict(stamped))
    else:
        click.echo(f"{out}: payload {stamped.payload}, {stamped.psnr_db} dB, {stamped.clip_id}")


COMMANDS = (verify, stamp)
