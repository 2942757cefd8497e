"""How a figure is printed, and what it is measured beside."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any, TypedDict, Unpack

import click


class Details(TypedDict, total=False):
    """What a figure may say beside its value."""

    on: str
    n: int
    peer: tuple[str, float] | None
    interval: tuple[float, float] | None


def emit(name: str, value: float, unit: str, **details: Unpack[Details]) -> None:
    """Print one figure; with a peer, its ratio (ours over theirs). The load is stated."""
    click.echo(json.dumps(figure(name, value, unit, **details)))


def figure(name: str, value: float, unit: str, **details: Unpack[Details]) -> dict[str, Any]:
    """One figure as the line that is printed; see `emit`."""
    peer, interval = details.get("peer"), details.get("interval")
    return {
        "name": name,
        "value": _rounded(value),
        "unit": unit,
        "on": details.get("on", ""),
        "n": details.get("n", 1),
        "interval": None if interval is None else [_rounded(v) for v in interval],
        "peer": None if peer is None else {"name": peer[0], "value": _rounded(peer[1])},
        "ratio": None if peer is None or not peer[1] else _rounded(value / peer[1]),
        "load": round(os.getloadavg()[0], 2),
        "cpus": os.cpu_count(),
    }


def median_seconds(work: Callable[[], object], runs: int = 5) -> float:
    """The median wall time of several runs."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
