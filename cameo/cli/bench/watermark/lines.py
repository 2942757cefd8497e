"""Looking figures up among the lines of one run or more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a run, to look up in."""

    lines: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, lines: Iterable[Mapping[str, Any]]) -> Lines:
        """Keep the lines in their order."""
        return cls(tuple(lines))

    def named(self, name: str) -> dict[str, Mapping[str, Any]]:
        """All lines of one figure, by what they are on."""
        return {line["on"]: line for line in self.lines if line["name"] == name}

    def value(self, name: str, on: str) -> float | None:
        """One value, or None."""
        line = self.named(name).get(on)
        return None if line is None else float(line["value"])


def number(value: float | None, digits: int = 1) -> str:
    """A value for a table; a dash where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 0) -> str:
    """A rate as per cent; a dash where there is none."""
    return "-" if value is None else f"{100 * value:.{digits}f}%"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
