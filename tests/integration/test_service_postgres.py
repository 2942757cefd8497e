"""The service and its workflows on PostgreSQL, killed once on the way."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.integration.harness import AIKO, Account, Server

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


def test_a_clip_is_made_once_on_postgres(postgres_url: str, tmp_path: Path):
    plain = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    server = Server(tmp_path / "home", CAMEO_DATABASE_URL=plain)
    engine = create_engine(postgres_url)

    def row(sql: str, **values: str) -> tuple[object, ...]:
        with engine.connect() as connection:
            return tuple(connection.execute(text(sql), values).one())

    server.start()
    try:
        account = Account(server.url, AIKO)
        wanted = {"prompt": "a quiet shore at dusk", "seconds": 4, "size": "640x360"}
        clip_id = account.api.post("/v1/videos", wanted)["id"]
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if row("select step from clip where id = :id", id=clip_id) == ("drawing",):
                break
            time.sleep(0.01)
        server.kill()
        server.start()
        assert account.finish(clip_id)["status"] == "completed"
        assert row("select count(*) from registry where clip_id = :id", id=clip_id) == (1,)
        assert row("select count(*) from charge where clip_id = :id", id=clip_id) == (1,)
        logged = "select count(*) from log_entry where ref = :id and kind = 'release'"
        assert row(logged, id=clip_id) == (1,)
        assert not (tmp_path / "home" / "cameo.db").exists()
        target = tmp_path / "clip.mp4"
        account.api.download(f"/v1/videos/{clip_id}/content", target)
        assert target.stat().st_size > 10_000
    finally:
        server.stop()
        engine.dispose()
