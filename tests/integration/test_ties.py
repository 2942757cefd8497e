"""Follow, block, pause: what they change, at once, and in the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cameo.flows.errors import InvalidRequestError, StaleDocumentError
from cameo.flows.gate import answers, ask_gate
from cameo.store.database import Database
from consent.errors import UnknownKey
from consent.evidence import sign_ed25519
from consent.vocabulary import Audience
from provenance.log.audit import audit_log
from tests.integration.people import Member, World, ask


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


def decided(world: World, requester: Member, *people: Member):
    with world.db.reading() as tx:
        return ask_gate(tx, ask(requester, *people), world.policy).decision


def test_mutuals_are_those_who_follow_each_other(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.MUTUALS)
    assert not decided(world, bob, alice).allowed
    world.ties.follow(bob.record, alice.record)
    assert not decided(world, bob, alice).allowed
    world.ties.follow(alice.record, bob.record)
    assert decided(world, bob, alice).allowed
    assert world.ties.mine(alice.record).follows[0][0] == "bobby"


def test_friendship_is_not_passed_on(world: World):
    alice, bob, carol = (world.member(name) for name in ("alice", "bobby", "carol"))
    world.consent(alice, Audience.MUTUALS)
    for one, other in ((alice, bob), (bob, carol), (carol, alice)):
        world.ties.follow(one.record, other.record)
    for one in (bob, carol):
        assert not decided(world, one, alice).allowed


@pytest.mark.parametrize("who", ["asked", "asker"])
def test_unfollowing_ends_it_at_once_whoever_does_it(world: World, who: str):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.MUTUALS)
    world.ties.follow(bob.record, alice.record)
    world.ties.follow(alice.record, bob.record)
    before = epochs(world, alice, bob)
    one, other = (alice, bob) if who == "asked" else (bob, alice)
    assert world.ties.unfollow(one.record, other.record)
    assert decided(world, bob, alice).reasons == ("consent.audience",)
    assert epochs(world, alice, bob) == [epoch + 1 for epoch in before]


def test_a_block_holds_for_asking_and_for_appearing_together(world: World):
    alice, bob, carol = (world.member(name) for name in ("alice", "bobby", "carol"))
    for member in (alice, bob):
        world.consent(member, Audience.EVERYONE)
    assert decided(world, carol, alice, bob).allowed
    world.ties.block(alice.record, bob.record)
    assert not decided(world, carol, alice, bob).allowed
    assert not decided(world, bob, alice).allowed
    assert decided(world, carol, alice).allowed
    world.ties.unblock(alice.record, bob.record)
    assert decided(world, carol, alice, bob).allowed


def test_what_others_are_told_does_not_tell_of_a_block(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    world.ties.block(alice.record, bob.record)
    decision = decided(world, bob, alice)
    assert decision.reasons == ("consent.blocked",)
    told = answers(decision, {alice.record.id: "alice"})
    assert told[0]["reasons"] == ["consent.unavailable"]


def test_a_block_ends_following_both_ways(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(bob, Audience.MUTUALS)
    world.ties.follow(bob.record, alice.record)
    world.ties.follow(alice.record, bob.record)
    world.ties.block(alice.record, bob.record)
    assert not decided(world, alice, bob).allowed
    world.ties.unblock(alice.record, bob.record)
    assert not decided(world, alice, bob).allowed


def test_nobody_ties_with_themselves(world: World):
    alice = world.member("alice").record
    for act in (world.ties.follow, world.ties.block):
        with pytest.raises(InvalidRequestError):
            act(alice, alice)


def test_doing_it_twice_changes_nothing(world: World):
    alice, bob = world.member("alice").record, world.member("bobby").record
    assert world.ties.block(alice, bob)
    with world.db.reading() as tx:
        epoch = tx.people.get(alice.id).epoch
    assert not world.ties.block(alice, bob)
    assert not world.ties.unfollow(alice, bob)
    with world.db.reading() as tx:
        assert tx.people.get(alice.id).epoch == epoch


def test_blocking_again_ends_a_friendship_that_came_since(world: World):
    """Alice blocks Bob, both follow each other all the same: Bob's terms let Alice in."""
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(bob, Audience.MUTUALS)
    world.ties.block(alice.record, bob.record)
    world.ties.follow(alice.record, bob.record)
    world.ties.follow(bob.record, alice.record)
    assert decided(world, alice, bob).allowed
    before = epochs(world, alice, bob)
    assert not world.ties.block(alice.record, bob.record)
    assert not decided(world, alice, bob).allowed
    assert epochs(world, alice, bob) == [epoch + 1 for epoch in before]


def test_a_pause_holds_for_everybody_and_ends_with_a_signature(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    assert world.acts.pause(alice.record)
    assert not world.acts.pause(alice.record)
    for one in (alice, bob):
        assert decided(world, one, alice).reasons == ("consent.paused",)
    prepared = world.acts.prepare_resumption(alice.record)
    with pytest.raises(UnknownKey):
        world.acts.resume(
            alice.record, prepared.document, sign_ed25519(bob.private_key, prepared.document)
        )
    signed = sign_ed25519(alice.private_key, prepared.document)
    world.acts.resume(alice.record, prepared.document, signed)
    assert decided(world, bob, alice).allowed


def test_an_old_resumption_does_not_end_a_new_pause(world: World):
    alice = world.member("alice")
    world.consent(alice, Audience.EVERYONE)
    world.acts.pause(alice.record)
    prepared = world.acts.prepare_resumption(alice.record)
    signed = sign_ed25519(alice.private_key, prepared.document)
    world.acts.resume(alice.record, prepared.document, signed)
    world.acts.pause(alice.record)
    with pytest.raises(StaleDocumentError):
        world.acts.resume(alice.record, prepared.document, signed)


def test_every_deny_event_is_logged_and_the_log_stays_clean(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    world.ties.block(alice.record, bob.record)
    world.ties.unblock(alice.record, bob.record)
    world.acts.pause(alice.record)
    world.ledger.sequence()
    with world.db.reading() as tx:
        entries = tx.log.entries()
        head = tx.log.checkpoint()
    kinds = [json.loads(entry.body)["type"] for entry in entries]
    assert kinds.count("restrict") == 2
    assert kinds.count("restore") == 1
    audit = audit_log([entry.body for entry in entries], head.note, world.ledger.vkey)
    assert audit.findings == ()


def epochs(world: World, *members: Member) -> list[int]:
    with world.db.reading() as tx:
        return [tx.people.get(member.record.id).epoch for member in members]
