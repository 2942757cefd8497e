"""One moderator for all tests: building it takes a fifth of a second."""

from __future__ import annotations

import pytest

from moderation.knowledge.loader import CLASS_IDS
from moderation.text import Moderator


@pytest.fixture(scope="session")
def moderator() -> Moderator:
    return Moderator(sorted(CLASS_IDS))
