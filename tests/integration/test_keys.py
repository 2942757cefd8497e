"""Keys of people over real databases: the first, further ones, their end."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows import ceremonies
from cameo.flows.errors import (
    CeremonyError,
    FlowError,
    InvalidRequestError,
    KeyExistsError,
    KeyRevokedError,
    StaleDocumentError,
    TooManyKeysError,
)
from cameo.flows.keys import signing_keys
from cameo.flows.ledger import opening_of
from cameo.flows.permit import ConsentWish
from cameo.flows.registering import NewKey
from cameo.store.database import Database
from cameo.store.errors import NotFoundError, TakenError
from consent.errors import (
    BadSignature,
    EvidenceError,
    FramedPage,
    UnknownKey,
    UnsafeKey,
    UserNotVerified,
    WrongChallenge,
    WrongOrigin,
)
from consent.evidence import sign_ed25519
from consent.registration import parse_registration, registered_key
from consent.vocabulary import Audience
from consent.webauthn import base64url
from provenance.log.entries import check_commitment
from provenance.log.entries import parse as parse_entry
from tests.integration.passkeys import (
    add,
    answer,
    consents,
    epoch,
    key_file,
    passkey,
    sessions,
    sign_in,
    someone,
    told,
    with_passkey,
)
from tests.integration.people import World
from tests.passkey import ORIGIN, Authenticator, Faults


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


# -- the first key --------------------------------------------------------------------------------


def test_a_passkey_is_registered_and_signs_a_consent(world: World):
    person, device = with_passkey(world)
    (view,) = world.keyring.all(person)
    assert (view.status, view.record.how, view.record.id) == ("active", "first", device.key_id)
    world.enrol(person)
    consents(world, person, device.sign)
    with pytest.raises(UserNotVerified):
        consents(world, person, lambda data: device.sign(data, Faults(verified=False)))
    with pytest.raises(FramedPage):
        consents(
            world, person, lambda data: device.sign(data, Faults(members={"crossOrigin": True}))
        )
    with pytest.raises(WrongOrigin):
        consents(world, person, lambda data: device.sign(data, Faults(origin="http://evil.test")))
    with pytest.raises(WrongChallenge):
        consents(world, person, lambda data: device.sign(data[:-1] + b" "))


def test_a_signed_passkey_document_cannot_be_handed_in_twice(world: World):
    person, device = with_passkey(world)
    world.enrol(person)
    prepared = world.permits.prepare_consent(person, ConsentWish())
    evidence = device.sign(prepared.document)
    world.permits.sign_consent(person, prepared.document, evidence)
    with pytest.raises(StaleDocumentError):
        world.permits.sign_consent(person, prepared.document, evidence)


def test_the_leaf_commits_to_the_registration_itself(world: World):
    person, device = with_passkey(world)
    with world.db.reading() as tx:
        record = tx.people.find_key(device.key_id)
        leaf = tx.log.find("key", device.key_id)
    assert record is not None
    assert leaf is not None
    opening = opening_of(leaf)
    assert opening is not None
    assert opening.private == record.registration
    check_commitment(parse_entry(leaf.body), record.registration, opening.salt)
    registration = parse_registration(record.registration)
    assert registered_key(registration).public_key == device.cose == record.public_key
    assert (registration.person, registration.passkey.origins) == (person.id, (ORIGIN,))
    assert device.credential_id not in leaf.body


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(verified=False), UserNotVerified),
        (Faults(origin="https://evil.example"), WrongOrigin),
        (Faults(members={"topOrigin": ORIGIN}), FramedPage),
        (Faults(challenge=bytes(32)), CeremonyError),
    ],
)
def test_what_a_page_may_not_register(world: World, faults, error):
    person = someone(world)
    with pytest.raises(error):
        world.keyring.register(person, passkey(world, person, Authenticator(), faults=faults))
    assert world.keyring.all(person) == ()
    with world.db.reading() as tx:
        assert tx.log.claim(10) == []


def test_a_challenge_is_for_one_person_one_purpose_and_one_time(world: World):
    alice, bob = someone(world), someone(world, "bobby")
    new = passkey(world, alice, Authenticator())
    with pytest.raises(CeremonyError):
        world.keyring.register(bob, new)
    with pytest.raises(CeremonyError):
        world.keyring.register(alice, passkey(world, alice, Authenticator(), kind="recover"))
    world.keyring.register(alice, new)
    with pytest.raises(CeremonyError):
        world.keyring.recover(alice, new)
    spoiled = sessions(world).challenge()
    made = Authenticator().attest(spoiled.challenge)
    with pytest.raises(CeremonyError):
        world.keyring.register(bob, NewKey(attestation=made))


def test_a_challenge_expires(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ceremonies, "TTL", timedelta(microseconds=-1))
    person = someone(world)
    new = passkey(world, person, Authenticator())
    with pytest.raises(CeremonyError):
        world.keyring.register(person, new)


def test_challenges_are_bounded_and_the_newest_stands(world: World):
    person, device = someone(world), Authenticator()
    first = passkey(world, person, device)
    later = [passkey(world, person, device) for _ in range(8)]
    with pytest.raises(CeremonyError):
        world.keyring.register(person, first)
    world.keyring.register(person, later[-1])


def test_a_flood_of_sign_ins_takes_a_bounded_room_and_locks_nobody_out(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ceremonies, "_MOST_OF_NOBODY", 5)
    monkeypatch.setattr(ceremonies, "_SELDOM", 1)
    _, device = with_passkey(world)
    early = answer(world, device)
    for _ in range(20):
        sessions(world).challenge()
    with world.db.engine.connect() as connection:
        count = "select count(*) from ceremony where person_id is null"
        assert connection.exec_driver_sql(count).scalar() == 5
    with pytest.raises(CeremonyError):
        sessions(world).sign_in(early, device.user_handle)
    assert sign_in(world, device)


def test_no_secret_lies_in_the_database(world: World):
    person, device = with_passkey(world)
    token = sign_in(world, device)
    challenge = world.keyring.challenge(person, "recover").challenge
    with world.db.engine.connect() as connection:
        text = str(
            [
                connection.exec_driver_sql(f"select * from {table}").all()  # noqa: S608
                for table in ("login_session", "ceremony", "person")
            ]
        )
    assert hashlib.sha256(challenge).hexdigest() in text
    assert hashlib.sha256(token.encode()).hexdigest() in text
    assert token not in text
    assert challenge.hex() not in text
    assert base64url(challenge) not in text


def test_a_session_alone_registers_no_second_key(world: World):
    """Whoever stole an API key must not be able to sign in the person's name."""
    alice = world.member("alice")
    for _ in range(2):
        with pytest.raises(KeyExistsError):
            world.keyring.register(alice.record, key_file()[1])
        world.enrol(alice.record)  # nor does a new enrolment open it
    world.keyring.revoke(alice.record, world.keyring.all(alice.record)[0].record.id)
    with pytest.raises(KeyExistsError):
        world.keyring.register(alice.record, key_file()[1])


