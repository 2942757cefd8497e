"""The figures of a run: printed as they are measured, and kept for the documentation."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Unpack

import click

from cameo.cli.bench.figures import Details, figure


class Sheet:
    """Prints each figure as one JSON line, appends it to a file if one is given, keeps it."""

    def __init__(self, out: Path | None = None) -> None:
        """Begin an empty sheet; the file is written anew."""
        self.lines: list[dict[str, Any]] = []
        self._out = out
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text("")

    def add(self, name: str, value: float, unit: str, **details: Unpack[Details]) -> None:
        """Print one figure; see `cameo.cli.bench.figures.emit`."""
        if not math.isfinite(value):
            return
        line = figure(name, value, unit, **details)
        line["date"] = time.strftime("%Y-%m-%d", time.gmtime())
        text = json.dumps(line)
        self.lines.append(line)
        click.echo(text)
        if self._out is not None:
            with self._out.open("a") as file:
                file.write(f"{text}\n")

    def note(self, text: str) -> None:
        """Say something beside the figures, on standard error."""
        click.echo(text, err=True)

    def share(self, name: str, hits: int, count: int, *, on: str) -> None:
        """Print a rate with its 95% interval after Wilson."""
        if count:
            self.add(name, hits / count, "rate", on=on, n=count, interval=wilson(hits, count))


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95% interval of a rate."""
    z = 1.959964
    rate, spread = hits / count, z * z / count
    middle = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def read_lines(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """The lines of earlier runs; where two say the same figure, the later one counts."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for path in paths:
        for text in path.read_text().splitlines():
            line: dict[str, Any] = json.loads(text)
            kept[line["name"], line["on"]] = line
    return list(kept.values())
