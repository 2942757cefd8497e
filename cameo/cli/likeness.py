"""Likeness at the command line: compare two faces or voices, judge a capture."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import numpy.typing as npt

from cameo.cli.common import as_json, service, show
from cameo.flows.enrol import report_json
from cameo.likeness.capture import Capture
from cameo.likeness.challenge import Challenge
from cameo.likeness.compare import Comparison, compare_faces, compare_voices
from cameo.media.decode import FrameStream, read_samples
from cameo.media.limits import Limits
from cameo.wiring.engines import EngineAssessor
from cameo.wiring.service import Service

_RATE: Final = 16_000
_PATH: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("kind", type=click.Choice(["face", "voice"]))
@click.argument("a", type=_PATH)
@click.argument("b", type=_PATH)
@as_json
def compare(kind: str, a: Path, b: Path, as_json: bool) -> None:
    """Are these two the same face, or the same voice?"""
    with service() as opened:
        result = _compared(opened, kind, a, b)
    if as_json:
        show(result.to_json())
    else:
        click.echo(
            f"{result.verdict}: similarity {result.similarity:.3f}, "
            f"threshold {result.threshold:.3f} ({result.model})"
        )
    raise click.exceptions.Exit(0 if result.verdict == "same" else 1)


@click.command()
@click.argument("capture", type=_PATH)
@click.option("--challenge", type=_PATH, required=True, help="JSON: turns, digits, issued_at...")
@click.option("--simulated", is_flag=True, help="Declare a synthetic person: level 0.")
@as_json
def liveness(capture: Path, challenge: Path, simulated: bool, as_json: bool) -> None:
    """Does this capture answer that challenge? Every check with its figure."""
    asked = Challenge.from_json(challenge.read_bytes())
    with service() as opened:
        limits = opened.policy.limits
        sound = read_samples(capture, limits, rate=_RATE)
        with FrameStream(capture, limits, max_side=960) as stream:
            report = EngineAssessor(opened.engines).assess(
                Capture(frames=stream, fps=stream.fps, samples=sound, rate=_RATE),
                asked,
                now=datetime.now(UTC),  # noqa: TID251 - a person at a command line
                simulated=simulated,
            )
    body = report_json(report)
    if as_json:
        show(body)
    else:
        for check in body["checks"]:
            click.echo(_check_line(check))
        passed = "passed" if body["passed"] else "failed"
        click.echo(f"{passed}, assurance level {body['assurance']}")
    raise click.exceptions.Exit(0 if body["passed"] else 1)


def _check_line(check: dict[str, Any]) -> str:
    figure = "" if check["figure"] is None else f"{check['figure']:.3g}"
    limit = "" if check["limit"] is None else f"(limit {check['limit']:.3g})"
    return f"{check['name']:24} {check['status']:12} {figure:>8} {limit} {check['detail']}".rstrip()


def _compared(opened: Service, kind: str, a: Path, b: Path) -> Comparison:
    limits = opened.policy.limits
    if kind == "face":
        return compare_faces(opened.engines.faces, _picture(a, limits), _picture(b, limits))
    first, second = (read_samples(path, limits, rate=_RATE) for path in (a, b))
    return compare_voices(opened.engines.voices, first, second, opened.engines.speech)


def _picture(path: Path, limits: Limits) -> npt.NDArray[np.uint8]:
    with FrameStream(path, limits, max_side=1920) as stream:
        return next(iter(stream))


COMMANDS = (compare, liveness)
