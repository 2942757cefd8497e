"""From a key that somebody sends to its registration, checked against a challenge of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cameo.flows import ceremonies
from cameo.flows.errors import StaleDocumentError
from cameo.flows.policy import Policy
from cameo.store.database import Transaction
from cameo.store.records import PersonRecord
from consent.evidence import check_public_key, key_id
from consent.ids import PersonId
from consent.registration import How, Passkey, Registration, registered_key
from consent.vocabulary import EvidenceType
from consent.webauthn import Attestation, RelyingParty, verify_attestation


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """A key to register: the raw public half of a key file, or what a passkey answered."""

    public_key: bytes = b""
    attestation: Attestation | None = None
    label: str = ""


def made(
    tx: Transaction, policy: Policy, person: PersonRecord, new: NewKey, how: How
) -> Registration:
    """The registration of a new key, as of now.

    A passkey's challenge is used up, but for a key that is to be added: `require_ours` does it when
    an older key has agreed.

    Raises:
        CeremonyError: the passkey's challenge is not one to answer.
        EvidenceError: the key is unsound, or the passkey's answer is wrong.
    """
    public_key, passkey = _checked(tx, policy, person, new, how)
    now = tx.now()
    return Registration(
        person=PersonId(person.id),
        key_id=key_id(public_key),
        type=EvidenceType.ED25519 if passkey is None else EvidenceType.WEBAUTHN,
        public_key=public_key,
        how=how,
        label=new.label.strip(),
        registered_at=now,
        effective_at=now + (policy.recovery if how is How.RECOVERED else timedelta(0)),
        passkey=passkey,
    )


def require_ours(
    tx: Transaction, policy: Policy, person: PersonRecord, registration: Registration
) -> None:
    """Check a registration that was prepared here, went out, and came back with a signature.

    Raises:
        StaleDocumentError: it is another's, for another relying party, or too old.
        CeremonyError: the passkey's challenge was used or has expired.
        EvidenceError: the key is unsound, or the passkey's answer is wrong.
    """
    # Nothing of it is believed for having been prepared here: all of it is checked again.
    registered_key(registration)
    age = tx.now() - registration.registered_at
    fresh = timedelta(0) <= age < policy.prepared_ttl
    if registration.person != person.id or registration.how is not How.ADDED or not fresh:
        raise StaleDocumentError
    passkey = registration.passkey
    if passkey is None:
        return
    if (passkey.rp_id, passkey.origins) != (policy.rp_id, policy.origins):
        raise StaleDocumentError
    ceremonies.use(tx, passkey.client_data_json, "register", person.id)


def _checked(
    tx: Transaction, policy: Policy, person: PersonRecord, new: NewKey, how: How
) -> tuple[bytes, Passkey | None]:
    answer = new.attestation
    if answer is None:
        check_public_key(new.public_key)
        return new.public_key, None
    client = answer.client_data_json
    if how is How.ADDED:
        challenge = ceremonies.look(tx, client, "register", person.id)
    else:
        kind: ceremonies.Kind = "register" if how is How.FIRST else "recover"
        challenge = ceremonies.use(tx, client, kind, person.id)
    party = RelyingParty(rp_id=policy.rp_id, origins=policy.origins)
    verified = verify_attestation(answer, challenge=challenge, party=party)
    return verified.public_key, Passkey(
        rp_id=party.rp_id,
        origins=party.origins,
        credential_id=answer.credential_id,
        client_data_json=client,
        attestation_object=answer.attestation_object,
    )
