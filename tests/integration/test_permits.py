"""What a consent says beyond who may ask: shown, signed, kept, and enforced by the gate."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.errors import (
    InvalidRequestError,
    SelfGrantError,
    StaleDocumentError,
    UnknownHandleError,
)
from cameo.flows.gate import ask_gate
from cameo.flows.permit import ConsentWish, GrantWish
from cameo.store.database import Database
from consent.documents import canonical, parse, rendering_sha256, with_rendering
from consent.errors import MalformedDocument
from consent.evidence import sign_ed25519
from consent.vocabulary import Approval, Audience
from tests.integration.people import Member, World, ask


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


def decided(world: World, question):
    with world.db.reading() as tx:
        return ask_gate(tx, question, world.policy).decision


def sign(world: World, member: Member, document: bytes):
    """Hand in whatever bytes, signed by the person's own key."""
    evidence = sign_ed25519(member.private_key, document)
    if parse(document).kind == "consent":
        return world.permits.sign_consent(member.record, document, evidence)
    return world.permits.sign_grant(member.record, document, evidence)


def test_what_is_shown_is_what_is_signed(world: World):
    alice = world.member("alice")
    wish = ConsentWish(wishes=("no alcohol", "be kind"), language="ja", retention_days=30)
    prepared = world.permits.prepare_consent(alice.record, wish)
    document = parse(prepared.document)
    assert document.rendering_sha256 == rendering_sha256(document)
    assert (document.controller, document.language) == ("Cameo", "ja")
    assert prepared.rules is not None
    assert [reading.wish for reading in prepared.rules.compiled] == ["no alcohol"]
    assert prepared.rules.judge == ("be kind",)
    assert "be kind" in prepared.text_en
    assert "be kind" in prepared.text_ja
    record = sign(world, alice, prepared.document)
    assert (record.retention_days, record.max_uses) == (30, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"rendering_sha256": "00" * 32},
        {"controller": "Somebody else"},
        {"subject_handle": "alicia"},
        {"notice_sha256": "00" * 32},
        {"assurance": 2},
        {"subject_epoch": 7},
        {"previous_sha256": "00" * 32},
        {"apart_from_handles": ("carol",)},
        {"apart_from": ("prs_nobody",)},
        {"apart_from_handles": ("nobody",)},
    ],
    ids=str,
)
def test_a_document_that_says_something_untrue_is_not_taken(world: World, changes):
    """Even with the person's own signature: somebody could have shown them another text."""
    alice = world.member("alice")
    world.member("bobby")
    world.member("carol")
    wish = ConsentWish(apart_from=("@Bobby",))
    prepared = world.permits.prepare_consent(alice.record, wish)
    changed = dataclasses.replace(parse(prepared.document), **changes)
    if "rendering_sha256" not in changes:
        changed = with_rendering(changed)
    with pytest.raises(StaleDocumentError):
        sign(world, alice, canonical(changed))
    assert decided(world, ask(alice, alice)).reasons == ("consent.none",)
    sign(world, alice, prepared.document)
    assert decided(world, ask(alice, alice)).allowed


@pytest.mark.parametrize("changes", [{"controller": "Else"}, {"rendering_sha256": "00" * 32}])
def test_a_grant_that_says_something_untrue_is_not_taken(world: World, changes):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    prepared = world.permits.prepare_grant(alice.record, GrantWish(grantee=bob.record))
    changed = dataclasses.replace(parse(prepared.document), **changes)
    if "rendering_sha256" not in changes:
        changed = with_rendering(changed)
    with pytest.raises(StaleDocumentError):
        sign(world, alice, canonical(changed))


