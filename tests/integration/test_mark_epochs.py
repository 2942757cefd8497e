"""Epochs of the marks' keys on both databases: order in the log, crashes, what is tried."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from cameo.flows.ledger import opening_of
from cameo.flows.mark_epochs import MarkEpochs
from cameo.flows.mark_errors import (
    AlreadyRevealedError,
    EpochInUseError,
    EpochNotLoggedError,
    MarkSecretError,
    PresentEpochError,
    UnknownEpochError,
)
from cameo.flows.marks import check_revealed, commitments, derive
from cameo.store.database import Database
from consent.vocabulary import Audience
from provenance.log.entries import EntryType, check_commitment, parse
from tests.integration.people import World
from tests.integration.studio import Studio

MASTER = bytes(range(40, 72))


def secret_of(number: int) -> bytes:
    return MASTER if number == 1 else bytes([number]) * 32


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def epochs(world: World) -> MarkEpochs:
    return MarkEpochs(db=world.db, ledger=world.ledger, secret_of=secret_of)


def archive(world: World, studio: Studio, epoch: int) -> str:
    """A clip that was marked under an epoch."""
    maker = world.member(f"maker{epoch}")
    world.consent(maker, Audience.ONLY_ME)
    clip = studio.order(maker, maker)
    with world.db.transaction() as tx:
        tx.registry.add(
            payload=clip.payload,
            clip_id=clip.id,
            fingerprint=b"f",
            manifest=b"m",
            now=tx.now(),
            epoch=epoch,
        )
        tx.clips.change(clip.id, status="completed", mark_epoch=epoch)
    return clip.id


def test_the_first_epoch_begins_when_it_is_first_needed(world: World, epochs: MarkEpochs):
    assert epochs.views() == ()
    assert epochs.keys().numbers == (1,)
    assert epochs.key(1, "video") == derive(MASTER, 1)["video"]
    (view,) = epochs.views()
    assert (view.state, view.record.number) == ("present", 1)
    assert view.record.commitments == commitments(derive(MASTER, 1))
    with world.db.reading() as tx:
        proof = world.ledger.prove(tx, kind="mark", ref="mark-epoch-1")
    assert proof is not None
    size = world.ledger.sequence()
    epochs.prepare()
    assert world.ledger.sequence() == size


def test_the_log_shows_an_epoch_before_it_begins(world: World, epochs: MarkEpochs):
    epochs.rotate()
    newest, first = epochs.views()
    for view in (newest, first):
        (entry,) = view.entries
        assert entry.idx is not None
        parsed, opening = parse(entry.body), opening_of(entry)
        assert opening is not None
        assert (parsed.type, parsed.epochs) == (EntryType.MARK, ())
        check_commitment(parsed, opening.private, opening.salt)
        assert json.loads(opening.private)["commitments"] == view.record.commitments
        assert view.record.began_at is not None
        assert view.record.began_at >= parsed.at
    assert (newest.state, first.state) == ("present", "ended")
    assert first.record.ended_at == newest.record.began_at
    assert world.ledger.audit().findings == ()


def test_nothing_is_marked_under_an_epoch_that_has_not_begun(epochs: MarkEpochs):
    for number in (0, 2, 99):
        with pytest.raises(UnknownEpochError):
            epochs.key(number, "video")


def test_a_crash_before_the_head_leaves_the_old_epoch_in_force(
    world: World, epochs: MarkEpochs, monkeypatch: pytest.MonkeyPatch
):
    epochs.prepare()

    def fall(*_: object) -> int:
        raise RuntimeError("the process died here")

    with monkeypatch.context() as patch:
        patch.setattr(type(world.ledger), "sequence", fall)
        with pytest.raises(RuntimeError):
            epochs.rotate()
    with world.db.reading() as tx:
        assert tx.marks.present() == 1
    assert [view.state for view in epochs.views()] == ["announced", "present"]
    with pytest.raises(UnknownEpochError):
        epochs.key(2, "video")
    with pytest.raises(UnknownEpochError):
        epochs.reveal(2)
    assert epochs.rotate() == 2
    assert [view.record.number for view in epochs.views()] == [2, 1]
    assert len(epochs.views()[0].entries) == 1


def test_a_head_that_does_not_show_it_begins_nothing(
    world: World, epochs: MarkEpochs, monkeypatch: pytest.MonkeyPatch
):
    epochs.prepare()
    with monkeypatch.context() as patch:
        patch.setattr(type(world.ledger), "sequence", lambda _self, _batch=0: 1)
        with pytest.raises(EpochNotLoggedError):
            epochs.rotate()
    with world.db.reading() as tx:
        assert tx.marks.present() == 1


def test_many_that_rotate_at_once_leave_no_gap(world: World, epochs: MarkEpochs):
    failures: list[Exception] = []

    def turn() -> None:
        try:
            epochs.rotate()
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=turn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    views = epochs.views()
    numbers = [view.record.number for view in views]
    assert numbers == list(range(len(numbers), 0, -1))
    assert 2 <= len(numbers) <= 5
    assert [view.state for view in views] == ["present", *["ended"] * (len(numbers) - 1)]
    assert all(len(view.entries) == 1 for view in views)


def test_epochs_without_clips_are_not_tried(world: World, epochs: MarkEpochs):
    studio = Studio(world)
    archive(world, studio, 1)
    epochs.rotate()
    epochs.rotate()
    epochs.rotate()
    archive(world, studio, 3)
    assert epochs.keys().numbers == (4, 3, 1)
    assert epochs.keys().tried("video")[0] == derive(MASTER, 4)["video"]
    assert [view.clips for view in epochs.views()] == [0, 1, 0, 1]


def test_a_clip_keeps_the_epoch_that_it_was_ordered_under(world: World, epochs: MarkEpochs):
    studio = Studio(world)
    maker = world.member("alice")
    world.consent(maker, Audience.ONLY_ME)
    before = studio.order(maker, maker)
    epochs.rotate()
    after = studio.order(maker, maker)
    assert (studio.get(before).mark_epoch, studio.get(after).mark_epoch) == (1, 2)
    assert epochs.key(studio.get(before).mark_epoch, "video") == derive(MASTER, 1)["video"]
    with pytest.raises(EpochInUseError):
        epochs.reveal(1)
    assert epochs.views()[1].keys is None


def test_an_ended_epoch_is_revealed_once_and_matches_what_was_published(
    world: World, epochs: MarkEpochs
):
    epochs.prepare()
    with pytest.raises(PresentEpochError):
        epochs.reveal(1)
    for number in (0, 2):
        with pytest.raises(UnknownEpochError):
            epochs.reveal(number)
    epochs.rotate()
    assert epochs.views()[1].to_json()["keys"] is None
    epochs.reveal(1)
    with pytest.raises(AlreadyRevealedError):
        epochs.reveal(1)
    second, first = (view.to_json() for view in epochs.views())
    assert second["keys"] is None
    shown = {name: bytes.fromhex(key) for name, key in first["keys"].items()}
    check_revealed(first["commitments"], shown)
    begun, told = first["entries"]
    assert told["index"] > begun["index"]
    assert json.loads(told["private"])["keys"] == first["keys"]
    check_commitment(
        parse(told["body"].encode()), told["private"].encode(), bytes.fromhex(told["salt"])
    )
    assert first["leaked_at"] is None
    assert MASTER.hex() not in json.dumps([first, second])


def test_a_leaked_present_epoch_ends_and_is_revealed(world: World, epochs: MarkEpochs):
    studio = Studio(world)
    maker = world.member("alice")
    world.consent(maker, Audience.ONLY_ME)
    epochs.prepare()
    unfinished = studio.order(maker, maker)
    epochs.reveal(1, leaked=True)
    second, first = epochs.views()
    assert (second.state, first.state) == ("present", "ended")
    assert first.record.leaked_at is not None
    assert first.keys == derive(MASTER, 1)
    assert second.keys is None
    opening = opening_of(second.entries[0])
    assert opening is not None
    assert json.loads(opening.private)["because"] == "leak"
    # What was being made goes on under the epoch that it was ordered under.
    assert epochs.key(studio.get(unfinished).mark_epoch, "video") == derive(MASTER, 1)["video"]


def test_a_leak_need_not_be_followed_by_a_revelation(epochs: MarkEpochs):
    assert epochs.rotate(leaked=True) == 2
    _, first = epochs.views()
    assert first.record.leaked_at is not None
    assert first.keys is None


def test_another_secret_marks_nothing_and_finds_nothing(world: World, epochs: MarkEpochs):
    epochs.prepare()
    thief = replace(epochs, secret_of=lambda _number: bytes(32))
    for work in (
        lambda: thief.key(1, "video"),
        thief.keys,
        thief.rotate,
        lambda: thief.reveal(1, leaked=True),
    ):
        with pytest.raises(MarkSecretError):
            work()
    assert [view.record.number for view in epochs.views()] == [1]
    changed = commitments(derive(MASTER, 9))["image"]
    with world.db.transaction() as tx:
        tx._connection.execute(text("update mark_epoch set image = :d"), {"d": changed})
    with pytest.raises(MarkSecretError):
        epochs.key(1, "video")


def test_what_was_marked_before_epochs_existed_stands_under_the_first(
    world: World, epochs: MarkEpochs
):
    """As a migrated database has it: the epoch is in force, and nothing of it is published."""
    archive(world, Studio(world), 1)
    with world.db.transaction() as tx:
        sql = "insert into mark_epoch (number, secret, began_at) values (1, 1, :at)"
        tx._connection.execute(text(sql), {"at": "2026-01-02 03:04:05.000000"})
    assert epochs.keys().numbers == (1,)
    epochs.prepare()
    (view,) = epochs.views()
    assert view.record.commitments == commitments(derive(MASTER, 1))
    assert view.record.began_at is not None
    assert view.record.began_at.year == 2026
    assert view.record.began_at.month == 1
    assert len(view.entries) == 1


def test_a_new_secret_changes_what_comes_and_nothing_that_was(world: World, epochs: MarkEpochs):
    studio = Studio(world)
    epochs.prepare()
    archive(world, studio, 1)
    epochs.rotate(leaked=True, new_secret=True)
    archive(world, studio, 2)
    epochs.rotate()
    with world.db.reading() as tx:
        assert [record.secret for record in tx.marks.all()] == [1, 2, 2]
    assert epochs.key(1, "video") == derive(MASTER, 1)["video"]
    assert epochs.key(2, "video") == derive(secret_of(2), 2)["video"]
    assert epochs.key(3, "video") == derive(secret_of(2), 3)["video"]
    assert epochs.keys().numbers == (3, 2, 1)
    thief = replace(epochs, secret_of=lambda _number: MASTER)
    with pytest.raises(MarkSecretError):
        thief.key(2, "video")
