from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consent.errors import (
    ConsentError,
    EvidenceError,
    KeyMismatch,
    MalformedEvidence,
    NotCanonical,
    UnsafeKey,
    UserNotVerified,
    WrongOrigin,
)
from consent.evidence import RegisteredKey, key_id, new_ed25519_key
from consent.registration import (
    How,
    Passkey,
    Registration,
    parse_registration,
    registered_key,
    registration_bytes,
)
from consent.vocabulary import EvidenceType
from tests.passkey import HONEST, ORIGIN, RP_ID, Authenticator, Faults

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_, PUBLIC = new_ed25519_key()


def key_file(**changes: Any) -> Registration:
    fields: dict[str, Any] = {
        "person": "prs_alice",
        "key_id": key_id(PUBLIC),
        "type": EvidenceType.ED25519,
        "public_key": PUBLIC,
        "how": How.FIRST,
        "label": "my laptop",
        "registered_at": AT,
        "effective_at": AT,
        "passkey": None,
    }
    return Registration(**{**fields, **changes})


def passkey(device: Authenticator, faults: Faults = HONEST, **changes: Any) -> Registration:
    made = device.attest(bytes(range(32)), faults)
    fields = {
        "key_id": device.key_id,
        "type": EvidenceType.WEBAUTHN,
        "public_key": device.cose,
        "passkey": Passkey(
            rp_id=RP_ID,
            origins=(ORIGIN,),
            credential_id=device.credential_id,
            client_data_json=made.client_data_json,
            attestation_object=made.attestation_object,
        ),
    }
    return key_file(**{**fields, **changes})


@pytest.mark.parametrize("registration", [key_file(), passkey(Authenticator("p"))])
def test_a_registration_survives_its_canonical_form(registration):
    data = registration_bytes(registration)
    assert parse_registration(data) == registration
    for other in (json.dumps(json.loads(data)).encode(), data + b" "):
        with pytest.raises((NotCanonical, MalformedEvidence)):
            parse_registration(other)


def test_the_key_of_a_registration():
    assert registered_key(key_file()) == RegisteredKey.ed25519(PUBLIC)
    for algorithm in ("ES256", "EdDSA", "RS256"):
        device = Authenticator(algorithm=algorithm)
        assert registered_key(passkey(device)) == device.registered()


def test_a_passkey_is_checked_as_on_the_day_it_was_made():
    device, other = Authenticator(), Authenticator()
    with pytest.raises(UserNotVerified):
        registered_key(passkey(device, Faults(verified=False)))
    with pytest.raises(WrongOrigin):
        registered_key(passkey(device, Faults(origin="https://evil.example")))
    swapped = passkey(device, key_id=other.key_id, public_key=other.cose)
    with pytest.raises(KeyMismatch):
        registered_key(swapped)
    weak = bytes(32)
    with pytest.raises(UnsafeKey):
        registered_key(key_file(key_id=key_id(weak), public_key=weak))


@pytest.mark.parametrize(
    "changes",
    [
        {"person": "alice"},
        {"key_id": key_id(b"another")},
        {"public_key": b""},
        {"label": "x" * 61},
        {"label": " padded"},
        {"label": "two\nlines"},
        {"registered_at": AT.replace(tzinfo=None)},
        {"effective_at": AT + timedelta(hours=1)},
        {"how": How.RECOVERED},
        {"how": How.RECOVERED, "effective_at": AT - timedelta(hours=1)},
        {"type": EvidenceType.WEBAUTHN},
    ],
)
def test_what_no_registration_says(changes):
    with pytest.raises(MalformedEvidence):
        key_file(**changes)


def test_a_passkey_names_its_pages():
    whole = passkey(Authenticator())
    for origins in ((), (ORIGIN,) * 9):
        with pytest.raises(MalformedEvidence):
            replace(whole, passkey=replace(whole.passkey, origins=origins))


def test_a_recovered_key_is_effective_later():
    late = key_file(how=How.RECOVERED, effective_at=AT + timedelta(hours=72))
    assert parse_registration(registration_bytes(late)).effective_at == late.effective_at


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ("another_kind", {"kind": "consent"}),
        ("another_version", {"schema_version": 2}),
        ("version_as_truth_value", {"schema_version": True}),
        ("unknown_field", {"more": 1}),
        ("unknown_type", {"type": "rsa"}),
        ("unknown_how", {"how": "found"}),
        ("origins_of_a_key_file", {"origins": [ORIGIN]}),
        ("credential_of_a_key_file", {"credential_id": "AA=="}),
        ("no_base64", {"public_key": "!"}),
        ("key_of_another_id", {"public_key": "AA=="}),
    ],
)
def test_malformed_registrations(fault, changes):
    fields = json.loads(registration_bytes(key_file()))
    data = json.dumps({**fields, **changes}, separators=(",", ":"), sort_keys=True).encode()
    with pytest.raises(ConsentError):
        parse_registration(data)


@pytest.mark.parametrize("missing", sorted(json.loads(registration_bytes(key_file()))))
def test_a_missing_field(missing):
    fields = json.loads(registration_bytes(key_file()))
    del fields[missing]
    with pytest.raises(EvidenceError):
        parse_registration(json.dumps(fields, separators=(",", ":"), sort_keys=True).encode())


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"\xff", b"{", b"x" * 20_000])
def test_bytes_that_are_no_registration(data):
    with pytest.raises(MalformedEvidence):
        parse_registration(data)
