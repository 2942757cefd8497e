"""A pytest plugin that writes down how tests failed: by an assertion, or otherwise.

`scripts/mutants.py` loads it. A fault counts as noticed only where a test said so by an assertion;
a module that no longer imports, a fixture that breaks or a test that hangs says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

OPTION = "--verdicts"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to write."""
    parser.addoption(OPTION, type=Path, required=True, help="a file for verdicts, JSON lines")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with an empty file."""
    config.getoption(OPTION).write_text("")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """One line a phase that failed, and one a test that passed."""
    report = yield  # others, such as that for unittest, say only now what failed
    _note(item, call)
    return report


def _note(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    if call.excinfo is None:
        if call.when == "call":
            _write(item, {"test": item.nodeid, "passed": True})
        return
    if call.excinfo.errisinstance(pytest.skip.Exception):
        return
    asserts = call.when == "call" and is_assertion(call.excinfo.value)
    text = str(call.excinfo.value).strip().split("\n")[0]
    how = f"{call.excinfo.typename}: {text}"[:300]
    _write(item, {"test": item.nodeid, "when": call.when, "how": how, "asserts": asserts})
    if asserts:
        item.session.shouldstop = "noticed"


def is_assertion(error: BaseException) -> bool:
    """Whether a test itself says that something is wrong."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_assertion(each) for each in error.exceptions)
    if isinstance(error, pytest.fail.Exception):
        return not str(error).startswith("Timeout")  # pytest-timeout fails like this
    return isinstance(error, AssertionError)


def _write(item: pytest.Item, verdict: dict[str, object]) -> None:
    with item.config.getoption(OPTION).open("a") as file:
        file.write(json.dumps(verdict) + "\n")
