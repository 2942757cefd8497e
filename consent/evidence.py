"""How it is shown that a person signed a document.

    pem, public = new_ed25519_key()                    # on the person's own device
    evidence = sign_ed25519(pem, canonical_bytes)      # on the person's own device
    key = RegisteredKey.ed25519(public)                # as registered and logged
    verified = verify_evidence(canonical_bytes, evidence, registered_keys={key.key_id: key})

Two kinds: a key file (Ed25519 over the prefixed document) and a passkey (a WebAuthn assertion whose
challenge is the document's digest). The service calls `verify_evidence` only. Nothing that runs in
the service may hold a key that `sign_ed25519` takes: whoever holds it can consent in the person's
place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from consent.canonical import digest, parse, signing_input
from consent.ed25519 import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, check_raw_key, verify_raw
from consent.errors import (
    KeyMismatch,
    MalformedEvidence,
    UnknownKey,
    UnreadableKey,
)
from consent.forms import Document
from consent.ids import KeyId, Sha256Hex
from consent.octets import from_base64, to_base64
from consent.reading import Fields, to_canonical
from consent.vocabulary import EvidenceType
from consent.webauthn import (
    MAX_AUTHENTICATOR_DATA_BYTES,
    MAX_CLIENT_DATA_BYTES,
    MAX_CREDENTIAL_ID_BYTES,
    MAX_SIGNATURE_BYTES,
    Assertion,
    RelyingParty,
    verify_assertion,
)

MAX_EVIDENCE_BYTES: Final = 8192

_KEY_ID: Final = re.compile(r"key_[0-9a-f]{32}")

# Which byte strings each kind of evidence holds, and how long each may be.
_PARTS: Final[Mapping[EvidenceType, Mapping[str, tuple[int, int]]]] = MappingProxyType(
    {
        EvidenceType.ED25519: {
            "public_key": (PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES),
            "signature": (SIGNATURE_BYTES, SIGNATURE_BYTES),
        },
        EvidenceType.WEBAUTHN: {
            "credential_id": (1, MAX_CREDENTIAL_ID_BYTES),
            "client_data_json": (1, MAX_CLIENT_DATA_BYTES),
            "authenticator_data": (37, MAX_AUTHENTICATOR_DATA_BYTES),
            "signature": (1, MAX_SIGNATURE_BYTES),
        },
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredKey:
    """A public key as a person registered it: all that checking its signatures takes."""

    key_id: KeyId
    type: EvidenceType
    public_key: bytes
    """Raw, 32 bytes, for Ed25519; a COSE key for a passkey."""
    rp_id: str | None = None
    """For a passkey: the domain it signs for."""
    origins: tuple[str, ...] = ()
    """For a passkey: the origins whose pages may ask for it."""
    credential_id: bytes | None = None

    @classmethod
    def ed25519(cls, public_key: bytes) -> RegisteredKey:
        """The key of a key file.

        Raises:
            UnsafeKey: If it is no key, or one under which anybody can sign.
        """
        return cls(
            key_id=check_public_key(public_key), type=EvidenceType.ED25519, public_key=public_key
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A signature and the key it was made with, as they travel and are kept."""

    type: EvidenceType
    key_id: KeyId
    signature: bytes
    """64 bytes for Ed25519; as the authenticator made it for a passkey."""
    public_key: bytes = b""
    """The raw public key of a key file, 32 bytes; nothing for a passkey."""
    credential_id: bytes = b""
    """Of a passkey, as are the two below; nothing for a key file."""
    client_data_json: bytes = b""
    authenticator_data: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedEvidence:
    """What was shown: this key signed this document."""

    type: EvidenceType
    key_id: KeyId
    document: Document
    document_sha256: Sha256Hex


def key_id(public_key: bytes) -> KeyId:
    """The id of a public key: ``key_`` and the first 32 hex digits of its SHA-256."""
    return KeyId("key_" + hashlib.sha256(public_key).hexdigest()[:32])


def new_ed25519_key(password: bytes | None = None) -> tuple[bytes, bytes]:
    """Make a key for a person, on that person's own device.

    Args:
        password: Encrypts the key file where given.

    Returns:
        The private key as PKCS#8 PEM, and the raw public key (32 bytes).
    """
    private = Ed25519PrivateKey.generate()
    lock: KeySerializationEncryption = NoEncryption()
    if password is not None:
        lock = BestAvailableEncryption(password)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    return pem, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign_ed25519(
    private_key_pem: bytes, canonical: bytes, *, password: bytes | None = None
) -> Evidence:
    """Sign the canonical bytes of a document, on the person's own device.

    Raises:
        MalformedDocument: If `canonical` is no document: what cannot be read is not signed.
        UnreadableKey: If the key file is no Ed25519 key or the password does not open it.
    """
    parse(canonical)
    private = _loaded(private_key_pem, password)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Evidence(
        type=EvidenceType.ED25519,
        key_id=key_id(public),
        public_key=public,
        signature=private.sign(signing_input(canonical)),
    )


