"""What the demo writes down: one entry a step, with what was expected and what happened."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click


@dataclass
class Step:
    """One step of the story."""

    name: str
    title: str
    expected: str
    outcome: str = ""
    code: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether it went as the story says."""
        return self.outcome == self.expected


class StoryBrokenError(Exception):
    """A step of the story did not go as it must."""

    code = "demo.step_failed"


class Report:
    """The report, shown live and written at the end, also of a story that broke off."""

    def __init__(self, path: Path, facts: dict[str, Any]) -> None:
        self._path = path
        self._facts = facts
        self._began = time.monotonic()
        self.steps: list[Step] = []
        self.files: dict[str, str] = {}

    @contextmanager
    def step(self, name: str, title: str, expected: str) -> Iterator[Step]:
        """Run one step; the block sets `outcome`, and a wrong one ends the story."""
        step = Step(name=name, title=title, expected=expected)
        self.steps.append(step)
        began = time.monotonic()
        click.echo(f"  {title} ...", nl=False)
        try:
            yield step
        except BaseException as error:
            step.outcome = f"error: {getattr(error, 'code', type(error).__name__)}"
            click.echo("")
            raise
        finally:
            step.seconds = round(time.monotonic() - began, 2)
            self.write()
        mark = "ok" if step.ok else f"NOT AS EXPECTED ({step.outcome}, expected {step.expected})"
        said = f" [{step.code}]" if step.code else ""
        click.echo(f"\r  {title}: {step.outcome}{said}  {mark}, {step.seconds:.1f} s\033[K")
        if not step.ok:
            raise StoryBrokenError(f"{name}: {step.outcome}, expected {step.expected}")

    def write(self) -> None:
        """Write the report as it stands."""
        body = {
            **self._facts,
            "ok": bool(self.steps) and all(step.ok for step in self.steps),
            "seconds": round(time.monotonic() - self._began, 1),
            "files": self.files,
            "steps": [{**vars(step), "ok": step.ok} for step in self.steps],
        }
        self._path.write_text(json.dumps(body, ensure_ascii=False, indent=2, default=str) + "\n")


def progress(text: str) -> None:
    """Overwrite the running line of the present step."""
    click.echo(f"\r    {text}\033[K", nl=False)
