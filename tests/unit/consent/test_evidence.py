from __future__ import annotations

import dataclasses
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from consent.documents import canonical
from consent.errors import (
    BadSignature,
    KeyMismatch,
    MalformedDocument,
    MalformedEvidence,
    UnknownKey,
    UnreadableKey,
    UnsafeKey,
)
from consent.evidence import (
    Evidence,
    RegisteredKey,
    check_public_key,
    evidence_from_json,
    evidence_to_json,
    key_id,
    new_ed25519_key,
    sign_ed25519,
    verify_evidence,
)
from consent.vocabulary import EvidenceType

PRIME = 2**255 - 19


def registered_as(public: bytes) -> dict[str, RegisteredKey]:
    key = RegisteredKey.ed25519(public)
    return {key.key_id: key}


@pytest.fixture
def signed(make):
    pem, public = new_ed25519_key()
    data = canonical(make.consent_document())
    return data, sign_ed25519(pem, data), registered_as(public)


def test_a_signature_of_a_registered_key_is_accepted(make, signed):
    data, evidence, registered = signed
    verified = verify_evidence(data, evidence, registered_keys=registered)
    assert verified.document == make.consent_document()
    assert verified.key_id == evidence.key_id == next(iter(registered))
    assert verified.type is EvidenceType.ED25519


def test_show_one_sign_another(make, signed):
    _, evidence, registered = signed
    other = canonical(make.consent_document(max_people=3))
    with pytest.raises(BadSignature):
        verify_evidence(other, evidence, registered_keys=registered)


