"""Every code that the log's readers can say is explained in its page, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from provenance.log.alarms import ALARMS
from provenance.log.entries import EntryType
from provenance.log.errors import LogError
from provenance.log.history import REASONS

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "log.md").read_text("utf-8")


def errors(root: type[LogError]) -> set[str]:
    return {root.code}.union(*(errors(child) for child in root.__subclasses__()))


def test_every_code_is_on_the_page():
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `log.")]
    said = set(re.findall(r"`(log\.[a-z_]+)`", " ".join(rows)))
    assert said == ALARMS.keys() | REASONS.keys()


def test_no_code_means_two_things():
    assert not ALARMS.keys() & REASONS.keys()
    assert not (ALARMS.keys() | REASONS.keys()) & errors(LogError)
    assert all(text and text == text.strip() for text in [*ALARMS.values(), *REASONS.values()])


def test_every_kind_of_entry_is_on_the_page():
    assert not {str(kind) for kind in EntryType if f"`{kind}`" not in PAGE}
