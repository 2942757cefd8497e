"""Consent over real databases: sign, gate, withdraw, log."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.errors import NoConsentError, NotEnrolledError, StaleDocumentError
from cameo.flows.gate import ask_gate
from cameo.flows.permit import ConsentWish, GrantWish
from cameo.store.database import Database
from cameo.store.errors import NotFoundError, TakenError
from consent.errors import BadSignature, UnknownKey
from consent.evidence import sign_ed25519
from consent.vocabulary import Audience
from tests.integration.people import World, ask


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


def reasons(world: World, question) -> tuple[str, ...]:
    with world.db.reading() as tx:
        decision = ask_gate(tx, question, world.policy).decision
    return () if decision.allowed else decision.reasons


def test_nobody_may_use_a_cameo_before_its_person_signed(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    assert reasons(world, ask(bob, alice)) == ("consent.none",)


def test_only_me_allows_the_person_and_nobody_else(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.ONLY_ME)
    assert reasons(world, ask(alice, alice)) == ()
    assert reasons(world, ask(bob, alice)) != ()


def test_a_grant_allows_its_grantee_alone(world: World):
    alice, bob, carol = (world.member(name) for name in ("alice", "bobby", "carol"))
    world.consent(alice, Audience.APPROVED)
    world.grant(alice, bob)
    assert reasons(world, ask(bob, alice)) == ()
    assert "consent.not_granted" in reasons(world, ask(carol, alice))


def test_two_people_need_both_consents(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    world.grant(alice, bob)
    assert reasons(world, ask(bob, alice, bob)) == ("consent.none",)
    world.consent(bob, Audience.ONLY_ME)
    assert reasons(world, ask(bob, alice, bob)) == ()


def test_withdrawal_of_a_consent_ends_its_grants_at_once(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    consent = world.consent(alice, Audience.APPROVED)
    world.grant(alice, bob)
    done = world.revocations.revoke_consent(alice.record, consent.id)
    assert not done.already
    assert "consent.revoked" in reasons(world, ask(bob, alice))
    assert world.revocations.revoke_consent(alice.record, consent.id).already


def test_a_new_consent_does_not_revive_old_grants(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    world.grant(alice, bob)
    world.consent(alice, Audience.APPROVED)
    assert reasons(world, ask(bob, alice)) != ()


def test_nobody_can_withdraw_for_somebody_else(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    consent = world.consent(alice, Audience.EVERYONE)
    with pytest.raises(NotFoundError):
        world.revocations.revoke_consent(bob.record, consent.id)
    assert reasons(world, ask(bob, alice)) == ()


def test_expiry_is_judged_by_the_database_clock(world: World):
    alice = world.member("alice")
    with world.db.reading() as tx:
        soon = tx.now() + timedelta(seconds=1.2)
    world.consent(alice, Audience.ONLY_ME, expires_at=soon)
    assert reasons(world, ask(alice, alice)) == ()
    with world.db.reading() as tx:
        while tx.now() < soon:
            pass
    assert reasons(world, ask(alice, alice)) == ("consent.expired",)


def test_uses_are_counted_with_reservations(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    grant = world.grant(alice, bob, max_uses=1)
    with world.db.transaction() as tx:
        tx.consents.reserve([grant.id])
    assert "consent.grant_used_up" in reasons(world, ask(bob, alice))
    assert reasons(world, ask(bob, alice, held=frozenset({grant.id}))) == ()
    with world.db.transaction() as tx:
        tx.consents.give_back([grant.id])
    assert reasons(world, ask(bob, alice)) == ()


def test_low_assurance_is_refused(world: World):
    alice = world.member("alice", assurance=0)
    world.consent(alice, Audience.ONLY_ME)
    assert "consent.assurance_too_low" in reasons(world, ask(alice, alice))


def test_signing_needs_an_enrolment(world: World):
    alice = world.member("alice", enrolled=False)
    with pytest.raises(NotEnrolledError):
        world.permits.prepare_consent(alice.record, ConsentWish())


def test_granting_needs_a_consent(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    with pytest.raises(NoConsentError):
        world.grant(alice, bob)


class TestVectorsOfBadSignatures:
    """Each is refused, and nothing is stored."""

    def test_signed_by_somebody_else(self, world: World):
        alice, bob = world.member("alice"), world.member("bobby")
        prepared = world.permits.prepare_consent(alice.record, ConsentWish())
        evidence = sign_ed25519(bob.private_key, prepared.document)
        with pytest.raises(UnknownKey):
            world.permits.sign_consent(alice.record, prepared.document, evidence)
        assert reasons(world, ask(alice, alice)) == ("consent.none",)

    def test_document_changed_after_signing(self, world: World):
        alice = world.member("alice")
        prepared = world.permits.prepare_consent(alice.record, ConsentWish())
        evidence = sign_ed25519(alice.private_key, prepared.document)
        changed = prepared.document.replace(b'"only_me"', b'"everyone"')
        assert changed != prepared.document
        with pytest.raises(BadSignature):
            world.permits.sign_consent(alice.record, changed, evidence)

    def test_handed_in_twice(self, world: World):
        alice = world.member("alice")
        prepared = world.permits.prepare_consent(alice.record, ConsentWish())
        evidence = sign_ed25519(alice.private_key, prepared.document)
        consent = world.permits.sign_consent(alice.record, prepared.document, evidence)
        world.revocations.revoke_consent(alice.record, consent.id)
        with pytest.raises(StaleDocumentError):
            world.permits.sign_consent(alice.record, prepared.document, evidence)
        assert reasons(world, ask(alice, alice)) == ("consent.revoked",)

    def test_for_an_older_enrolment(self, world: World):
        alice = world.member("alice")
        prepared = world.permits.prepare_consent(alice.record, ConsentWish())
        world.enrol(alice.record)
        evidence = sign_ed25519(alice.private_key, prepared.document)
        with pytest.raises(StaleDocumentError):
            world.permits.sign_consent(alice.record, prepared.document, evidence)


def test_a_grant_must_name_whom_it_is_for(world: World):
    import json

    from consent.documents import canonical, parse

    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.APPROVED)
    prepared = world.permits.prepare_grant(alice.record, GrantWish(grantee=bob.record))
    changed = prepared.document.replace(b'"bobby"', b'"carol"')
    assert json.loads(changed)["grantee_handle"] == "carol"
    assert canonical(parse(changed)) == changed
    with pytest.raises(StaleDocumentError):
        world.permits.sign_grant(alice.record, changed, sign_ed25519(alice.private_key, changed))


def test_a_handle_belongs_to_one_person(world: World):
    world.member("alice")
    with pytest.raises(TakenError):
        world.accounts.sign_up(handle="@Alice", display_name="Other", adult=True)


def test_everything_signed_and_withdrawn_is_in_the_log(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    consent = world.consent(alice, Audience.APPROVED)
    grant = world.grant(alice, bob)
    world.revocations.revoke_grant(alice.record, grant.id)
    size = world.ledger.sequence()
    audit = world.ledger.audit()
    assert (audit.checkpoint.size, audit.findings) == (size, ())
    with world.db.reading() as tx:
        for kind, ref in (("consent", consent.id), ("grant", grant.id), ("revoke", grant.id)):
            proof = world.ledger.prove(tx, kind=kind, ref=ref)
            assert proof is not None
            assert proof.size == size
            assert alice.record.id.encode() not in proof.body


def test_a_changed_log_row_is_noticed(world: World, database: Database):
    from sqlalchemy import text

    from provenance.log.errors import LogError

    alice = world.member("alice")
    consent = world.consent(alice, Audience.ONLY_ME)
    world.ledger.sequence()
    with database.engine.begin() as connection:
        connection.execute(
            text("update log_entry set body = :body where kind = 'consent'"),
            {"body": base64.b64decode("e30=")},
        )
    with pytest.raises(LogError), world.db.reading() as tx:
        world.ledger.prove(tx, kind="consent", ref=consent.id)
    with pytest.raises(LogError):
        world.ledger.audit()