def test_every_flipped_bit_of_a_signature_is_refused(signed):
    data, evidence, registered = signed
    for bit in range(512):
        wrong = bytearray(evidence.signature)
        wrong[bit // 8] ^= 1 << bit % 8
        changed = dataclasses.replace(evidence, signature=bytes(wrong))
        with pytest.raises(BadSignature):
            verify_evidence(data, changed, registered_keys=registered)


@pytest.mark.parametrize("signature", [b"", b"\0" * 63, b"\0" * 64, b"\0" * 65])
def test_a_signature_of_the_wrong_length_or_zero_is_refused(signed, signature):
    data, evidence, registered = signed
    changed = dataclasses.replace(evidence, signature=signature)
    with pytest.raises(BadSignature):
        verify_evidence(data, changed, registered_keys=registered)


def test_signature_with_the_group_order_added(signed):
    data, evidence, registered = signed
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(evidence.signature[32:], "little") + order
    changed = dataclasses.replace(
        evidence, signature=evidence.signature[:32] + s.to_bytes(32, "little")
    )
    with pytest.raises(BadSignature):
        verify_evidence(data, changed, registered_keys=registered)


def test_signature_without_the_prefix(make):
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    data = canonical(make.consent_document())
    bare = Evidence(
        type=EvidenceType.ED25519,
        key_id=key_id(public),
        public_key=public,
        signature=key.sign(data),
    )
    registered = registered_as(public)
    with pytest.raises(BadSignature):
        verify_evidence(data, bare, registered_keys=registered)
    prefixed = dataclasses.replace(bare, signature=key.sign(b"cameo-consent/v1\n" + data))
    assert verify_evidence(data, prefixed, registered_keys=registered)


def test_a_key_that_is_not_registered_is_refused(signed):
    data, evidence, _ = signed
    with pytest.raises(UnknownKey):
        verify_evidence(data, evidence, registered_keys={})


def test_another_persons_key_is_refused(signed):
    data, _, registered = signed
    stranger, _ = new_ed25519_key()
    with pytest.raises(UnknownKey):
        verify_evidence(data, sign_ed25519(stranger, data), registered_keys=registered)


def test_own_key_under_the_id_of_a_registered_one(signed):
    data, evidence, registered = signed
    stranger, _ = new_ed25519_key()
    forged = dataclasses.replace(sign_ed25519(stranger, data), key_id=evidence.key_id)
    with pytest.raises(KeyMismatch):
        verify_evidence(data, forged, registered_keys=registered)


def test_registry_that_files_a_key_under_another_id(signed):
    data, evidence, _ = signed
    wrong_id = key_id(b"x" * 32)
    key = dataclasses.replace(RegisteredKey.ed25519(evidence.public_key), key_id=wrong_id)
    forged = dataclasses.replace(evidence, key_id=wrong_id)
    with pytest.raises(KeyMismatch):
        verify_evidence(data, forged, registered_keys={wrong_id: key})


def test_a_key_file_cannot_pose_as_a_passkey(signed):
    data, evidence, registered = signed
    with pytest.raises(KeyMismatch):
        verify_evidence(
            data,
            dataclasses.replace(evidence, type=EvidenceType.WEBAUTHN),
            registered_keys=registered,
        )
    key = next(iter(registered.values()))
    posing = dataclasses.replace(key, type=EvidenceType.WEBAUTHN)
    with pytest.raises(KeyMismatch):
        verify_evidence(data, evidence, registered_keys={key.key_id: posing})


def test_what_cannot_be_read_is_not_signed(signed):
    pem, _ = new_ed25519_key()
    with pytest.raises(MalformedDocument):
        sign_ed25519(pem, b'{"kind":"consent"}')


def _small_order_keys() -> list[bytes]:
    # The seven residues that are the y of a point of small order, each with both sign bits.
    order_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    y8 = int.from_bytes(bytes.fromhex(order_8), "little")
    values = (0, 1, y8, PRIME - y8, PRIME - 1, PRIME, PRIME + 1)
    return [(y | sign << 255).to_bytes(32, "little") for y in values for sign in (0, 1)]


@pytest.mark.parametrize("public", _small_order_keys(), ids=bytes.hex)
def test_key_of_small_order_under_which_anybody_signs(make, public):
    with pytest.raises(UnsafeKey):
        check_public_key(public)
    with pytest.raises(UnsafeKey):
        RegisteredKey.ed25519(public)
    unsafe = RegisteredKey(key_id=key_id(public), type=EvidenceType.ED25519, public_key=public)
    forged = Evidence(
        type=EvidenceType.ED25519,
        key_id=key_id(public),
        public_key=public,
        signature=b"\x01" + b"\0" * 63,
    )
    with pytest.raises(UnsafeKey):
        verify_evidence(
            canonical(make.consent_document()),
            forged,
            registered_keys={unsafe.key_id: unsafe},
        )


def test_the_library_alone_would_accept_such_a_key():
    identity = b"\x01" + b"\0" * 31
    key = Ed25519PublicKey.from_public_bytes(identity)
    # It raises nothing: this is why the check above is ours.
    key.verify(identity + b"\0" * 32, b"whatever anybody likes")


@pytest.mark.parametrize("public", [b"", b"\x02" * 31, b"\x02" * 33])
def test_key_of_the_wrong_length(public):
    with pytest.raises(UnsafeKey):
        check_public_key(public)


def test_key_files_may_be_locked_with_a_password(make):
    pem, public = new_ed25519_key(password=b"correct horse")
    data = canonical(make.consent_document())
    evidence = sign_ed25519(pem, data, password=b"correct horse")
    assert evidence.public_key == public
    for password in (None, b"wrong"):
        with pytest.raises(UnreadableKey):
            sign_ed25519(pem, data, password=password)


def test_key_files_of_another_kind_are_refused(make):
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    data = canonical(make.consent_document())
    for file in (pem, b"no key at all", b""):
        with pytest.raises(UnreadableKey):
            sign_ed25519(file, data)


def test_evidence_survives_json(signed):
    _, evidence, _ = signed
    text = evidence_to_json(evidence)
    assert evidence_from_json(text) == evidence
    assert evidence_from_json(json.dumps(json.loads(text), indent=2).encode()) == evidence


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ("unknown_type", {"type": "rsa"}),
        ("key_id_of_another_form", {"key_id": "key_XYZ"}),
        ("unknown_field", {"more": "x"}),
        ("signature_not_base64", {"signature": "!" * 88}),
        ("signature_too_short", {"signature": "AA=="}),
        ("public_key_number", {"public_key": 5}),
        ("public_key_url_alphabet", {"public_key": "_" * 43 + "="}),
        ("public_key_other_spelling", {"public_key": "A" * 42 + "B="}),
        ("too_large", {"more": "x" * 5000}),
    ],
)
def test_malformed_evidence_is_refused(signed, fault, changes):
    fields = json.loads(evidence_to_json(signed[1]))
    with pytest.raises(MalformedEvidence):
        evidence_from_json(json.dumps({**fields, **changes}).encode())


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"\xff", b"{", b'{"type":"ed25519"}'])
def test_text_that_is_no_evidence_is_refused(text):
    with pytest.raises(MalformedEvidence):
        evidence_from_json(text)
