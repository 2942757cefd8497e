"""For auditors: verify a copy; stamp a video."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from cameo.cli.common import as_json, service, show
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
    with service() as opened:
        report = opened.verification.verify(file)
    if as_json:
        show(report.to_json())
    else:
        click.echo(render(report, "ja" if lang == "ja" else "en"))
    raise click.exceptions.Exit(report.exit_code)


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def stamp(source: Path, out: Path, as_json: bool) -> None:
    """Mark and sign a video of yours; claims no consent and no generation."""
    with service() as opened:
        stamped = opened.stamping.stamp(source, out)
    if as_json:
        show(asdict(stamped))
    else:
        click.echo(f"{out}: payload {stamped.payload}, {stamped.psnr_db} dB, {stamped.clip_id}")


COMMANDS = (verify, stamp)
