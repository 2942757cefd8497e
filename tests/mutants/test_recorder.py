"""What counts as noticing a fault: an assertion, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PASSES = "def test_it():\n    assert True\n"
ASSERTS = "def test_it():\n    assert 1 == 2\n"
EXPECTED_A_REFUSAL = """
import pytest
def test_it():
    with pytest.raises(ValueError):
        pass
"""
UNITTEST = """
import unittest
class TestIt(unittest.TestCase):
    def test_it(self):
        assert 1 == 2
"""
SEVERAL = """
def test_it():
    raise ExceptionGroup("two ways", [AssertionError("one"), AssertionError("other")])
"""
OTHER_ERROR = "def test_it():\n    raise KeyError('gone')\n"
FIXTURE = """
import pytest
@pytest.fixture
def broken():
    assert 1 == 2
def test_it(broken):
    pass
"""
IMPORT = "import nothing_of_that_name\ndef test_it():\n    assert 1 == 2\n"
SYNTAX = "def test_it(:\n"
HANGS = "import time\ndef test_it():\n    time.sleep(30)\n"
SKIPS = "import pytest\ndef test_it():\n    pytest.skip('not here')\n"
MIXED = """
def test_it():
    raise ExceptionGroup("two ways", [AssertionError("one"), KeyError("other")])
"""


def verdicts(folder: Path, code: str) -> list[dict[str, object]]:
    (folder / "test_it.py").write_text(code)
    (folder / "pytest.ini").write_text("[pytest]\n")
    kept = folder / "verdicts"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=1"]
    command += ["-p", "tests.mutants.recorder", f"--verdicts={kept}", f"--rootdir={folder}"]
    subprocess.run(
        [*command, str(folder / "test_it.py")], cwd=ROOT, capture_output=True, check=False
    )
    return [json.loads(line) for line in kept.read_text().splitlines()]


@pytest.mark.parametrize(
    "code",
    [ASSERTS, EXPECTED_A_REFUSAL, UNITTEST, SEVERAL],
    ids=["asserts", "expected a refusal", "unittest", "several"],
)
def test_it_is_noticed(tmp_path: Path, code: str):
    found = verdicts(tmp_path, code)
    assert [verdict.get("asserts") for verdict in found] == [True]


@pytest.mark.parametrize(
    "code",
    [PASSES, OTHER_ERROR, FIXTURE, IMPORT, SYNTAX, HANGS, SKIPS, MIXED],
    ids=["passes", "other error", "fixture", "import", "syntax", "hangs", "skips", "mixed"],
)
def test_it_is_not(tmp_path: Path, code: str):
    assert not any(verdict.get("asserts") for verdict in verdicts(tmp_path, code))
