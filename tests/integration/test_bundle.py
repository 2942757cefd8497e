"""Bundles of real clips: what is in them, who gets them, and that both verifiers take them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cameo.flows.bundle import Bundles
from cameo.flows.bundle_check import verify_bundle
from cameo.flows.bundle_errors import (
    BundleErasedError,
    BundleError,
    LeafError,
    NoBundleError,
    PrivateTermsError,
    SignatureError,
)
from cameo.flows.bundle_report import BundleReport
from cameo.flows.errors import NotReadyError
from cameo.flows.permit import ConsentWish
from cameo.flows.registering import NewKey
from cameo.store.database import Database
from cameo.store.errors import NotFoundError
from cameo.store.records import ClipRecord
from cameo.store.tables import Consent, LogEntry, table_of
from consent.evidence import sign_ed25519
from consent.vocabulary import Approval, Audience
from provenance.log.checkpoint import open_checkpoint
from provenance.log.cosignature import Cosigner
from tests.integration.passkeys import key_file, with_passkey
from tests.integration.people import Member, World
from tests.integration.rights import Office
from tests.integration.studio import Studio
from tests.passkey import Authenticator

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_bundle.py"
WITNESS = Cosigner("witness.example/w1", bytes(range(5, 37)))
STRANGER = Cosigner("stranger.example/w", bytes(range(6, 38)))
FILM = "0" * 64


def _independent() -> Callable[..., list[str]]:
    spec = importlib.util.spec_from_file_location("verify_bundle", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    check: Callable[..., list[str]] = module.check
    return check


independent = _independent()


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


@pytest.fixture
def bundles(world: World, studio: Studio) -> Bundles:
    return bundles_of(world, studio)


def bundles_of(world: World, studio: Studio, **changes: Any) -> Bundles:
    return Bundles(db=world.db, ledger=world.ledger, library=studio.library, **changes)


def checked(world: World, data: bytes) -> BundleReport:
    """What the product reports; the independent verifier must take it as well."""
    report = verify_bundle(data, world.ledger.vkey, media_sha256=FILM)
    assert independent(data, world.ledger.vkey)
    return report


def alice_lets_bob(world: World, studio: Studio, **terms: Any) -> tuple[Member, Member, ClipRecord]:
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED, **terms)
    world.grant(alice, bob)
    return alice, bob, studio.draft(bob, alice)


# -- what a bundle holds ---------------------------------------------------------------------------


def test_a_bundle_shows_who_agreed(world: World, studio: Studio, bundles: Bundles):
    alice, bob, clip = alice_lets_bob(world, studio)
    report = checked(world, bundles.of(clip.id))
    assert (report.clip_id, report.payload, report.maker) == (clip.id, clip.payload, bob.record.id)
    (person,) = report.release.people
    assert (person.person, person.handle) == (alice.record.id, "alice")
    assert person.grant is not None
    assert person.consent.index < person.grant.index < report.release.index
    assert person.changes == 0
    assert person.consent.text_known
    assert report.publication is None


def test_a_passkey_and_a_key_that_it_added(world: World, studio: Studio, bundles: Bundles):
    person, device = with_passkey(world)
    world.enrol(person, key=device.key_id)
    private, further = key_file()
    prepared = world.keyring.prepare(person, further)
    world.keyring.add(
        person,
        prepared.registration,
        prepared.agreement.document,
        device.sign(prepared.agreement.document),
    )
    bob = world.member("bobby")
    consent = world.permits.prepare_consent(person, ConsentWish(audience=Audience.MUTUALS))
    world.permits.sign_consent(person, consent.document, device.sign(consent.document))
    world.grant(Member(record=person, private_key=private), bob)
    clip = studio.draft(bob, Member(record=person, private_key=private))
    report = checked(world, bundles.of(clip.id))
    (shown,) = report.release.people
    assert shown.grant is not None
    assert (shown.consent.evidence, shown.grant.evidence) == ("webauthn", "ed25519")
    assert "bundle.follows" not in report.not_shown


def test_people_who_follow_each_other(world: World, studio: Studio, bundles: Bundles):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.MUTUALS)
    world.ties.follow(alice.record, bob.record)
    world.ties.follow(bob.record, alice.record)
    report = checked(world, bundles.of(studio.draft(bob, alice).id))
    assert "bundle.follows" in report.not_shown


def test_a_publication_with_an_approval_under_a_later_consent(
    world: World, studio: Studio, bundles: Bundles
):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE, approval=Approval.ALWAYS)
    clip = studio.draft(bob, alice, bob) if world.consent(bob, Audience.ONLY_ME) else None
    assert clip is not None
    newer = world.consent(alice, Audience.EVERYONE, approval=Approval.ALWAYS)
    approve(world, alice, clip)
    studio.publications.publish(bob.record, clip.id)
    report = checked(world, bundles.of(clip.id))
    assert report.publication is not None
    approvals = {each.handle: each.approved for each in report.publication.people}
    assert approvals == {"alice": True, "bobby": False}
    shown = {each.handle: each.consent.id for each in report.publication.people}
    assert shown["alice"] == newer.id
    assert {each.handle: each.changes for each in report.release.people}["alice"] == 0


def approve(world: World, member: Member, clip: ClipRecord) -> None:
    prepared = world.acts.prepare_approval(member.record, clip.id)
    evidence = sign_ed25519(member.private_key, prepared.document)
    world.acts.approve(member.record, prepared.document, evidence, clip_id=clip.id)


def test_an_approval_that_stands_is_not_replaced(world: World, studio: Studio, bundles: Bundles):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE, approval=Approval.ALWAYS)
    clip = studio.draft(bob, alice)
    approve(world, alice, clip)
    studio.publications.publish(bob.record, clip.id)
    approve(world, alice, clip)
    assert checked(world, bundles.of(clip.id)).publication is not None


def test_a_link_that_ended_and_the_next_one(world: World, studio: Studio, bundles: Bundles):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE, approval=Approval.ALWAYS)
    clip = studio.draft(bob, alice)
    approve(world, alice, clip)
    studio.publications.publish(bob.record, clip.id)
    first = checked(world, bundles.of(clip.id)).publication
    world.acts.decline(alice.record, clip.id)
    assert checked(world, bundles.of(clip.id)).publication is None
    approve(world, alice, clip)
    studio.publications.publish(bob.record, clip.id)
    second = checked(world, bundles.of(clip.id)).publication
    assert first is not None
    assert second is not None
    assert second.index > first.index
    assert second.people[0].changes == 1


def test_a_recovered_key_is_shown_as_one(database: Database, tmp_path: Path):
    world = World(database, tmp_path, recovery=timedelta(microseconds=1))
    studio = Studio(world)
    alice, bob = world.member("alice"), world.member("bobby")
    private, new = key_file()
    key = world.keyring.recover(alice.record, new).record.id
    world.enrol(alice.record, key=key)
    recovered = Member(record=alice.record, private_key=private)
    world.consent(recovered, Audience.EVERYONE)
    report = checked(world, bundles_of(world, studio).of(studio.draft(bob, recovered).id))
    (person,) = report.release.people
    assert (person.consent.recovered, person.enrolled_by_recovery) == (True, True)


def test_a_clip_with_nobody_in_it(world: World, studio: Studio, bundles: Bundles):
    bob = world.member("bobby")
    report = checked(world, bundles.of(studio.draft(bob).id))
    assert report.release.people == ()


def test_a_change_between_signing_and_release_is_counted(
    world: World, studio: Studio, bundles: Bundles
):
    alice, bob, carol = (world.member(each) for each in ("alice", "bobby", "carol"))
    world.consent(alice, Audience.EVERYONE)
    world.ties.block(alice.record, carol.record)
    (person,) = checked(world, bundles.of(studio.draft(bob, alice).id)).release.people
    assert person.changes == 1


def test_a_clip_of_a_person_who_erased_and_came_back(world: World, studio: Studio):
    office, bundles = Office(world), bundles_of(world, studio)
    alice, bob = office.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    old = studio.draft(bob, alice)
    before = bundles.of(old.id)
    office.erasures.erase(alice.record, confirm="alice")
    with pytest.raises(BundleErasedError):
        bundles.of(old.id)
    checked(world, before)  # what was handed out still proves what it proved
    office.enrol(alice)
    world.consent(alice, Audience.EVERYONE)
    fresh = checked(world, bundles.of(studio.draft(bob, alice).id))
    assert fresh.release.people[0].reference != checked(world, before).release.people[0].reference


def test_a_withdrawn_clip_keeps_its_bundle(world: World, studio: Studio, bundles: Bundles):
    alice, bob, clip = alice_lets_bob(world, studio)
    with world.db.reading() as tx:
        consent = tx.consents.latest(alice.record.id)
    assert consent is not None
    world.revocations.revoke_consent(alice.record, consent.id)
    report = checked(world, bundles.for_person(bob.record, clip.id))
    assert "bundle.later_withdrawal" in report.not_shown


# -- heads and their witnesses ---------------------------------------------------------------------


def test_a_head_carries_the_signatures_of_known_witnesses_alone(world: World, studio: Studio):
    _, _, clip = alice_lets_bob(world, studio)
    head = world.ledger.head()
    assert head is not None
    text = open_checkpoint(head.note, world.ledger.vkey).to_text()
    with world.db.transaction() as tx:
        tx.log.cosign(head.size, head.note + STRANGER.cosign(text, 3) + WITNESS.cosign(text, 5))
    assert not checked(world, bundles_of(world, studio).of(clip.id)).witnesses
    known = bundles_of(world, studio, witnesses=(WITNESS.vkey,))
    data = known.of(clip.id)
    assert b"stranger" not in data
    report = verify_bundle(data, world.ledger.vkey, witnesses=(WITNESS.vkey,))
    assert [(each.name, each.trusted) for each in report.witnesses] == [
        ("witness.example/w1", True)
    ]
    assert independent(data, world.ledger.vkey)
    # Later leaves have an uncosigned head: an older clip keeps the one that was cosigned.
    newer = studio.draft(world.member("carol"))
    assert not verify_bundle(known.of(newer.id), world.ledger.vkey).witnesses
    assert verify_bundle(known.of(clip.id), world.ledger.vkey).tree_size == head.size


def test_what_waits_in_the_log_is_sequenced_first(world: World, studio: Studio, bundles: Bundles):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    clip = studio.order(bob, alice)
    with pytest.raises(NotReadyError):
        bundles.of(clip.id)
    studio.render(clip)
    assert studio.release(clip) == "completed"
    checked(world, bundles.of(clip.id))


# -- who gets one ----------------------------------------------------------------------------------


def test_its_maker_and_its_people_get_it(world: World, studio: Studio, bundles: Bundles):
    alice, bob, clip = alice_lets_bob(world, studio)
    for person in (alice, bob):
        checked(world, bundles.for_person(person.record, clip.id))
    for stranger in (world.member("carol"), world.member("diana")):
        with pytest.raises(NotFoundError):
            bundles.for_person(stranger.record, clip.id)
    with pytest.raises(NotFoundError):
        bundles.of("clip_none")


@pytest.mark.parametrize(
    "terms",
    [{"apart_from": ("carol",)}, {"never_say": ("buy now",)}, {"wishes": ("no alcohol",)}],
    ids=lambda terms: next(iter(terms)),
)
def test_private_limits_are_not_told_to_others(
    world: World, studio: Studio, bundles: Bundles, terms: dict[str, Any]
):
    """Whoever asks for a clip is never told these; a bundle must not be the way round it."""
    world.member("carol")
    alice, bob, clip = alice_lets_bob(world, studio, **terms)
    with pytest.raises(PrivateTermsError):
        bundles.for_person(bob.record, clip.id)
    checked(world, bundles.for_person(alice.record, clip.id))
    checked(world, bundles.of(clip.id))


def test_clips_without_a_release_have_none(world: World, studio: Studio, bundles: Bundles):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    clip = studio.order(bob, alice)
    studio.releases.give_up(clip.id, "render.failed")
    with pytest.raises(NoBundleError):
        bundles.of(clip.id)


# -- what was changed in the database does not get out ---------------------------------------------


def test_a_changed_document_is_found_here(world: World, studio: Studio, bundles: Bundles):
    _, _, clip = alice_lets_bob(world, studio)
    table = table_of(Consent)
    with world.db.engine.begin() as connection:
        (document,) = connection.execute(table.select().with_only_columns(table.c.document)).one()
        wider = document.replace(b'"audience":"approved"', b'"audience":"everyone"')
        connection.execute(table.update().values(document=wider))
    with pytest.raises((SignatureError, BundleError)):
        bundles.of(clip.id)


def test_a_changed_leaf_is_found_here(world: World, studio: Studio, bundles: Bundles):
    _, _, clip = alice_lets_bob(world, studio)
    table = table_of(LogEntry)
    with world.db.engine.begin() as connection:
        chosen = table.c.kind == "release"
        (opening,) = connection.execute(
            table.select().with_only_columns(table.c.opening).where(chosen)
        ).one()
        bent = opening.replace(b'"purpose":"personal"', b'"purpose":"social"')
        connection.execute(table.update().where(chosen).values(opening=bent))
    with pytest.raises(LeafError):
        bundles.of(clip.id)


def test_authenticators_of_every_kind(world: World, studio: Studio, bundles: Bundles):
    """ES256, EdDSA and RS256 before both verifiers."""
    bob = world.member("bobby")
    for number, algorithm in enumerate(("ES256", "EdDSA", "RS256")):
        device = Authenticator(algorithm=algorithm)
        handle = f"alice{number}"
        person = world.accounts.sign_up(handle=handle, display_name="Alice", adult=True)[0]
        options = world.keyring.challenge(person, "register")
        world.keyring.register(person, NewKey(attestation=device.attest(options.challenge)))
        world.enrol(person, key=device.key_id)
        draft = world.permits.prepare_consent(person, ConsentWish(audience=Audience.EVERYONE))
        world.permits.sign_consent(person, draft.document, device.sign(draft.document))
        clip = studio.draft(bob, Member(record=person, private_key=b""))
        assert checked(world, bundles.of(clip.id)).release.people[0].consent.evidence == "webauthn"
