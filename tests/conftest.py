"""What every test may ask for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real material beside the checkout; the test is skipped where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real material is not on this machine: the folder ../shared/data is missing")
    return SHARED_DATA


@pytest.fixture(scope="module", autouse=True)
def _forget_speechbrain() -> Iterator[None]:
    """Hypothesis looks at every loaded module; SpeechBrain's lazy ones raise when looked at."""
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "speechbrain"]:
        del sys.modules[name]
