"""Signing in with a passkey, over real databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.accounts import Caller
from cameo.flows.errors import (
    CeremonyError,
    CounterError,
    KeyNotEffectiveError,
    KeyRevokedError,
    NotAuthenticatedError,
    PasskeySessionError,
    SignInRefusedError,
)
from cameo.store.database import Database
from consent.errors import (
    BadSignature,
    FramedPage,
    UserNotVerified,
    WrongOrigin,
)
from consent.webauthn import Assertion
from tests.integration.passkeys import (
    answer,
    consents,
    passkey,
    sessions,
    sign_in,
    told,
    with_passkey,
)
from tests.integration.people import World
from tests.passkey import Authenticator, Faults


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


def test_signing_in_and_out(world: World):
    person, device = with_passkey(world)
    token = sign_in(world, device)
    caller = world.accounts.authenticate(token)
    assert (caller.person.id, caller.session.key_id) == (person.id, device.key_id)
    lasts = caller.session.expires_at - caller.session.created_at
    assert lasts == timedelta(hours=12)
    assert world.accounts.is_known(token)
    assert sessions(world).sign_out(caller)
    with pytest.raises(NotAuthenticatedError):
        world.accounts.authenticate(token)
    assert not world.accounts.is_known(token)


def test_a_session_ends_by_itself(database: Database, tmp_path: Path):
    world = World(database, tmp_path, session_ttl=timedelta(microseconds=1))
    _, device = with_passkey(world)
    with pytest.raises(NotAuthenticatedError):
        world.accounts.authenticate(sign_in(world, device))


@pytest.mark.parametrize("token", ["session_", "session_x", "cameo_x", "x" * 201, "", None])
def test_tokens_of_nobody(world: World, token):
    with pytest.raises(NotAuthenticatedError):
        world.accounts.authenticate(token)


def test_an_answer_signs_in_once(world: World):
    _, device = with_passkey(world)
    given = answer(world, device)
    sessions(world).sign_in(given, device.user_handle)
    with pytest.raises(CeremonyError):
        sessions(world).sign_in(given, device.user_handle)


def test_a_wrong_answer_spends_the_challenge(world: World):
    _, device = with_passkey(world)
    given = answer(world, device)
    wrong = replace(given, signature=given.signature[:-1] + bytes([given.signature[-1] ^ 1]))
    with pytest.raises(BadSignature):
        sessions(world).sign_in(wrong, device.user_handle)
    with pytest.raises(CeremonyError):
        sessions(world).sign_in(given, device.user_handle)


def test_who_cannot_sign_in(world: World):
    person, device = with_passkey(world)
    _, other = with_passkey(world, "bobby")
    with pytest.raises(SignInRefusedError):
        sign_in(world, Authenticator())
    with pytest.raises(SignInRefusedError):  # the passkey of one, in the name of another
        sessions(world).sign_in(answer(world, device), other.user_handle)
    for faults, error in (
        (Faults(verified=False), UserNotVerified),
        (Faults(members={"crossOrigin": True}), FramedPage),
        (Faults(origin="http://localhost:9"), WrongOrigin),
    ):
        with pytest.raises(error):
            sign_in(world, device, faults)
    document = device.sign(b"{}")
    with pytest.raises(CeremonyError):  # a signature under a document is no answer to us
        sessions(world).sign_in(
            Assertion(
                credential_id=device.credential_id,
                client_data_json=document.client_data_json,
                authenticator_data=document.authenticator_data,
                signature=document.signature,
            ),
            device.user_handle,
        )
    token = sign_in(world, device)
    world.keyring.revoke(person, device.key_id)
    with pytest.raises(KeyRevokedError):
        sign_in(world, device)
    with pytest.raises(NotAuthenticatedError):  # sessions of the key ended with it
        world.accounts.authenticate(token)


def test_a_passkey_that_waits_opens_no_session(world: World):
    alice, device = world.member("alice"), Authenticator()
    world.keyring.recover(alice.record, passkey(world, alice.record, device, kind="recover"))
    with pytest.raises(KeyNotEffectiveError):
        sign_in(world, device)


def test_a_counter_that_goes_back_is_noticed_at_sign_in_only(world: World):
    person, device = with_passkey(world)
    for count in (0, 5, 0, 6):  # one that does not count says nothing
        device.count = count
        sign_in(world, device)
    for count in (6, 3):
        device.count = count
        with pytest.raises(CounterError):
            sign_in(world, device)
    world.enrol(person)
    consents(world, person, device.sign)


def test_an_api_key_is_changed_by_a_passkeys_session_only(world: World):
    person, api_key = world.accounts.sign_up(handle="alice", display_name="Alice", adult=True)
    device = Authenticator()
    world.keyring.register(person, passkey(world, person, device))
    with pytest.raises(PasskeySessionError):
        world.accounts.new_api_key(world.accounts.authenticate(api_key))
    session = world.accounts.authenticate(sign_in(world, device))
    assert session.session is not None
    stale = replace(session.session, created_at=session.session.created_at - timedelta(minutes=11))
    with pytest.raises(PasskeySessionError, match="sign in again"):
        world.accounts.new_api_key(Caller(person=person, session=stale))
    new = world.accounts.new_api_key(session)
    assert world.accounts.authenticate(new) == Caller(person=person, session=None)
    with pytest.raises(NotAuthenticatedError):
        world.accounts.authenticate(api_key)
    assert told(world, person)[0] == "account.api_key_changed"
