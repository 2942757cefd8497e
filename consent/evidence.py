"""How it is shown that a person signed a document.

    pem, public = new_ed25519_key()                    # on the person's own device
    evidence = sign_ed25519(pem, canonical_bytes)      # on the person's own device
    verified = verify_evidence(canonical_bytes, evidence, registered_keys={key_id(public): public})

The service calls `verify_evidence` only. Nothing that runs in the service may hold a key that
`sign_ed25519` takes: whoever holds it can consent in the person's place.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
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
from consent.errors import (
    BadSignature,
    KeyMismatch,
    MalformedEvidence,
    UnknownKey,
    UnreadableKey,
    UnsafeKey,
    UnsupportedEvidence,
)
from consent.forms import Document
from consent.ids import KeyId, Sha256Hex
from consent.reading import Fields, to_canonical
from consent.vocabulary import EvidenceType

PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
MAX_EVIDENCE_BYTES: Final = 4096

_KEY_ID: Final = re.compile(r"key_[0-9a-f]{32}")

# Points of small order, with the sign bit cleared. Under such a key a signature can be made that
# fits every message, so a "person" registered with it would have signed whatever anybody likes.
# OpenSSL accepts them; we do not. The last three are the field prime p less one, p, and p plus one.
_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A signature and the key it was made with, as they travel and are kept."""

    type: EvidenceType
    key_id: KeyId
    public_key: bytes
    """The raw public key, 32 bytes for Ed25519."""
    signature: bytes
    """64 bytes for Ed25519."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedEvidence:
    """What was shown: this key signed this document."""

    type: EvidenceType
    key_id: KeyId
    document: Document
    document_sha256: Sha256Hex


def key_id(public_key: bytes) -> KeyId:
    """The id of a raw public key: ``key_`` and the first 32 hex digits of its SHA-256."""
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
    try:
        private = load_pem_private_key(private_key_pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise UnreadableKey from cause
    if not isinstance(private, Ed25519PrivateKey):
        raise UnreadableKey("another kind of key")
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Evidence(
        type=EvidenceType.ED25519,
        key_id=key_id(public),
        public_key=public,
        signature=private.sign(signing_input(canonical)),
    )


def check_public_key(public_key: bytes) -> KeyId:
    """Check a raw Ed25519 public key before it is registered for a person.

    Returns:
        Its id.

    Raises:
        UnsafeKey: If it is no key, or one under which anybody can make signatures.
    """
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise UnsafeKey("wrong length")
    if public_key[:-1] + bytes([public_key[-1] & 0x7F]) in _SMALL_ORDER:
        raise UnsafeKey("a point of small order")
    return key_id(public_key)


def verify_evidence(
    canonical: bytes, evidence: Evidence, *, registered_keys: Mapping[KeyId, bytes]
) -> VerifiedEvidence:
    """Check that one of a person's registered keys signed a document.

    Args:
        canonical: The canonical bytes of the document as they were signed.
        evidence: What came with them.
        registered_keys: The raw public keys registered for the document's subject and nobody else,
            by key id, as they stood when it was signed.

    Returns:
        The document that was signed, so that no other reading of the bytes is needed.

    Raises:
        UnsupportedEvidence: If the evidence is of a kind that this version cannot check.
        UnknownKey: If the key is not registered.
        KeyMismatch: If the evidence carries another key than the one registered under its id.
        UnsafeKey: If the key is one under which anybody can sign.
        BadSignature: If the signature does not fit.
        MalformedDocument: If `canonical` is no document.
    """
    if evidence.type is not EvidenceType.ED25519:
        raise UnsupportedEvidence(str(evidence.type))
    registered = registered_keys.get(evidence.key_id)
    if registered is None:
        raise UnknownKey(evidence.key_id)
    if registered != evidence.public_key or check_public_key(registered) != evidence.key_id:
        raise KeyMismatch(evidence.key_id)
    # The registered key is used, never the one that came along with the signature.
    try:
        Ed25519PublicKey.from_public_bytes(registered).verify(
            evidence.signature, signing_input(canonical)
        )
    except (InvalidSignature, ValueError) as cause:
        raise BadSignature(evidence.key_id) from cause
    return VerifiedEvidence(
        type=evidence.type,
        key_id=evidence.key_id,
        document=parse(canonical),
        document_sha256=digest(canonical),
    )


def evidence_to_json(evidence: Evidence) -> bytes:
    """`evidence` as canonical JSON, for keeping and for the auditor's bundle."""
    return to_canonical(
        {
            "type": str(evidence.type),
            "key_id": evidence.key_id,
            "public_key": _base64(evidence.public_key),
            "signature": _base64(evidence.signature),
        },
        MalformedEvidence,
    )


def evidence_from_json(data: bytes) -> Evidence:
    """The evidence in `data`; white space and field order are free.

    Raises:
        UnsupportedEvidence: If it is of a kind whose fields are not defined in this version.
        MalformedEvidence: If it cannot be read without doubt.
    """
    if len(data) > MAX_EVIDENCE_BYTES:
        raise MalformedEvidence("too large")
    fields = Fields(data, MalformedEvidence)
    kind = fields.text("type")
    if kind == EvidenceType.WEBAUTHN:
        raise UnsupportedEvidence(kind)
    if kind != EvidenceType.ED25519:
        raise MalformedEvidence("unknown type")
    name = fields.text("key_id")
    if _KEY_ID.fullmatch(name) is None:
        raise MalformedEvidence("key_id")
    evidence = Evidence(
        type=EvidenceType.ED25519,
        key_id=KeyId(name),
        public_key=_from_base64(fields.text("public_key"), PUBLIC_KEY_BYTES),
        signature=_from_base64(fields.text("signature"), SIGNATURE_BYTES),
    )
    fields.done()
    return evidence


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_base64(text: str, length: int) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise MalformedEvidence("not base64") from cause
    # Base64 can spell the same bytes in more than one way; only ours is read.
    if len(data) != length or _base64(data) != text:
        raise MalformedEvidence("not base64 of the right length")
    return data
