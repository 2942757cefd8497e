"""From order to release and withdrawal, over real databases."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cameo.flows.errors import (
    ConsentRefusedError,
    DailyLimitError,
    DeletedError,
    NotReadyError,
    PromptBlockedError,
    UnknownHandleError,
    VideoFailedError,
    WithdrawnError,
)
from cameo.keys.errors import KeyDestroyed
from cameo.store.database import Database
from cameo.store.errors import NotFoundError, UnavailableError
from consent.vocabulary import Audience, RestrictionClass
from tests.integration.people import World
from tests.integration.studio import Studio


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


def grant_state(world: World, grant_id: str) -> tuple[int, int]:
    with world.db.reading() as tx:
        grant = tx.consents.get_grant(grant_id)
    return grant.uses_reserved, grant.uses_consumed


def rows(world: World, table: str) -> int:
    with world.db.engine.connect() as connection:
        return connection.execute(text(f"select count(*) from {table}")).scalar_one()  # noqa: S608


def charged(world: World, member) -> int:
    with world.db.reading() as tx:
        return tx.clips.charged_since(member.record.id, tx.now() - timedelta(days=1))


def test_an_order_is_one_commit(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    grant = world.grant(alice, bob)
    clip = studio.order(bob, alice)
    assert grant_state(world, grant.id) == (1, 0)
    assert charged(world, bob) == 1
    with world.db.reading() as tx:
        assert tx.clips.promised() == (("render", clip.id),)
        assert tx.log.find("lease", clip.id) is not None
    assert clip.payload != "0" * 16
    assert b"shore" not in (clip.request or b"")


def test_a_refused_order_leaves_nothing(world: World, studio: Studio, tmp_path: Path):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    before = {table: rows(world, table) for table in ("clip", "charge", "outbox", "log_pending")}
    with pytest.raises(ConsentRefusedError) as refused:
        studio.order(bob, alice)
    assert refused.value.reasons == ("consent.not_granted",)
    assert {table: rows(world, table) for table in before} == before
    assert not [p for p in (tmp_path / "keys" / "deks").iterdir() if p.suffix != ".destroyed"]


def test_release_consumes_and_is_idempotent(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    grant = world.grant(alice, bob)
    clip = studio.order(bob, alice)
    studio.render(clip)
    assert [studio.release(clip) for _ in range(3)] == ["completed"] * 3
    assert grant_state(world, grant.id) == (0, 1)
    with pytest.raises(NotReadyError):
        studio.library.require_served(bob.record, clip.id)
    world.ledger.sequence()
    assert studio.library.require_served(bob.record, clip.id).status == "completed"
    assert studio.library.require_served(alice.record, clip.id).status == "completed"
    with world.db.reading() as tx:
        told = tx.clips.notifications(alice.record.id)
    assert [note["kind"] for note in told] == ["clip.with_you", "key.registered"]


def test_nobody_else_sees_a_clip(world: World, studio: Studio):
    alice, carol = world.member("alice"), world.member("carol")
    world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    with pytest.raises(NotFoundError):
        studio.library.get(carol.record, clip.id)


def test_a_withdrawal_before_the_release_stops_the_job(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    consent = world.consent(alice, Audience.APPROVED)
    grant = world.grant(alice, bob)
    clip = studio.order(bob, alice)
    studio.render(clip)
    done = world.revocations.revoke_consent(alice.record, consent.id)
    assert done.stopped == (clip.id,)
    assert studio.release(clip) == "failed"
    assert grant_state(world, grant.id) == (0, 0)
    assert charged(world, bob) == 0
    assert studio.get(clip).failure_code == "consent.revoked"
    with pytest.raises(VideoFailedError):
        studio.library.require_served(bob.record, clip.id)
    with world.db.reading() as tx:
        assert tx.log.find("release", clip.id) is None


def test_a_withdrawal_after_the_release_withdraws_the_clip(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    grant = world.grant(alice, bob)
    clip = studio.order(bob, alice)
    studio.render(clip)
    studio.release(clip)
    world.ledger.sequence()
    done = world.revocations.revoke_grant(alice.record, grant.id)
    assert done.withdrawn == (clip.id,)
    with pytest.raises(WithdrawnError):
        studio.library.require_served(bob.record, clip.id)
    world.revocations.sweep()  # as the worker does all the time
    with pytest.raises(KeyDestroyed):
        world.vault.seal(clip.dek_id or "", f"clip:{clip.id}", "any", b"")
    assert studio.get(clip).dek_id is None


def test_withdrawing_a_renewed_permission_reaches_clips_of_the_earlier_one(
    world: World, studio: Studio
):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    world.grant(alice, bob)
    clip = studio.order(bob, alice)
    studio.render(clip)
    studio.release(clip)
    renewed = world.grant(alice, bob)
    assert studio.get(clip).status == "completed"
    done = world.revocations.revoke_grant(alice.record, renewed.id)
    assert done.withdrawn == (clip.id,)


def test_withdrawing_the_newest_consent_leaves_nothing_served(world: World, studio: Studio):
    alice = world.member("alice")
    old = world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    studio.render(clip)
    studio.release(clip)
    newest = world.consent(alice, Audience.EVERYONE)
    done = world.revocations.revoke_consent(alice.record, newest.id)
    assert done.withdrawn == (clip.id,)
    with world.db.reading() as tx:
        assert {c.status for c in tx.consents.history(alice.record.id)} == {"revoked"}
    assert world.revocations.revoke_consent(alice.record, old.id).already


def test_withdrawing_an_older_consent_leaves_the_newer_one(world: World, studio: Studio):
    alice = world.member("alice")
    old = world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    studio.render(clip)
    studio.release(clip)
    world.consent(alice, Audience.ONLY_ME)
    done = world.revocations.revoke_consent(alice.record, old.id)
    assert (done.already, done.withdrawn) == (False, (clip.id,))
    studio.order(alice, alice)


def test_a_crash_between_withdrawal_and_destruction_is_swept(world: World, studio: Studio):
    alice = world.member("alice")
    world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    studio.render(clip)
    studio.release(clip)
    with world.db.transaction() as tx:
        tx.withdrawing.withdraw([clip.id], reason="consent.revoked", now=tx.now())
    assert world.revocations.sweep() == 1
    assert world.revocations.sweep() == 0
    with pytest.raises(KeyDestroyed):
        world.vault.seal(clip.dek_id or "", f"clip:{clip.id}", "any", b"")


def test_an_expired_consent_stops_serving(world: World, studio: Studio):
    alice = world.member("alice")
    with world.db.reading() as tx:
        soon = tx.now() + timedelta(seconds=2.5)
    world.consent(alice, Audience.ONLY_ME, expires_at=soon)
    clip = studio.order(alice, alice)
    studio.render(clip)
    studio.release(clip)
    world.ledger.sequence()
    studio.library.require_served(alice.record, clip.id)
    time.sleep(2.6)
    with pytest.raises(WithdrawnError):
        studio.library.require_served(alice.record, clip.id)


def test_an_expired_lease_is_no_release(world: World, studio: Studio):
    alice = world.member("alice")
    world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    studio.render(clip)
    with world.db.engine.begin() as connection:
        past = "2020-01-01 00:00:00+00:00"
        connection.execute(text("update clip_person set lease_expires_at = :p"), {"p": past})
    assert studio.release(clip) == "failed"
    assert studio.get(clip).failure_code == "release.lease_expired"


def test_a_clip_that_hangs_is_given_up_with_its_lease(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    grant = world.grant(alice, bob)
    clip = studio.order(bob, alice)
    assert studio.releases.sweep() == 0
    with world.db.engine.begin() as connection:
        past = "2020-01-01 00:00:00+00:00"
        connection.execute(text("update clip set created_at = :p"), {"p": past})
    assert studio.releases.sweep() == 1
    assert studio.get(clip).failure_code == "release.lease_expired"
    assert grant_state(world, grant.id) == (0, 0)
    assert charged(world, bob) == 0


def test_without_an_archived_manifest_nothing_is_released(world: World, studio: Studio):
    alice = world.member("alice")
    world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    with world.db.transaction() as tx:
        tx.clips.change(clip.id, status="in_progress")
    assert studio.release(clip) == "failed"
    assert studio.get(clip).failure_code == "release.not_archived"


def test_a_new_consent_during_the_generation_is_no_silent_swap(world: World, studio: Studio):
    alice = world.member("alice")
    world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    studio.render(clip)
    world.consent(alice, Audience.ONLY_ME)
    assert studio.release(clip) == "failed"
    assert studio.get(clip).failure_code == "release.documents_changed"


def test_restrictions_and_never_say_reach_the_gate(world: World, studio: Studio):
    alice = world.member("alice")
    world.consent(
        alice,
        Audience.ONLY_ME,
        restrictions=frozenset({RestrictionClass.ALCOHOL}),
        never_say=("banana",),
    )
    with pytest.raises(ConsentRefusedError) as refused:
        studio.order(alice, alice, prompt="@alice drinks whiskey in a bar")
    assert "consent.restricted_content" in refused.value.reasons
    studio.planner.spoken = ("I like my banana",)
    with pytest.raises(ConsentRefusedError) as refused:
        studio.order(alice, alice)
    assert "consent.never_say" in refused.value.reasons


def test_prompts_are_moderated_before_anything_is_kept(world: World, studio: Studio):
    bob = world.member("bobby")
    with pytest.raises(PromptBlockedError) as blocked:
        studio.order(bob, prompt="マリオのようなキャラが街を歩く")
    assert blocked.value.extra["reasons"][0]["span"]
    assert rows(world, "clip") == 0


def test_an_unknown_handle_is_named(world: World, studio: Studio):
    bob = world.member("bobby")
    with pytest.raises(UnknownHandleError, match="nobody_here"):
        studio.order(bob, prompt="@nobody_here on the shore")


def test_the_daily_limit_counts_what_was_delivered(database: Database, tmp_path: Path):
    world = World(database, tmp_path, daily_limit=2)
    studio = Studio(world)
    bob = world.member("bobby")
    first = studio.order(bob, prompt="a quiet shore")
    studio.order(bob, prompt="a quiet shore")
    with pytest.raises(DailyLimitError):
        studio.order(bob, prompt="a quiet shore")
    studio.releases.give_up(first.id, "render.failed")
    studio.order(bob, prompt="a quiet shore")


def test_a_completed_clip_outlives_a_late_give_up(world: World, studio: Studio):
    alice = world.member("alice")
    world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    studio.render(clip)
    studio.release(clip)
    world.ledger.sequence()
    studio.releases.give_up(clip.id, "internal.error")
    assert studio.library.require_served(alice.record, clip.id).status == "completed"
    with studio.library.open_media(clip) as media:
        assert media.size == 6


def test_a_refused_release_that_was_killed_is_swept(world: World, studio: Studio, monkeypatch):
    alice = world.member("alice")
    world.consent(alice, Audience.ONLY_ME)
    clip = studio.order(alice, alice)
    with world.db.transaction() as tx:
        tx.withdrawing.fail([clip.id], code="consent.revoked", refund=True, now=tx.now())
    assert world.revocations.sweep() == 1
    with pytest.raises(KeyDestroyed):
        world.vault.seal(clip.dek_id or "", f"clip:{clip.id}", "any", b"")


def test_deleting_what_was_begun_is_charged(world: World, studio: Studio):
    bob = world.member("bobby")
    queued = studio.order(bob, prompt="a quiet shore")
    begun = studio.order(bob, prompt="a quiet shore")
    studio.render(begun)
    for clip in (queued, begun):
        studio.library.delete(bob.record, clip.id)
    assert charged(world, bob) == 1


def test_deleting_by_a_person_in_it(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    clip = studio.order(bob, alice)
    studio.render(clip)
    studio.release(clip)
    world.ledger.sequence()
    studio.library.delete(alice.record, clip.id)
    with pytest.raises(DeletedError):
        studio.library.require_served(bob.record, clip.id)
    assert studio.get(clip).withdrawn_reason == "person.deleted"


def test_no_database_means_no_release(world: World, studio: Studio, monkeypatch):
    alice = world.member("alice")
    world.consent(alice, Audience.ONLY_ME)
    broken = Studio(World(Database("postgresql+psycopg://nobody@127.0.0.1:1/none"), Path("/dev")))
    with pytest.raises(UnavailableError):
        broken.order(alice, alice)


@pytest.mark.slow
def test_releases_race_with_a_withdrawal(world: World, studio: Studio):
    """No release is logged after a withdrawal of its consent, in log order; uses add up."""
    alice = world.member("alice")
    makers = [world.member(f"maker{i}") for i in range(4)]
    consent = world.consent(alice, Audience.EVERYONE)
    ended = threading.Event()
    outcomes: list[str] = []

    def work(maker) -> None:
        while not ended.is_set():
            try:
                clip = studio.order(maker, alice)
                studio.render(clip)
                outcomes.append(studio.release(clip))
            except (ConsentRefusedError, KeyDestroyed, NotFoundError) as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=work, args=(maker,)) for maker in makers]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while outcomes.count("completed") < 6 and time.monotonic() < deadline:
        time.sleep(0.05)
    world.revocations.revoke_consent(alice.record, consent.id)
    returned = len(outcomes)
    time.sleep(0.5)
    ended.set()
    for thread in threads:
        thread.join()
    assert outcomes.count("completed") >= 6
    late = outcomes[returned + len(makers) :]
    assert "completed" not in late
    size = world.ledger.sequence()
    with world.db.reading() as tx:
        entries = tx.log.entries(0, size)
    kinds = [entry.kind for entry in entries]
    assert "release" not in kinds[kinds.index("revoke") :]
    audit = world.ledger.audit()
    assert (audit.checkpoint.size, audit.findings) == (size, ())
    with world.db.reading() as tx:
        states = {tx.clips.get(entry.ref).status for entry in entries if entry.kind == "release"}
    assert states == {"withdrawn"}
