"""Recovery over real databases: what waits, who is told, what a recovered key may sign."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.errors import (
    KeyNeedsEnrolmentError,
    KeyNotEffectiveError,
    KeyNotPendingError,
    KeyRevokedError,
    NoKeyYetError,
    RecoveryPendingError,
)
from cameo.flows.keys import enrolling_key, signing_keys
from cameo.store.database import Database
from cameo.store.errors import TakenError
from consent.evidence import sign_ed25519
from consent.registration import parse_registration
from consent.vocabulary import Audience
from tests.integration.passkeys import (
    add,
    consents,
    epoch,
    key_file,
    passkey,
    someone,
    told,
)
from tests.integration.people import World
from tests.passkey import Authenticator

SHORT = timedelta(microseconds=1)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def impatient(database: Database, tmp_path: Path) -> World:
    """Where a recovery waits for next to nothing."""
    return World(database, tmp_path, recovery=SHORT)


def test_a_recovered_key_waits_and_the_old_one_stays(world: World):
    alice = world.member("alice")
    private, new = key_file()
    before = epoch(world, alice.record)
    view = world.keyring.recover(alice.record, new)
    waited = view.record.effective_at - view.record.registered_at
    assert (view.status, view.record.how, waited) == ("waiting", "recovered", timedelta(hours=72))
    assert told(world, alice.record)[0] == "key.recovery_started"
    assert epoch(world, alice.record) == before + 1
    with pytest.raises(KeyNotEffectiveError):
        consents(world, alice.record, lambda data: sign_ed25519(private, data))
    world.consent(alice, Audience.ONLY_ME)
    with pytest.raises(RecoveryPendingError):
        world.keyring.recover(alice.record, key_file()[1])
    with world.db.reading() as tx:
        assert set(signing_keys(tx, alice.record, granting=False)) == {
            each.record.id for each in world.keyring.all(alice.record)
        }
        assert view.record.id not in signing_keys(tx, alice.record, granting=True)
        assert tx.log.find("restrict", view.record.id) is not None
        registration = parse_registration(view.record.registration)
    assert (registration.how, registration.effective_at) == ("recovered", view.record.effective_at)


def test_whoever_has_a_session_can_cancel(world: World):
    alice = world.member("alice")
    private, new = key_file()
    view = world.keyring.recover(alice.record, new)
    done = world.keyring.cancel(alice.record, view.record.id)
    assert done.status == "revoked"
    assert told(world, alice.record)[0] == "key.recovery_cancelled"
    with pytest.raises(KeyNotPendingError):
        world.keyring.cancel(alice.record, view.record.id)
    with pytest.raises(KeyRevokedError):
        consents(world, alice.record, lambda data: sign_ed25519(private, data))
    with pytest.raises(TakenError):
        world.keyring.recover(alice.record, new)
    world.keyring.recover(alice.record, key_file()[1])


def test_an_effective_recovered_key_grants_only_after_a_new_enrolment(impatient: World):
    world, alice = impatient, impatient.member("alice")
    private, new = key_file()
    view = world.keyring.recover(alice.record, new)
    key = view.record.id
    by_recovered = lambda data: sign_ed25519(private, data)  # noqa: E731
    assert world.keyring.all(alice.record)[1].status == "needs_enrolment"
    with pytest.raises(KeyNeedsEnrolmentError):
        consents(world, alice.record, by_recovered)
    prepared = world.keyring.prepare(alice.record, key_file()[1])
    with pytest.raises(KeyNeedsEnrolmentError):
        add(world, alice, prepared, private=private)
    old = world.keyring.all(alice.record)[0].record.id
    world.enrol(alice.record, key=old)  # an enrolment drawn from another key opens nothing
    with pytest.raises(KeyNeedsEnrolmentError):
        consents(world, alice.record, by_recovered)
    with pytest.raises(KeyNotPendingError):
        world.keyring.cancel(alice.record, key)
    world.enrol(alice.record, key=key)
    assert world.keyring.all(alice.record)[1].status == "active"
    consents(world, alice.record, by_recovered)
    world.consent(alice, Audience.ONLY_ME)  # the old key was not revoked by it
    other, further = key_file()
    add(world, alice, world.keyring.prepare(alice.record, further), private=private)
    consents(world, alice.record, lambda data: sign_ed25519(other, data))
    # Once the person enrols from the old key again, nothing of the recovery reaches that likeness.
    world.enrol(alice.record, key=old)
    world.consent(alice, Audience.ONLY_ME)
    for stranger in (private, other):
        with pytest.raises(KeyNeedsEnrolmentError):
            consents(world, alice.record, lambda data, key=stranger: sign_ed25519(key, data))
    assert [each.status for each in world.keyring.all(alice.record)] == [
        "active",
        "needs_enrolment",
        "needs_enrolment",
    ]


def test_recovery_after_the_last_key_was_revoked(impatient: World):
    world, alice = impatient, impatient.member("alice")
    world.keyring.revoke(alice.record, world.keyring.all(alice.record)[0].record.id)
    device = Authenticator()
    new = passkey(world, alice.record, device, kind="recover")
    view = world.keyring.recover(alice.record, new)
    world.enrol(alice.record, key=view.record.id)
    consents(world, alice.record, device.sign)


def test_there_is_nothing_to_recover_or_add_to_at_first(world: World):
    person = someone(world)
    with pytest.raises(NoKeyYetError):
        world.keyring.recover(person, key_file()[1])
    with pytest.raises(NoKeyYetError):
        world.keyring.prepare(person, key_file()[1])


def test_an_enrolment_is_not_drawn_from_a_key_that_waits(world: World):
    alice = world.member("alice")
    view = world.keyring.recover(alice.record, key_file()[1])
    first = world.keyring.all(alice.record)[0].record.id
    with world.db.reading() as tx:
        assert enrolling_key(tx, alice.record).key_id == first
        with pytest.raises(KeyNotEffectiveError):
            enrolling_key(tx, alice.record, view.record.id)
