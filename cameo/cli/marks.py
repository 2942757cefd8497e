"""`cameo keys mark`: the epochs of the watermark's keys, for the operator."""

from __future__ import annotations

from typing import Any, Final

import click

from cameo.cli.common import as_json, service, show
from cameo.flows.mark_epochs import EpochView

_FINAL: Final = "This cannot be undone: the log keeps it for ever."


@click.group("mark", invoke_without_command=True)
@as_json
@click.pass_context
def mark(context: click.Context, as_json: bool) -> None:
    """Keys of the watermark: their epochs, and what is published of them."""
    if context.invoked_subcommand is None:
        with service() as opened:
            opened.marks.prepare()
            _say(opened.marks.views(), as_json)


@mark.command("rotate")
@click.option("--leaked", is_flag=True, help="Others know the present epoch's keys.")
@click.option("--new-secret", is_flag=True, help="Others know the secret; make a new one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def rotate(*, leaked: bool, new_secret: bool, yes: bool, as_json: bool) -> None:
    """Begin a new epoch. What was marked before stays detectable."""
    _confirm(f"Begin a new epoch of the watermark's keys? {_FINAL}", yes=yes)
    with service() as opened:
        opened.marks.rotate(leaked=leaked, new_secret=new_secret)
        _say(opened.marks.views(), as_json)


@mark.command("reveal")
@click.argument("epoch", type=click.IntRange(min=1))
@click.option("--leaked", is_flag=True, help="Others know them already; also ends a present epoch.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def reveal(epoch: int, leaked: bool, yes: bool, as_json: bool) -> None:
    """Publish an ended epoch's keys in the log, for everybody.

    Whoever has them can find the marks of that epoch, put them on anything, and take them off.
    """
    told = f"Reveal the keys of epoch {epoch} to everybody?"
    also = " The present epoch ends by it." if leaked else ""
    _confirm(f"{told}{also} {_FINAL}", yes=yes)
    with service() as opened:
        opened.marks.reveal(epoch, leaked=leaked)
        _say(opened.marks.views(), as_json)


def _confirm(question: str, *, yes: bool) -> None:
    if not yes and not click.confirm(question, err=True):
        raise click.Abort


def _say(views: tuple[EpochView, ...], as_json: bool) -> None:
    if as_json:
        data = [{**view.to_json(), "clips": view.clips} for view in views]
        show({"object": "list", "data": data})
        return
    for view in views:
        click.echo("\n".join(_lines(view)))


def _lines(view: EpochView) -> list[str]:
    record = view.record
    moments: list[tuple[str, Any]] = [
        ("since", record.began_at),
        ("until", record.ended_at),
        ("leaked", record.leaked_at),
        ("revealed", record.revealed_at),
    ]
    times = "".join(f", {name} {at:%Y-%m-%d %H:%M}Z" for name, at in moments if at is not None)
    lines = [f"epoch {record.number}: {view.state}{times}, {view.clips} clips"]
    keys = view.keys or {}
    for name, digest in (record.commitments or {}).items():
        shown = next((key.hex() for modality, key in keys.items() if modality == name), None)
        lines.append(f"  {name}  {digest}" + (f"  key {shown}" if shown else ""))
    places = [str(entry.idx) if entry.idx is not None else "waiting" for entry in view.entries]
    lines.append(f"  in the log at {', '.join(places) or 'no place yet'}")
    return lines
