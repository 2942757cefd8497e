"""Real databases: SQLite in a file, and a PostgreSQL cluster that the tests start and end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cameo.store.database import Database
from cameo.wiring.home import migrate


def _bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is missing: apt-get install postgresql")
    return found[-1].parent


def _as_postgres(*command: str) -> list[str]:
    # The server refuses to run as root.
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A cluster of our own on a free port; yields a URL with a %s for the database's name."""
    folder = Path(tempfile.mkdtemp(prefix="cameo-pg-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, binaries = folder / "data", _bin()
    quiet = {"stdout": subprocess.DEVNULL, "cwd": "/"}
    initdb = [str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "cameo", "-N"]
    subprocess.run(_as_postgres(*initdb, "-E", "UTF8"), check=True, **quiet)
    options = f"-p {port} -k {folder} -h 127.0.0.1 -c fsync=off -c max_connections=60"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    start = [*control, "-o", options, "-l", str(folder / "log"), "start"]
    subprocess.run(_as_postgres(*start), check=True, **quiet)
    try:
        yield f"postgresql+psycopg://cameo@127.0.0.1:{port}/%s"
    finally:
        subprocess.run(_as_postgres(*control, "-m", "immediate", "stop"), check=True, **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own for one test."""
    from sqlalchemy import create_engine, text

    name = f"t{abs(hash(request.node.nodeid)) % 10**12}"
    admin = create_engine(postgres_server % "postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name}"))
        connection.execute(text(f"create database {name}"))
    yield postgres_server % name
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


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
