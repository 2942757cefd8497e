"""`cameo bench watermark`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cameo.cli.bench.watermark import run, run_sound
from cameo.cli.bench.watermark.marking import Choice
from cameo.cli.bench.watermark.report import write_docs
from cameo.cli.bench.watermark.robustness import on_picture
from cameo.cli.bench.watermark.scale import PARTS, Scale
from cameo.cli.bench.watermark.sheet import Sheet, read_lines
from cameo.cli.bench.watermark.sound import on_sound

_VIDEO = {
    "speed": run.speeds,
    "search": run.searches,
    "quality": run.qualities,
    "peers": run.beside,
    "robustness": run.robust,
    "chance": run.chances,
    "hostile": run.hostiles,
}


@click.command("watermark")
@click.option("--only", metavar="GROUP/ATTACK", help="A group of attacks, or one; nothing else.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="All if not given.")
@click.option("--cases", "scenes", help="Names of scenes or real clips, with commas between.")
@click.option("--sides", default="720", show_default=True, help="480, 720, 1080: with commas.")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seconds", type=click.FloatRange(min=1.0, max=5.0), default=5.0, show_default=True)
@click.option("--quick", is_flag=True, help="A look in a few minutes.")
@click.option("--full", is_flag=True, help="200 copies, 500 searches: hours.")
@click.option("--false-positives", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The lines, kept.")
@click.option("--docs", type=click.Path(file_okay=False, path_type=Path), help="The docs folder.")
@click.option(
    "--from",
    "earlier",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write the docs from lines of earlier runs; nothing is measured.",
)
def bench_watermark(
    scenes: str | None, sides: str, data: Path | None, seconds: float, **asked: Any
) -> None:
    """The marks in picture and sound: what they live through, cost, and do not stop."""
    docs: Path | None = asked["docs"]
    if asked["earlier"]:
        if docs is None:
            raise click.UsageError("--from needs --docs")
        write_docs(docs, read_lines(asked["earlier"]), None)
        return
    choice = Choice(
        scenes=tuple(scenes.split(",")) if scenes else None,
        sides=_sides(sides),
        data=data,
        seconds=seconds,
    )
    if not choice.cases():
        raise click.UsageError("no clip is called so")
    only = asked["only"]
    if only is not None and not (on_picture(only) or on_sound(only)):
        raise click.UsageError(f"no attack is called {only}")
    scale = Scale(
        choice=choice,
        only=only,
        false_positives=asked["false_positives"],
        workers=asked["workers"],
    )
    scale = scale.full() if asked["full"] else scale
    scale = scale.quick() if asked["quick"] else scale
    sheet = Sheet(asked["out"])
    measure(scale, sheet, asked["parts"])
    if docs is not None:
        write_docs(docs, sheet.lines, choice)


def measure(scale: Scale, sheet: Sheet, parts: tuple[str, ...] = ()) -> None:
    """Measure the parts asked for; with `only`, what those attacks leave and nothing else."""
    if scale.only is not None:
        parts = parts or ("robustness", "sound")
    for name in parts or PARTS:
        sheet.note(f"part: {name}")
        if name != "sound":
            _VIDEO[name](scale, sheet)
            continue
        run_sound.heard(scale, sheet)
        if scale.only is None:
            run_sound.others(scale, sheet)


def _sides(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(side) for side in text.split(","))
    except ValueError:
        raise click.UsageError(f"sides are numbers with commas between, not {text!r}") from None
