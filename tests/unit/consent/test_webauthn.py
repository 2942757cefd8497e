from __future__ import annotations

import base64
import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from webauthn import verify_authentication_response
from webauthn.helpers import encode_cbor

from consent.cose import check_cose_key
from consent.documents import parse
from consent.errors import (
    BadSignature,
    EvidenceError,
    FramedPage,
    MalformedEvidence,
    UnsafeKey,
    UnsupportedKey,
    UserNotPresent,
    UserNotVerified,
    WrongCeremony,
    WrongChallenge,
    WrongOrigin,
    WrongRelyingParty,
)
from consent.evidence import (
    RegisteredKey,
    evidence_from_json,
    evidence_to_json,
    passkey_challenge,
    verify_evidence,
)
from consent.vocabulary import EvidenceType
from consent.webauthn import (
    Assertion,
    RelyingParty,
    base64url,
    challenge_in,
    verify_assertion,
    verify_attestation,
)
from tests.passkey import ATTESTED, ORIGIN, RP_ID, Authenticator, Faults, unbase64url

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "consent" / "webauthn"
PARTY = RelyingParty(rp_id=RP_ID, origins=(ORIGIN,))
CHALLENGE = bytes(range(32))


def rows(name: str) -> list[dict[str, Any]]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def keys_of(row: dict[str, Any]) -> dict[str, RegisteredKey]:
    return {
        key["key_id"]: RegisteredKey(
            key_id=key["key_id"],
            type=EvidenceType(key["type"]),
            public_key=base64.b64decode(key["public_key"]),
            rp_id=key["rp_id"],
            origins=tuple(key["origins"]),
            credential_id=unbase64url(key["credential_id"]),
        )
        for key in row["registered"]
    }


def verify(row: dict[str, Any]):
    evidence = evidence_from_json(row["evidence"].encode())
    return verify_evidence(row["document"].encode(), evidence, registered_keys=keys_of(row))


# -- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("accepted.json"), ids=lambda row: row["name"])
def test_accepted_vectors(row):
    verified = verify(row)
    assert verified.type is EvidenceType.WEBAUTHN
    assert verified.document == parse(row["document"].encode())


@pytest.mark.parametrize("row", rows("refused.json"), ids=lambda row: row["fault"])
def test_refused_vectors_by_their_code(row):
    with pytest.raises(EvidenceError) as caught:
        verify(row)
    assert caught.value.code == row["code"]