@pytest.mark.parametrize("skew", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_document_of_another_time_is_not_taken(world: World, skew: timedelta):
    alice = world.member("alice")
    prepared = world.permits.prepare_consent(alice.record, ConsentWish())
    document = parse(prepared.document)
    changed = with_rendering(dataclasses.replace(document, issued_at=document.issued_at + skew))
    with pytest.raises(StaleDocumentError):
        sign(world, alice, canonical(changed))


def test_a_grant_is_no_consent(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    prepared = world.permits.prepare_grant(alice.record, GrantWish(grantee=bob.record))
    evidence = sign_ed25519(alice.private_key, prepared.document)
    with pytest.raises(InvalidRequestError):
        world.permits.sign_consent(alice.record, prepared.document, evidence)


def test_a_grant_to_oneself_is_named(world: World):
    alice = world.member("alice")
    world.consent(alice, Audience.APPROVED)
    with pytest.raises(SelfGrantError):
        world.permits.prepare_grant(alice.record, GrantWish(grantee=alice.record))


def test_wishes_are_enforced_by_the_gate(world: World):
    alice = world.member("alice")
    world.consent(alice, Audience.EVERYONE, wishes=("no alcohol", 'never say "cheese"'))
    bob = world.member("bobby")
    assert decided(world, ask(bob, alice)).allowed
    drinking = ask(bob, alice, content_classes=frozenset({"alcohol"}))
    assert decided(world, drinking).reasons == ("consent.restricted_content",)
    saying = ask(bob, alice, spoken="Say cheese!")
    assert decided(world, saying).reasons == ("consent.never_say",)


def test_who_is_kept_apart_by_option_and_by_wish(world: World):
    alice, bob, carol = (world.member(name) for name in ("alice", "bobby", "carol"))
    for member in (bob, carol):
        world.consent(member, Audience.EVERYONE)
    record = world.consent(
        alice,
        Audience.EVERYONE,
        apart_from=("@Bobby",),
        wishes=("not with @carol", "not with @dora", "not with @alice"),
    )
    document = parse(record.document)
    assert document.apart_from == (bob.record.id, carol.record.id)
    assert document.apart_from_handles == ("bobby", "carol")
    for other in (bob, carol):
        together = decided(world, ask(alice, alice, other))
        assert together.reasons == ("consent.not_together",)
        assert decided(world, ask(other, alice)).allowed
    # Nobody is called @dora: if somebody is later, the person judges.
    assert decided(world, ask(bob, alice)).people[0].needs_approval


def test_one_must_know_whom_one_keeps_apart(world: World):
    alice = world.member("alice")
    with pytest.raises(UnknownHandleError):
        world.permits.prepare_consent(alice.record, ConsentWish(apart_from=("nobody",)))
    with pytest.raises(InvalidRequestError):
        world.permits.prepare_consent(alice.record, ConsentWish(apart_from=("@alice",)))


@pytest.mark.parametrize(
    ("terms", "needed"),
    [
        ({}, False),
        ({"wishes": ("no alcohol",)}, False),
        ({"wishes": ("be kind",)}, True),
        ({"wishes": ("always wear a hat",)}, True),
        ({"approval": Approval.ALWAYS}, True),
    ],
    ids=str,
)
def test_whose_clips_need_approval(world: World, terms, needed: bool):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE, **terms)
    (person,) = decided(world, ask(bob, alice)).people
    assert (person.allowed, person.needs_approval) == (True, needed)
    publishing = decided(world, ask(bob, alice, publishing=True))
    assert publishing.reasons == (("consent.needs_approval",) if needed else ("consent.allowed",))
    approved = ask(bob, alice, publishing=True, approved=frozenset({alice.record.id}))
    assert decided(world, approved).allowed
    assert not decided(world, ask(alice, alice, publishing=True)).people[0].needs_approval


def test_uses_of_a_consent_are_kept_and_counted(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    record = world.consent(alice, Audience.EVERYONE, max_uses=1)
    assert record.max_uses == 1
    assert decided(world, ask(bob, alice)).people[0].counts_consent
    with world.db.transaction() as tx:
        assert tx.consents.reserve([record.id])
    assert decided(world, ask(bob, alice)).reasons == ("consent.used_up",)
    assert decided(world, ask(bob, alice, held=frozenset({record.id}))).allowed
    assert decided(world, ask(alice, alice)).allowed
    with world.db.transaction() as tx:
        assert not tx.consents.reserve([record.id])


def test_wishes_out_of_range_are_refused(world: World):
    alice = world.member("alice")
    for wishes in (("",), ("x" * 201,), tuple(f"wish {n}" for n in range(11))):
        with pytest.raises(MalformedDocument):
            world.permits.prepare_consent(alice.record, ConsentWish(wishes=wishes))
    tidied = world.permits.prepare_consent(
        alice.record, ConsentWish(wishes=("政治は\u3000なし ", "政治は なし"))
    )
    assert parse(tidied.document).wishes == ("政治は なし",)


def test_a_crowd_is_refused_without_being_read(world: World):
    alice = world.member("alice")
    world.consent(alice, Audience.EVERYONE)
    crowd = tuple(f"prs_{n}" for n in range(499))
    question = dataclasses.replace(ask(alice, alice), people=(alice.record.id, *crowd))
    decision = decided(world, question)
    assert decision.reasons == ("consent.too_many_people",)
    assert len(decision.people) == 500
