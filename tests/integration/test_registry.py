"""Payload -> clip -> archived manifest, on both databases: also by prefix, and by manifest."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cameo.flows.order import new_payload
from cameo.store.database import Database
from cameo.store.errors import TakenError
from cameo.store.records import ClipRecord, RegistryRecord
from consent.vocabulary import Audience
from tests.integration.people import World
from tests.integration.studio import Studio


@pytest.fixture
def clip(database: Database, tmp_path: Path) -> ClipRecord:
    world = World(database, tmp_path)
    maker = world.member("alice")
    world.consent(maker, Audience.ONLY_ME)
    return Studio(world).order(maker, maker)


def add(database: Database, clip: ClipRecord, **changes: object) -> RegistryRecord:
    with database.transaction() as tx:
        values: dict[str, object] = {
            "payload": clip.payload,
            "clip_id": clip.id,
            "fingerprint": b"seen",
            "manifest": b"store",
            "now": tx.now(),
        }
        return tx.registry.add(**{**values, **changes})  # type: ignore[arg-type]


def test_everything_that_a_copy_is_compared_with_is_kept(database: Database, clip: ClipRecord):
    added = add(
        database,
        clip,
        epoch=4,
        modalities=["video", "sound"],
        sound_fingerprint=b"heard",
        manifest_id="urn:c2pa:00000000-0000-4000-8000-000000000001",
    )
    with database.reading() as tx:
        found = {
            tx.registry.by_payload(clip.payload),
            tx.registry.by_clip(clip.id),
            tx.registry.by_prefix(clip.payload[:8]),
            tx.registry.by_manifest(added.manifest_id),
            *tx.registry.page("", 5),
        }
    (record,) = found
    assert record == added
    assert (record.epoch, record.marks) == (4, ("video", "sound"))
    assert (record.fingerprint, record.sound_fingerprint) == (b"seen", b"heard")


def test_what_is_not_there(database: Database, clip: ClipRecord):
    add(database, clip)
    other = f"{int(clip.payload[:8], 16) ^ 1:08x}"
    with database.reading() as tx:
        assert tx.registry.by_payload(clip.payload[:8]) is None
        assert tx.registry.by_prefix(other) is None
        assert tx.registry.by_prefix(clip.payload) is None
        assert tx.registry.by_prefix("%") is None
        assert tx.registry.by_manifest("") is None
        assert tx.registry.by_manifest("urn:c2pa:%") is None


def test_the_first_write_stands(database: Database, clip: ClipRecord):
    first = add(database, clip, epoch=1)
    assert first.sound_fingerprint is None
    assert first.marks == ("video",)
    assert add(database, clip, epoch=2, fingerprint=b"other") == first


def test_ids_of_manifests_are_drawn_where_there_are_none(database: Database, clip: ClipRecord):
    drawn = add(database, clip).manifest_id
    assert drawn.startswith("urn:c2pa:")
    assert len(drawn) == len("urn:c2pa:") + 36


def scripted(*values: str) -> Callable[[int], str]:
    left = list(values)
    return lambda _bytes: left.pop(0)


def test_a_prefix_in_use_is_drawn_anew(
    database: Database, clip: ClipRecord, monkeypatch: pytest.MonkeyPatch
):
    taken, free = clip.payload[:8], f"{int(clip.payload[:8], 16) ^ 1:08x}"
    draws = scripted(
        clip.payload, f"{taken}00000001", f"{taken}ffffffff", "0" * 16, f"{free}00000002"
    )
    monkeypatch.setattr(secrets, "token_hex", draws)
    with database.reading() as tx:
        assert new_payload(tx) == f"{free}00000002"


def test_two_clips_never_share_a_prefix(database: Database, clip: ClipRecord):
    """Where two transactions drew alike at once, the second one fails and nothing is written."""
    other = replace(clip, id="clip_other", payload=clip.payload[:8] + "12345678", dek_id="other")
    with pytest.raises(TakenError), database.transaction() as tx:
        tx.clips.add(other)
    with database.reading() as tx:
        assert not tx.clips.payload_taken("12345678" * 2)


def test_two_manifests_never_share_an_id(database: Database, clip: ClipRecord):
    first = add(database, clip)
    with database.transaction() as tx:
        tx.clips.add(replace(clip, id="clip_other", payload="ab" * 8, dek_id="other"))
    with pytest.raises(TakenError):
        add(
            database,
            replace(clip, id="clip_other", payload="ab" * 8),
            manifest_id=first.manifest_id,
        )