def public_half(private_key_pem: bytes, *, password: bytes | None = None) -> bytes:
    """The raw public key of a key file, on the person's own device.

    Raises:
        UnreadableKey: If the key file is no Ed25519 key or the password does not open it.
    """
    key = _loaded(private_key_pem, password).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def check_public_key(public_key: bytes) -> KeyId:
    """Check a raw Ed25519 public key before it is registered for a person.

    Returns:
        Its id.

    Raises:
        UnsafeKey: If it is no key, or one under which anybody can make signatures.
    """
    check_raw_key(public_key)
    return key_id(public_key)


def passkey_challenge(canonical: bytes) -> bytes:
    """The 32 bytes that a passkey signs for a document: the digest of the prefixed document."""
    return hashlib.sha256(signing_input(canonical)).digest()


def verify_evidence(
    canonical: bytes, evidence: Evidence, *, registered_keys: Mapping[KeyId, RegisteredKey]
) -> VerifiedEvidence:
    """Check that one of a person's registered keys signed a document.

    Args:
        canonical: The canonical bytes of the document as they were signed.
        evidence: What came with them.
        registered_keys: The keys registered for the document's subject and nobody else, by key id,
            as they stood when it was signed.

    Returns:
        The document that was signed, so that no other reading of the bytes is needed.

    Raises:
        UnknownKey: If the key is not registered, or was revoked.
        KeyMismatch: If the evidence carries another key than the one registered under its id.
        UnsafeKey: If the key is one under which anybody can sign.
        BadSignature: If the signature does not fit.
        EvidenceError: Of another class, for each further way in which a passkey's answer is wrong.
        MalformedDocument: If `canonical` is no document.
    """
    key = registered_keys.get(evidence.key_id)
    if key is None:
        raise UnknownKey(evidence.key_id)
    if key.type is not evidence.type or not key.key_id == key_id(key.public_key) == evidence.key_id:
        raise KeyMismatch(evidence.key_id)
    # The registered key is used, never the one that came along with the signature.
    if key.type is EvidenceType.ED25519:
        _verify_ed25519(canonical, evidence, key)
    else:
        _verify_passkey(canonical, evidence, key)
    return VerifiedEvidence(
        type=evidence.type,
        key_id=evidence.key_id,
        document=parse(canonical),
        document_sha256=digest(canonical),
    )


def evidence_to_json(evidence: Evidence) -> bytes:
    """`evidence` as canonical JSON, for keeping and for the auditor's bundle."""
    parts = {name: to_base64(getattr(evidence, name)) for name in _PARTS[evidence.type]}
    return to_canonical(
        {"type": str(evidence.type), "key_id": evidence.key_id, **parts}, MalformedEvidence
    )


def evidence_from_json(data: bytes) -> Evidence:
    """The evidence in `data`; white space and field order are free.

    Raises:
        MalformedEvidence: If it cannot be read without doubt.
    """
    if len(data) > MAX_EVIDENCE_BYTES:
        raise MalformedEvidence("too large")
    fields = Fields(data, MalformedEvidence)
    try:
        kind = EvidenceType(fields.text("type"))
    except ValueError as cause:
        raise MalformedEvidence("unknown type") from cause
    name = fields.text("key_id")
    if _KEY_ID.fullmatch(name) is None:
        raise MalformedEvidence("key_id")
    parts = {part: from_base64(fields.text(part), *bounds) for part, bounds in _PARTS[kind].items()}
    fields.done()
    return Evidence(type=kind, key_id=KeyId(name), **parts)


def _loaded(private_key_pem: bytes, password: bytes | None) -> Ed25519PrivateKey:
    try:
        private = load_pem_private_key(private_key_pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise UnreadableKey from cause
    if not isinstance(private, Ed25519PrivateKey):
        raise UnreadableKey("another kind of key")
    return private


def _verify_ed25519(canonical: bytes, evidence: Evidence, key: RegisteredKey) -> None:
    if key.public_key != evidence.public_key:
        raise KeyMismatch(evidence.key_id)
    check_raw_key(key.public_key)
    verify_raw(key.public_key, evidence.signature, signing_input(canonical))


def _verify_passkey(canonical: bytes, evidence: Evidence, key: RegisteredKey) -> None:
    if key.rp_id is None or key.credential_id != evidence.credential_id:
        raise KeyMismatch(evidence.key_id)
    verify_assertion(
        Assertion(
            credential_id=evidence.credential_id,
            client_data_json=evidence.client_data_json,
            authenticator_data=evidence.authenticator_data,
            signature=evidence.signature,
        ),
        challenge=passkey_challenge(canonical),
        party=RelyingParty(rp_id=key.rp_id, origins=key.origins),
        public_key=key.public_key,
    )
