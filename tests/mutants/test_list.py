"""The list of mutants fits the tree: each text stands exactly once where it is to be replaced."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "mutants.py"


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    import sys

    spec = importlib.util.spec_from_file_location("mutants_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_each_fits_once_and_changes_something(mutants: ModuleType):
    found = mutants.load()
    assert len(found) >= 24
    for mutant in found:
        assert all(edit.old != edit.new for edit in mutant.edits), mutant.name


def test_each_names_tests_that_are_there(mutants: ModuleType):
    for mutant in mutants.load():
        for test in mutant.target.tests:
            assert (mutants.ROOT / test).exists(), f"{mutant.name}: {test}"
