"""From 0002 to the epochs of the marks with rows in the tables: nothing is lost, all is named."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from cameo.flows.ledger import Ledger
from cameo.flows.mark_epochs import MarkEpochs
from cameo.flows.marks import derive
from cameo.store.database import Database
from cameo.wiring.home import migrate
from provenance.log.notes import NoteSigner

ALEMBIC = Path(__file__).resolve().parents[2] / "alembic"
URN = "urn:c2pa:01234567-89ab-4cde-8f01-23456789abcd"
MASTER = bytes(range(32))

_CLIP = """
insert into clip (id, kind, status, step, progress, seconds, width, height, fps, style, model, seed,
    payload, short_payload, created_at)
values (:id, 'stamped', 'completed', '', 100, 4, 640, 360, 24, '', 'm', 0, :payload, :short, :at)
"""
_REGISTRY = """
insert into registry (payload, clip_id, fingerprint, manifest, created_at)
values (:payload, :id, :fingerprint, :manifest, :at)
"""


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def described(label: str, *inside: bytes) -> bytes:
    """A superbox (ISO 19566-5) of this label."""
    about = box(b"jumd", bytes(16) + b"\x03" + label.encode() + b"\0")
    return box(b"jumb", about + b"".join(inside))


def store(*labels: str) -> bytes:
    return described("c2pa", *(described(label) for label in labels))


def to_0002(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ALEMBIC))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    command.upgrade(config, "0002")


@pytest.mark.parametrize("repeats", [1, 2])
def test_rows_are_kept_and_get_what_they_lack(database_url: str, repeats: int):
    to_0002(database_url)
    manifests = {
        "a1" * 8: store("urn:c2pa:other", URN),
        "b2" * 8: b"m",
        "c3" * 8: store(URN),  # a second one of that name: a copied row, or a hostile one
        "d4" * 8: b"",
    }
    database = Database(database_url)
    with database.engine.begin() as connection:
        for number, (payload, manifest) in enumerate(manifests.items()):
            values = {
                "id": f"clip_{number}",
                "payload": payload,
                "short": payload[:8],
                "at": f"2026-05-0{number + 1} 00:00:00.000000",
                "fingerprint": b"f%d" % number,
                "manifest": manifest,
            }
            connection.execute(text(_CLIP), values)
            connection.execute(text(_REGISTRY), values)
    for _ in range(repeats):
        migrate(database_url)
    with database.reading() as tx:
        found = {record.payload: record for record in tx.registry.page("", 10)}
        assert tx.marks.present() == 1
        assert tx.marks.with_clips() == (1,)
        (epoch,) = tx.marks.all()
        assert {tx.clips.get(each.clip_id).mark_epoch for each in found.values()} == {1}
    assert {each.payload: each.manifest for each in found.values()} == manifests
    assert all(each.fingerprint.startswith(b"f") for each in found.values())
    assert {(each.epoch, each.marks, each.sound_fingerprint) for each in found.values()} == {
        (1, ("video",), None)
    }
    ids = [each.manifest_id for each in found.values()]
    assert len(set(ids)) == len(ids)
    assert all(each.startswith("urn:c2pa:") and len(each) == len(URN) for each in ids)
    assert ids.count(URN) == 1
    assert epoch.commitments is None
    assert epoch.secret == 1
    assert epoch.began_at is not None
    assert (epoch.began_at.month, epoch.began_at.day) == (5, 1)
    database.close()


def test_an_empty_database_has_no_epoch_yet(database: Database):
    with database.reading() as tx:
        assert tx.marks.all() == ()
        assert tx.marks.present() == 1


def test_the_first_use_after_it_publishes_what_was_used(database_url: str):
    to_0002(database_url)
    database = Database(database_url)
    with database.engine.begin() as connection:
        values = {"id": "clip_0", "payload": "a1" * 8, "short": "a1" * 4}
        connection.execute(text(_CLIP), {**values, "at": "2026-05-01 00:00:00.000000"})
    migrate(database_url)
    ledger = Ledger(db=database, signer=NoteSigner("test.example/log", bytes(range(32))))
    epochs = MarkEpochs(db=database, ledger=ledger, secret_of=lambda _number: MASTER)
    assert epochs.key(1, "video") == derive(MASTER, 1)["video"]
    (view,) = epochs.views()
    assert view.record.commitments is not None
    assert view.entries[0].idx == 0
    database.close()