def test_unsound_and_taken_keys(world: World):
    alice, bob = someone(world), someone(world, "bobby")
    with pytest.raises(UnsafeKey):
        world.keyring.register(alice, NewKey(public_key=bytes(32)))
    _, new = key_file()
    world.keyring.register(alice, new)
    with pytest.raises(TakenError):
        world.keyring.register(bob, new)
    with pytest.raises(EvidenceError):
        world.keyring.register(bob, replace(key_file()[1], label="x" * 61))


# -- a further key --------------------------------------------------------------------------------


def test_an_old_key_adds_a_new_one(world: World):
    alice = world.member("alice")
    device = Authenticator()
    prepared = world.keyring.prepare(alice.record, passkey(world, alice.record, device))
    document = json.loads(prepared.agreement.document)
    assert document["registration_sha256"] == hashlib.sha256(prepared.registration).hexdigest()
    assert device.key_id in prepared.agreement.text_en
    assert device.key_id in prepared.agreement.text_ja
    view = add(world, alice, prepared)
    assert (view.status, view.record.how) == ("active", "added")
    consents(world, alice.record, device.sign)
    # And the new one adds a third, behind the document of the second.
    third = world.keyring.prepare(alice.record, key_file()[1], "ja")
    signed = json.loads(third.agreement.document)
    assert signed["previous_sha256"] == hashlib.sha256(prepared.agreement.document).hexdigest()
    assert signed["language"] == "ja"
    evidence = device.sign(third.agreement.document)
    world.keyring.add(alice.record, third.registration, third.agreement.document, evidence)
    assert [each.record.how for each in world.keyring.all(alice.record)] == [
        "first",
        "added",
        "added",
    ]
    assert "key.added" in told(world, alice.record)