def test_vectors_are_what_their_generator_makes():
    spec = importlib.util.spec_from_file_location("passkey_vectors", VECTORS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in module.files().items():
        assert (VECTORS / name).read_text(encoding="utf-8") == text, name


def test_evidence_survives_json():
    for row in rows("accepted.json"):
        evidence = evidence_from_json(row["evidence"].encode())
        assert evidence_to_json(evidence).decode() == row["evidence"]


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ("a_public_key_as_well", {"public_key": "AA=="}),
        ("no_credential", {"credential_id": ""}),
        ("credential_too_long", {"credential_id": base64.b64encode(bytes(1024)).decode()}),
        ("client_data_too_long", {"client_data_json": base64.b64encode(bytes(2049)).decode()}),
        ("data_too_short", {"authenticator_data": base64.b64encode(bytes(36)).decode()}),
        ("signature_too_long", {"signature": base64.b64encode(bytes(513)).decode()}),
        ("url_alphabet", {"signature": "_w=="}),
        ("other_spelling", {"signature": "AB=="}),
        ("no_padding", {"signature": "AA"}),
        ("a_number", {"signature": 5}),
    ],
)
def test_malformed_evidence(fault, changes):
    fields = json.loads(rows("accepted.json")[0]["evidence"])
    with pytest.raises(MalformedEvidence):
        evidence_from_json(json.dumps({**fields, **changes}).encode())


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_each_algorithm(algorithm):
    row = rows("accepted.json")[0]
    key = Authenticator(algorithm=algorithm)
    data = row["document"].encode()
    keys = {key.key_id: key.registered()}
    evidence = key.sign(data)
    assert verify_evidence(data, evidence, registered_keys=keys).key_id == key.key_id
    for at in (0, len(evidence.signature) // 2, len(evidence.signature) - 1):
        wrong = bytearray(evidence.signature)
        wrong[at] ^= 0x10
        with pytest.raises(BadSignature):
            verify_evidence(data, replace(evidence, signature=bytes(wrong)), registered_keys=keys)


def test_an_old_assertion_still_verifies_whatever_the_counter_says_today():
    key = Authenticator(count=7)
    data = rows("accepted.json")[0]["document"].encode()
    evidence = key.sign(data)
    key.count = 3
    newer = key.sign(data)
    keys = {key.key_id: key.registered()}
    assert verify_evidence(data, evidence, registered_keys=keys)
    assert verify_evidence(data, newer, registered_keys=keys)


# -- why the checks beside the library's are ours -------------------------------------------------


def by_library(key: Authenticator, faults: Faults, **options: Any):
    client, data, signature = key.answer(CHALLENGE, faults)
    return verify_authentication_response(
        credential={
            "id": base64url(key.credential_id),
            "rawId": base64url(key.credential_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(client),
                "authenticatorData": base64url(data),
                "signature": base64url(signature),
            },
        },
        expected_challenge=CHALLENGE,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        credential_public_key=key.cose,
        credential_current_sign_count=0,
        **options,
    )


def test_the_library_alone_lets_these_pass():
    key = Authenticator()
    framed = Faults(members={"crossOrigin": True, "topOrigin": "https://evil.example"})
    assert by_library(key, framed, require_user_verification=True)
    assert by_library(key, Faults(verified=False))
    twice = json.loads(key.answer(CHALLENGE)[0])
    text = json.dumps(twice)[:-1] + f', "crossOrigin": true, "origin": "{ORIGIN}"}}'
    assert by_library(key, Faults(client_data_json=text.encode()), require_user_verification=True)


def test_small_rsa_is_refused():
    key = Authenticator(algorithm="RS256")
    key.private = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is to be refused
    assert by_library(key, Faults(), require_user_verification=True)
    client, data, signature = key.answer(CHALLENGE)
    answer = Assertion(
        credential_id=key.credential_id,
        client_data_json=client,
        authenticator_data=data,
        signature=signature,
    )
    with pytest.raises(UnsafeKey):
        verify_assertion(answer, challenge=CHALLENGE, party=PARTY, public_key=key.cose)


# -- keys -----------------------------------------------------------------------------------------

EC, OKP = Authenticator("one"), Authenticator("two", algorithm="EdDSA")


def ec_key(**changes: Any) -> bytes:
    members = {1: 2, 3: -7, -1: 1, -2: EC.cose[10:42], -3: EC.cose[45:77]}
    return encode_cbor({**members, **{int(k[1:].replace("m", "-")): v for k, v in changes.items()}})


@pytest.mark.parametrize(
    ("fault", "key", "error"),
    [
        ("nothing", b"", UnsafeKey),
        ("no_cbor", b"\xff", UnsafeKey),
        ("no_map", encode_cbor([1, 2]), UnsafeKey),
        ("too_large", encode_cbor({1: 2, 3: -7, 9: bytes(600)}), UnsafeKey),
        ("another_member", ec_key(_9=1), UnsafeKey),
        ("another_curve", ec_key(_m1=2), UnsafeKey),
        ("off_the_curve", ec_key(_m2=bytes(32)), UnsafeKey),
        ("short_coordinate", ec_key(_m2=bytes(31)), UnsafeKey),
        ("coordinate_no_bytes", ec_key(_m2="x" * 32), UnsafeKey),
        ("bytes_after_it", EC.cose + b"\0", UnsafeKey),
        (
            "kind_as_truth_value",
            encode_cbor({1: True, 3: -8, -1: 6, -2: bytes(32)}),
            UnsupportedKey,
        ),
        ("es384", ec_key(_3=-35), UnsupportedKey),
        ("ps256", encode_cbor({1: 3, 3: -37, -1: bytes(256), -2: b"\1\0\1"}), UnsupportedKey),
        ("rs1", encode_cbor({1: 3, 3: -65535, -1: bytes(256), -2: b"\1\0\1"}), UnsupportedKey),
        ("rs256_on_p256", ec_key(_3=-257), UnsupportedKey),
        ("point_of_small_order", encode_cbor({1: 1, 3: -8, -1: 6, -2: bytes(32)}), UnsafeKey),
        ("ed448", encode_cbor({1: 1, 3: -8, -1: 7, -2: OKP.cose[-32:]}), UnsafeKey),
        ("rsa_1024", encode_cbor({1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\1\0\1"}), UnsafeKey),
        ("rsa_even", encode_cbor({1: 3, 3: -257, -1: b"\xfe" * 256, -2: b"\1\0\1"}), UnsafeKey),
        ("rsa_exponent_3", encode_cbor({1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\3"}), UnsafeKey),
        (
            "rsa_padded",
            encode_cbor({1: 3, 3: -257, -1: b"\0" + b"\xff" * 256, -2: b"\1\0\1"}),
            UnsafeKey,
        ),
        ("u2f_form", b"\x04" + EC.cose[10:42] + EC.cose[45:77], UnsafeKey),
    ],
)
def test_keys_that_are_not_taken(fault, key, error):
    with pytest.raises(error):
        check_cose_key(key)


def test_keys_that_are_taken():
    assert ec_key() == EC.cose
    for key in (EC, OKP, Authenticator(algorithm="RS256")):
        check_cose_key(key.cose)


def test_a_key_has_one_order_of_members():
    with pytest.raises(UnsafeKey):
        check_cose_key(encode_cbor({3: -8, 1: 1, -1: 6, -2: OKP.cose[-32:]}))


# -- registration ---------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_key_is_made(algorithm):
    key = Authenticator(algorithm=algorithm, count=4)
    made = verify_attestation(key.attest(CHALLENGE), challenge=CHALLENGE, party=PARTY)
    assert (made.public_key, made.sign_count) == (key.cose, 4)


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(verified=False), UserNotVerified),
        (Faults(present=False), UserNotPresent),
        (Faults(origin="https://evil.example"), WrongOrigin),
        (Faults(rp_id="evil.example"), WrongRelyingParty),
        (Faults(type="webauthn.get"), WrongCeremony),
        (Faults(challenge=bytes(32)), WrongChallenge),
        (Faults(members={"crossOrigin": True}), FramedPage),
        (Faults(members={"topOrigin": ORIGIN}), FramedPage),
        (Faults(flags=ATTESTED), MalformedEvidence),
        (Faults(extra=b"\0"), MalformedEvidence),
    ],
)
def test_registrations_that_are_refused(faults, error):
    with pytest.raises(error):
        verify_attestation(
            Authenticator().attest(CHALLENGE, faults), challenge=CHALLENGE, party=PARTY
        )


def test_another_credential_id_than_the_attested_one():
    made = replace(Authenticator().attest(CHALLENGE), credential_id=b"another")
    with pytest.raises(MalformedEvidence):
        verify_attestation(made, challenge=CHALLENGE, party=PARTY)


@pytest.mark.parametrize("form", ["packed-x5c", "tpm", "android-key", "fido-u2f", "apple", 5])
def test_attestation_of_makers_is_not_taken(form):
    from webauthn.helpers import parse_cbor

    made = Authenticator().attest(CHALLENGE)
    whole = parse_cbor(made.attestation_object)
    whole["fmt"] = "packed" if form == "packed-x5c" else form
    if form == "packed-x5c":
        whole["attStmt"] = {"alg": -7, "sig": b"s", "x5c": [b"c"]}
    with pytest.raises(MalformedEvidence):
        verify_attestation(
            replace(made, attestation_object=encode_cbor(whole)), challenge=CHALLENGE, party=PARTY
        )


def test_an_unsound_key_is_not_registered():
    weak = encode_cbor({1: 1, 3: -8, -1: 6, -2: bytes(32)})
    with pytest.raises(UnsafeKey):
        verify_attestation(
            Authenticator().attest(CHALLENGE, cose=weak), challenge=CHALLENGE, party=PARTY
        )


def test_the_challenge_can_be_looked_up():
    client, _, _ = Authenticator().answer(CHALLENGE)
    assert challenge_in(client) == CHALLENGE
    assert len(passkey_challenge(b"{}")) == 32


# -- whatever a stranger sends --------------------------------------------------------------------

HONEST = EC.attest(CHALLENGE)


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, len(HONEST.attestation_object) - 1),
    cut=st.booleans(),
    put=st.binary(max_size=40),
)
def test_bent_attestations_are_refused_by_name_or_mean_the_same(at, cut, put):
    whole = HONEST.attestation_object
    bent = whole[:at] + put + (b"" if cut else whole[at + len(put) :])
    try:
        made = verify_attestation(
            replace(HONEST, attestation_object=bent), challenge=CHALLENGE, party=PARTY
        )
    except EvidenceError:
        return
    check_cose_key(made.public_key)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(min_size=1, max_size=1200), client=st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(data, client):
    answer = Assertion(
        credential_id=b"c", client_data_json=client, authenticator_data=data, signature=b"s"
    )
    honest = replace(answer, client_data_json=EC.answer(CHALLENGE)[0])
    for each in (answer, honest):
        with pytest.raises(EvidenceError):
            verify_assertion(each, challenge=CHALLENGE, party=PARTY, public_key=EC.cose)


def test_deep_nesting_is_refused():
    deep = b"\x81" * 4000 + b"\0"
    with pytest.raises(MalformedEvidence):
        verify_attestation(
            replace(HONEST, attestation_object=deep), challenge=CHALLENGE, party=PARTY
        )
    nested = ("[" * 1000 + "]" * 1000).encode()
    with pytest.raises(MalformedEvidence):
        verify_attestation(
            replace(HONEST, client_data_json=nested), challenge=CHALLENGE, party=PARTY
        )
