"""Real databases: SQLite in a file, and a PostgreSQL cluster that the tests start and end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cameo.cli.bench.cluster import cluster, fresh_database
from cameo.store.database import Database
from cameo.wiring.home import migrate


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A cluster of our own on a free port; yields a URL with a %s for the database's name."""
    with cluster(["fsync=off"]) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own for one test."""
    name = f"t{abs(hash(request.node.nodeid)) % 10**12}"
    with fresh_database(postgres_server, name) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Every integration test of the store runs against both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'cameo.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database."""
    migrate(database_url)
    opened = Database(database_url)
    yield opened
    opened.close()
