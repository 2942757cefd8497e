"""PUBLISH: the gate again, approvals, how a link ends; and what a withdrawal reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

from cameo.flows.errors import (
    ApprovalNeededError,
    ConsentRefusedError,
    HeldError,
    StaleDocumentError,
    WithdrawnError,
)
from cameo.store.database import Database
from cameo.store.errors import NotFoundError
from cameo.store.records import ClipRecord
from consent.errors import UnknownKey
from consent.evidence import sign_ed25519
from consent.vocabulary import Approval, Audience
from tests.integration.people import Member, World
from tests.integration.studio import Studio


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


def approve(world: World, member: Member, clip: ClipRecord, signer: Member | None = None) -> None:
    prepared = world.acts.prepare_approval(member.record, clip.id)
    evidence = sign_ed25519((signer or member).private_key, prepared.document)
    world.acts.approve(member.record, prepared.document, evidence, clip_id=clip.id)


def test_a_link_shows_the_clip_until_a_consent_ends(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    grant = world.grant(alice, bob, max_uses=1)
    clip = studio.draft(bob, alice)
    shared = studio.publications.publish(bob.record, clip.id)
    assert studio.publications.publish(bob.record, clip.id).share_token == shared.share_token
    assert studio.publications.shared(shared.share_token or "").id == clip.id
    with world.db.reading() as tx:
        assert tx.log.find("publish", clip.id) is not None
    world.revocations.revoke_grant(alice.record, grant.id)
    with pytest.raises(WithdrawnError):
        studio.publications.shared(shared.share_token or "")


def test_only_its_maker_shares_a_clip(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    clip = studio.draft(bob, alice)
    with pytest.raises(NotFoundError):
        studio.publications.publish(alice.record, clip.id)
    shared = studio.publications.publish(bob.record, clip.id)
    studio.publications.unpublish(alice.record, clip.id)
    with pytest.raises(NotFoundError):
        studio.publications.shared(shared.share_token or "")


def test_who_wants_to_see_each_clip_is_asked_first(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE, approval=Approval.ALWAYS)
    clip = studio.draft(bob, alice)
    with pytest.raises(ApprovalNeededError) as caught:
        studio.publications.publish(bob.record, clip.id)
    assert caught.value.extra == {"waiting_for": ["alice"]}
    with world.db.reading() as tx:
        assert tx.clips.notifications(alice.record.id)[0]["kind"] == "clip.approval_wanted"
    with pytest.raises(UnknownKey):
        approve(world, alice, clip, signer=bob)
    approve(world, alice, clip)
    assert studio.publications.publish(bob.record, clip.id).share_token


def test_a_wish_that_no_machine_checks_needs_approval(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE, wishes=("nothing that would upset my grandmother",))
    clip = studio.draft(bob, alice)
    with pytest.raises(ApprovalNeededError):
        studio.publications.publish(bob.record, clip.id)
    own = studio.draft(alice, alice)
    assert studio.publications.publish(alice.record, own.id).share_token


def test_an_approval_that_was_taken_back_ends_the_link_and_is_void(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE, approval=Approval.ALWAYS)
    clip = studio.draft(bob, alice)
    prepared = world.acts.prepare_approval(alice.record, clip.id)
    evidence = sign_ed25519(alice.private_key, prepared.document)
    world.acts.approve(alice.record, prepared.document, evidence, clip_id=clip.id)
    shared = studio.publications.publish(bob.record, clip.id)
    world.acts.decline(alice.record, clip.id)
    with pytest.raises(NotFoundError):
        studio.publications.shared(shared.share_token or "")
    with pytest.raises(ApprovalNeededError):
        studio.publications.publish(bob.record, clip.id)
    with pytest.raises(StaleDocumentError):
        world.acts.approve(alice.record, prepared.document, evidence, clip_id=clip.id)


def test_who_declined_is_not_overruled_where_nobody_had_to_ask(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    clip = studio.draft(bob, alice)
    shared = studio.publications.publish(bob.record, clip.id)
    world.acts.decline(alice.record, clip.id)
    with pytest.raises(NotFoundError):
        studio.publications.shared(shared.share_token or "")
    with pytest.raises(ApprovalNeededError) as caught:
        studio.publications.publish(bob.record, clip.id)
    assert caught.value.extra == {"waiting_for": ["alice"]}
    approve(world, alice, clip)
    assert studio.publications.publish(bob.record, clip.id).share_token


def test_publication_asks_for_todays_consent(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    clip = studio.draft(bob, alice)
    world.ties.block(alice.record, bob.record)
    with pytest.raises(ConsentRefusedError):
        studio.publications.publish(bob.record, clip.id)


def test_a_pause_holds_links_back_and_gives_them_back(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    clip = studio.draft(bob, alice)
    token = studio.publications.publish(bob.record, clip.id).share_token or ""
    world.acts.pause(alice.record)
    with pytest.raises(HeldError):
        studio.publications.shared(token)
    prepared = world.acts.prepare_resumption(alice.record)
    world.acts.resume(
        alice.record, prepared.document, sign_ed25519(alice.private_key, prepared.document)
    )
    assert studio.publications.shared(token).id == clip.id


def test_a_withdrawal_reaches_what_was_made_from_it(world: World, studio: Studio):
    alice, bob, carol = (world.member(name) for name in ("alice", "bobby", "carol"))
    consent = world.consent(alice, Audience.EVERYONE)
    world.consent(carol, Audience.EVERYONE)
    source = studio.draft(bob, alice)
    remix = studio.remix(bob, source, carol)
    studio.render(remix)
    assert studio.release(remix) == "completed"
    again = studio.remix(bob, remix, carol)
    done = world.revocations.revoke_consent(alice.record, consent.id)
    assert set(done.withdrawn) == {source.id, remix.id}
    assert set(done.stopped) == {again.id}
    assert studio.get(remix).status == "withdrawn"
    with pytest.raises(WithdrawnError):
        studio.remix(bob, source, carol)


def test_a_withdrawal_reaches_what_was_made_from_a_clip_that_is_gone(world: World, studio: Studio):
    alice, bob, carol = (world.member(name) for name in ("alice", "bobby", "carol"))
    consent = world.consent(alice, Audience.EVERYONE)
    world.consent(carol, Audience.EVERYONE)
    source = studio.draft(bob, alice)
    done, running = studio.remix(bob, source, carol), studio.remix(bob, source, carol)
    studio.render(done)
    assert studio.release(done) == "completed"
    studio.library.delete(bob.record, source.id)
    withdrawn = world.revocations.revoke_consent(alice.record, consent.id)
    assert (withdrawn.withdrawn, withdrawn.stopped) == ((done.id,), (running.id,))


def test_nothing_is_made_from_what_lost_a_consent_before_it_was_finished(
    world: World, studio: Studio
):
    alice, bob = world.member("alice"), world.member("bobby")
    consent = world.consent(alice, Audience.EVERYONE)
    source = studio.order(bob, alice)
    world.revocations.revoke_consent(alice.record, consent.id)
    assert studio.get(source).status == "failed"
    with pytest.raises(WithdrawnError):
        studio.remix(bob, source)


def test_a_remix_under_way_is_not_released_after_its_source_went(world: World, studio: Studio):
    alice, bob = world.member("alice"), world.member("bobby")
    consent = world.consent(alice, Audience.EVERYONE)
    source = studio.draft(bob, alice)
    remix = studio.remix(bob, source)
    studio.render(remix)
    world.revocations.revoke_consent(alice.record, consent.id)
    assert studio.release(remix) == "failed"


def test_a_withdrawal_is_promised_and_the_promise_is_kept(world: World, studio: Studio):
    alice = world.member("alice")
    consent = world.consent(alice, Audience.EVERYONE)
    done = world.revocations.revoke_consent(alice.record, consent.id)
    assert done.promise
    assert world.revocations.promise(alice.record, consent.id) == done.promise
    assert world.revocations.revoke_consent(alice.record, consent.id).promise == done.promise


def test_a_consent_with_few_uses_is_not_overdrawn(world: World, studio: Studio):
    alice, bob, carol = (world.member(name) for name in ("alice", "bobby", "carol"))
    world.consent(alice, Audience.EVERYONE, max_uses=1)
    clip = studio.order(bob, alice)
    with pytest.raises(ConsentRefusedError):
        studio.order(carol, alice)
    studio.releases.give_up(clip.id, "render.failed")
    studio.draft(carol, alice)
    studio.draft(alice, alice)
    with pytest.raises(ConsentRefusedError):
        studio.order(bob, alice)
