from __future__ import annotations

import pytest

from provenance.verifier.reasons import REASONS, REASONS_JA, explain
from provenance.verifier.verdicts import Verdict


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        ("authentic", 0),
        ("recovered", 3),
        ("not_ours", 4),
        ("tampered", 5),
        ("mark_mismatch", 6),
        ("withdrawn", 7),
        ("unreadable", 2),
    ],
)
def test_exit_codes_are_the_fixed_ones(verdict, code):
    assert Verdict(verdict).exit_code == code


def test_there_are_seven_verdicts():
    assert len(Verdict) == 7
    assert len({verdict.exit_code for verdict in Verdict}) == 7


def test_every_reason_is_explained_in_both_languages():
    assert set(REASONS) == set(REASONS_JA)
    assert all("." in code and explain(code) != code for code in REASONS)
    assert explain("area.unknown") == "area.unknown"


def test_every_reason_used_in_the_rules_is_in_the_table():
    import re
    from pathlib import Path

    import provenance.verifier as package

    folder = Path(package.__file__).parent
    used = set()
    for path in folder.glob("*.py"):
        if path.name != "reasons.py":
            areas = "media|credentials|stamp|mark|sound|fingerprint|registry|consents|log"
            used |= set(re.findall(rf'"((?:{areas})\.[a-z_]+)"', path.read_text()))
    assert used
    assert used <= set(REASONS)
