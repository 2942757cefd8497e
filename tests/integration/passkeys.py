"""People with passkeys and key files, for integration tests."""

from __future__ import annotations

from cameo.flows.permit import ConsentWish
from cameo.flows.registering import NewKey
from cameo.flows.sessions import Sessions
from cameo.store.records import PersonRecord
from consent.evidence import new_ed25519_key, sign_ed25519
from consent.webauthn import Assertion
from tests.integration.people import Member, World
from tests.passkey import HONEST, Authenticator, Faults


def someone(world: World, handle: str = "alice") -> PersonRecord:
    return world.accounts.sign_up(handle=handle, display_name=handle.title(), adult=True)[0]


def passkey(
    world: World, person: PersonRecord, device: Authenticator, kind="register", faults=HONEST
) -> NewKey:
    """What a page would send after the authenticator answered."""
    options = world.keyring.challenge(person, kind)
    device.user_handle = options.user_id
    return NewKey(attestation=device.attest(options.challenge, faults))


def with_passkey(world: World, handle: str = "alice") -> tuple[PersonRecord, Authenticator]:
    person, device = someone(world, handle), Authenticator()
    world.keyring.register(person, passkey(world, person, device))
    return person, device


def key_file() -> tuple[bytes, NewKey]:
    private, public = new_ed25519_key()
    return private, NewKey(public_key=public, label="laptop")


def sessions(world: World) -> Sessions:
    return Sessions(db=world.db, policy=world.policy)


def answer(world: World, device: Authenticator, faults: Faults = HONEST) -> Assertion:
    client, data, signature = device.answer(sessions(world).challenge().challenge, faults)
    return Assertion(
        credential_id=device.credential_id,
        client_data_json=client,
        authenticator_data=data,
        signature=signature,
    )


def sign_in(world: World, device: Authenticator, faults: Faults = HONEST) -> str:
    return sessions(world).sign_in(answer(world, device, faults), device.user_handle)[1]


def told(world: World, person: PersonRecord) -> list[str]:
    with world.db.reading() as tx:
        return [note["kind"] for note in tx.clips.notifications(person.id)]


def epoch(world: World, person: PersonRecord) -> int:
    with world.db.reading() as tx:
        return tx.people.get(person.id).epoch


def consents(world: World, person: PersonRecord, sign) -> None:
    """Sign a consent with whatever `sign` makes of its bytes."""
    prepared = world.permits.prepare_consent(person, ConsentWish())
    world.permits.sign_consent(person, prepared.document, sign(prepared.document))


def add(world: World, member: Member, prepared, *, private: bytes | None = None, **parts: bytes):
    document = parts.get("document", prepared.agreement.document)
    evidence = sign_ed25519(private or member.private_key, document)
    return world.keyring.add(
        member.record, parts.get("registration", prepared.registration), document, evidence
    )
