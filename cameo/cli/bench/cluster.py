"""A PostgreSQL cluster of one's own: on a free port, in a temporary folder, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import create_engine, text


@contextmanager
def cluster(options: Sequence[str] = ()) -> Iterator[str]:
    """Start a cluster; yields a URL with a %s for the database's name.

    Args:
        options: further settings, such as ``fsync=off``.

    Raises:
        click.ClickException: PostgreSQL is not installed.
    """
    folder = Path(tempfile.mkdtemp(prefix="cameo-pg-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
    data, binaries, port = folder / "data", _binaries(), _free_port()
    chosen = " ".join(f"-c {option}" for option in options)
    try:
        _run(binaries / "initdb", "-D", data, "-A", "trust", "-U", "cameo", "-N", "-E", "UTF8")
        started = f"-p {port} -k {folder} -h 127.0.0.1 -c max_connections=60 {chosen}"
        _run(binaries / "pg_ctl", "-D", data, "-w", "-o", started, "-l", folder / "log", "start")
        try:
            yield f"postgresql+psycopg://cameo@127.0.0.1:{port}/%s"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server: str, name: str) -> Iterator[str]:
    """An empty database in a cluster, dropped at the end; yields its URL."""
    admin = create_engine(server % "postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name}"))
    try:
        yield server % name
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
        admin.dispose()


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise click.ClickException("PostgreSQL is missing: apt-get install postgresql")
    return found[-1].parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _run(*command: str | Path) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:  # the server refuses to run as root
        words = ["runuser", "-u", "postgres", "--", *words]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")
