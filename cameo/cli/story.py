"""The demo and the benchmarks."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cameo.cli.bench.consent import measure_consent
from cameo.cli.bench.deciding import measure_decide
from cameo.cli.bench.proving import measure_bundle
from cameo.cli.bench.story import measure_story
from cameo.cli.bench.watermark.command import bench_watermark
from cameo.cli.demo.report import Report
from cameo.cli.demo.server import serving
from cameo.cli.demo.story import Story
from cameo.settings import load_settings
from cameo.wiring.service import VERSION

_NOTE = (
    "The people in this demo are synthetic and declared so: assurance level 0, simulated. "
    "No real person was enrolled."
)


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"))
def demo(out: Path) -> None:
    """The whole story: enrol, consent, generate, gate, stamp, verify, withdraw."""
    settings = load_settings()
    out.mkdir(parents=True, exist_ok=True)
    report = Report(
        out / "report.json",
        {"version": VERSION, "note": _NOTE, "home": "CAMEO_HOME", "min_assurance": 0},
    )
    click.echo(f"{settings.brand} {VERSION}: the whole story. {_NOTE}\n")
    try:
        with serving(settings.home, out / "server.log", CAMEO_MIN_ASSURANCE="0") as url:
            Story(url=url, out=out, home=settings.home, report=report).run()
    finally:
        report.write()
    _summary(report, out)


def _summary(report: Report, out: Path) -> None:
    cameo = Path(sys.argv[0])  # as it was called: nobody need have the environment active
    command = str(cameo) if cameo.name == "cameo" else "cameo"
    click.echo(f"\n{len(report.steps)} steps, all as expected. Look at:")
    click.echo(f"  {out}/clip.mp4        stays valid:  {command} verify {out}/clip.mp4")
    click.echo(f"  {out}/withdrawn.mp4   withdrawn:    {command} verify {out}/withdrawn.mp4")
    click.echo(f"  {out}/report.json     every step with its reason code")


@click.group()
def bench() -> None:
    """Benchmarks: JSON lines on stdout."""


@bench.command("story")
@click.option("--runs", type=click.IntRange(min=1), default=5, show_default=True)
def bench_story(runs: int) -> None:
    """Request to release of a 10 s 720p clip by step."""
    measure_story(runs)


@bench.command("consent")
@click.option("--clips", type=click.IntRange(min=100), default=600, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=13, show_default=True)
def bench_consent(clips: int, rounds: int) -> None:
    """The gate on PostgreSQL: releases, withdrawals, look-ups, decisions, log, bundle."""
    measure_decide()
    measure_bundle()
    measure_consent(clips=clips, rounds=rounds)


bench.add_command(bench_watermark)

COMMANDS = (demo, bench)