def test_a_key_is_not_added_without_the_old_ones_signature(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    private, new = key_file()
    prepared = world.keyring.prepare(alice.record, new)
    for stranger in (private, bob.private_key):
        with pytest.raises(UnknownKey):
            add(world, alice, prepared, private=stranger)
    evidence = sign_ed25519(alice.private_key, prepared.agreement.document)
    with pytest.raises(BadSignature):
        world.keyring.add(
            alice.record,
            prepared.registration,
            prepared.agreement.document,
            replace(evidence, signature=bytes(64)),
        )
    assert len(world.keyring.all(alice.record)) == 1


def test_another_key_than_the_one_agreed_to(world: World):
    alice = world.member("alice")
    agreed = world.keyring.prepare(alice.record, key_file()[1])
    other = world.keyring.prepare(alice.record, key_file()[1])
    with pytest.raises(StaleDocumentError):
        add(world, alice, agreed, registration=other.registration)
    bent = agreed.registration.replace(b'"label":"laptop"', b'"label":"phone"')
    with pytest.raises(StaleDocumentError):
        add(world, alice, agreed, registration=bent)
    with pytest.raises(EvidenceError):
        add(world, alice, agreed, registration=b"{}")
    consent = world.permits.prepare_consent(alice.record, ConsentWish())
    with pytest.raises(InvalidRequestError):
        add(world, alice, agreed, document=consent.document)


def test_a_document_for_a_key_counts_once_and_while_nothing_changed(world: World):
    alice = world.member("alice")
    prepared = world.keyring.prepare(alice.record, key_file()[1])
    late = world.keyring.prepare(alice.record, key_file()[1])
    add(world, alice, prepared)
    with pytest.raises((StaleDocumentError, TakenError)):
        add(world, alice, prepared)
    with pytest.raises(StaleDocumentError):
        add(world, alice, late)
    fresh = world.keyring.prepare(alice.record, key_file()[1])
    consent = world.consent(alice, Audience.ONLY_ME)
    world.revocations.revoke_consent(alice.record, consent.id)
    with pytest.raises(StaleDocumentError):
        add(world, alice, fresh)


def test_a_prepared_passkey_uses_its_challenge_up_when_it_is_added(world: World):
    alice, device = world.member("alice"), Authenticator()
    new = passkey(world, alice.record, device)
    world.keyring.prepare(alice.record, new)
    prepared = world.keyring.prepare(alice.record, new)  # still there, for a second look
    add(world, alice, prepared)
    with pytest.raises(CeremonyError):
        world.keyring.prepare(alice.record, new)


def test_somebody_elses_registration_is_not_added(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    theirs = world.keyring.prepare(bob.record, key_file()[1])
    with pytest.raises(StaleDocumentError):
        add(world, alice, theirs)


def test_ten_keys_are_the_most(world: World):
    alice = world.member("alice")
    for _ in range(9):
        add(world, alice, world.keyring.prepare(alice.record, key_file()[1]))
    with pytest.raises(TooManyKeysError):
        add(world, alice, world.keyring.prepare(alice.record, key_file()[1]))


# -- revoking -------------------------------------------------------------------------------------


def test_a_revoked_key_signs_nothing_and_what_it_signed_stands(world: World):
    alice = world.member("alice")
    consent = world.consent(alice, Audience.ONLY_ME)
    (view,) = world.keyring.all(alice.record)
    before = epoch(world, alice.record)
    done = world.keyring.revoke(alice.record, view.record.id)
    assert (done.status, epoch(world, alice.record)) == ("revoked", before + 1)
    with pytest.raises(KeyRevokedError):
        world.consent(alice, Audience.ONLY_ME)
    again = world.keyring.revoke(alice.record, view.record.id)
    assert again.record.revoked_at == done.record.revoked_at
    assert epoch(world, alice.record) == before + 1
    with world.db.reading() as tx:
        assert tx.consents.get(consent.id).status == "active"
        assert tx.log.find("restrict", view.record.id) is not None
        assert signing_keys(tx, alice.record, granting=False) == {}


def test_somebody_elses_key_is_not_found(world: World):
    alice, bob = world.member("alice"), world.member("bobby")
    (view,) = world.keyring.all(alice.record)
    for act in (world.keyring.revoke, world.keyring.cancel):
        with pytest.raises(NotFoundError):
            act(bob.record, view.record.id)
        with pytest.raises(NotFoundError):
            act(bob.record, "key_none")
    assert world.keyring.all(alice.record)[0].status == "active"


def test_a_revocation_and_a_signature_at_once_have_one_order(world: World):
    """Whichever comes first, a key that was revoked signed nothing after it."""
    alice = world.member("alice")
    (view,) = world.keyring.all(alice.record)
    prepared = world.permits.prepare_consent(alice.record, ConsentWish())
    evidence = sign_ed25519(alice.private_key, prepared.document)
    outcomes: list[str] = []

    def sign() -> None:
        try:
            world.permits.sign_consent(alice.record, prepared.document, evidence)
            outcomes.append("signed")
        except FlowError as error:
            outcomes.append(error.code)

    thread = threading.Thread(target=sign)
    thread.start()
    world.keyring.revoke(alice.record, view.record.id)
    thread.join()
    with world.db.reading() as tx:
        revoked = tx.people.find_key(view.record.id).revoked_at
        signed = tx.consents.latest(alice.record.id)
    if outcomes == ["signed"]:
        assert signed.created_at <= revoked
    else:
        assert outcomes == ["key.revoked"]
        assert signed is None
