"""A software authenticator: what a passkey does, and every fault that one may have.

It makes keys (ES256, EdDSA, RS256), answers `navigator.credentials.create` and `.get` as a browser
would hand the answers on, and lets a test bend one thing at a time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from consent.evidence import Evidence, RegisteredKey, key_id, passkey_challenge
from consent.vocabulary import EvidenceType
from consent.webauthn import Attestation, base64url

RP_ID = "localhost"
ORIGIN = "http://localhost:8000"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

PRESENT, VERIFIED, BACKUP_ELIGIBLE, ATTESTED = 0x01, 0x04, 0x08, 0x40

_Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Faults:
    """How an answer differs from an honest one; by default it does not."""

    verified: bool = True
    present: bool = True
    origin: str | None = None
    rp_id: str | None = None
    type: str | None = None
    challenge: bytes | None = None
    members: dict[str, Any] = field(default_factory=dict)
    """More members of the client data, or other values; None takes one away."""
    client_data_json: bytes | None = None
    flags: int = 0
    """Bits that are flipped at the end."""
    extra: bytes = b""
    """Bytes after the authenticator data."""


HONEST = Faults()


class Authenticator:
    """One passkey of one person."""

    def __init__(
        self,
        name: str = "",
        *,
        algorithm: str = "ES256",
        rp_id: str = RP_ID,
        origin: str = ORIGIN,
        count: int = 0,
    ) -> None:
        seed = hashlib.sha256(b"passkey " + name.encode()).digest() if name else None
        self.private = _private(algorithm, seed)
        self.rp_id, self.origin, self.count = rp_id, origin, count
        self.credential_id = hashlib.sha256(b"id " + self.cose).digest()[:16]
        self.user_handle = b""

    @property
    def cose(self) -> bytes:
        """The public key."""
        return encode_cbor(_cose(self.private))

    @property
    def key_id(self) -> str:
        return key_id(self.cose)

    def registered(self) -> RegisteredKey:
        """As it stands once registered."""
        return RegisteredKey(
            key_id=key_id(self.cose),
            type=EvidenceType.WEBAUTHN,
            public_key=self.cose,
            rp_id=self.rp_id,
            origins=(self.origin,),
            credential_id=self.credential_id,
        )

    def attest(
        self, challenge: bytes, faults: Faults = HONEST, *, cose: bytes | None = None
    ) -> Attestation:
        """Answer `navigator.credentials.create`, attestation ``none``."""
        client = self._client("webauthn.create", challenge, faults)
        key = self.cose if cose is None else cose
        made = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + key
        data = self._authenticator_data(replace(faults, flags=faults.flags ^ ATTESTED), made)
        return Attestation(
            credential_id=self.credential_id,
            client_data_json=client,
            attestation_object=encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def create(self, options: dict[str, Any], faults: Faults = HONEST) -> dict[str, Any]:
        """The same as a browser hands it on: `RegistrationResponseJSON`."""
        self.user_handle = unbase64url(options["user"]["id"])
        made = self.attest(unbase64url(options["challenge"]), faults)
        return {
            "id": base64url(self.credential_id),
            "rawId": base64url(self.credential_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(made.client_data_json),
                "attestationObject": base64url(made.attestation_object),
            },
            "clientExtensionResults": {},
        }

    def answer(self, challenge: bytes, faults: Faults = HONEST) -> tuple[bytes, bytes, bytes]:
        """Answer `navigator.credentials.get`: client data, authenticator data, signature."""
        client = self._client("webauthn.get", challenge, faults)
        data = self._authenticator_data(faults)
        return client, data, self._sign(data + hashlib.sha256(client).digest())

    def get(self, options: dict[str, Any], faults: Faults = HONEST) -> dict[str, Any]:
        """The same as a browser hands it on: `AuthenticationResponseJSON`."""
        client, data, signature = self.answer(unbase64url(options["challenge"]), faults)
        return {
            "id": base64url(self.credential_id),
            "rawId": base64url(self.credential_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(client),
                "authenticatorData": base64url(data),
                "signature": base64url(signature),
                "userHandle": base64url(self.user_handle),
            },
            "clientExtensionResults": {},
        }

    def sign(self, canonical: bytes, faults: Faults = HONEST) -> Evidence:
        """Sign a document."""
        client, data, signature = self.answer(passkey_challenge(canonical), faults)
        return Evidence(
            type=EvidenceType.WEBAUTHN,
            key_id=key_id(self.cose),
            signature=signature,
            credential_id=self.credential_id,
            client_data_json=client,
            authenticator_data=data,
        )

    def _client(self, kind: str, challenge: bytes, faults: Faults) -> bytes:
        if faults.client_data_json is not None:
            return faults.client_data_json
        members = {
            "type": faults.type or kind,
            "challenge": base64url(faults.challenge or challenge),
            "origin": faults.origin or self.origin,
            "crossOrigin": False,
            **faults.members,
        }
        kept = {name: value for name, value in members.items() if value is not None}
        return json.dumps(kept, separators=(",", ":")).encode()

    def _authenticator_data(self, faults: Faults, made: bytes = b"") -> bytes:
        flags = (PRESENT if faults.present else 0) | (VERIFIED if faults.verified else 0)
        party = hashlib.sha256((faults.rp_id or self.rp_id).encode()).digest()
        head = party + bytes([flags ^ faults.flags]) + self.count.to_bytes(4, "big")
        return head + made + faults.extra

    def _sign(self, message: bytes) -> bytes:
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        return self.private.sign(message, padding.PKCS1v15(), SHA256())


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _private(algorithm: str, seed: bytes | None) -> _Private:
    if algorithm == "EdDSA":
        if seed is None:
            return ed25519.Ed25519PrivateKey.generate()
        return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    if algorithm == "RS256":
        return rsa.generate_private_key(65537, 2048)
    if seed is None:
        return ec.generate_private_key(ec.SECP256R1())
    return ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, ec.SECP256R1())


def _cose(private: _Private) -> dict[int, object]:
    public = private.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_numbers()
        return {
            1: 2,
            3: -7,
            -1: 1,
            -2: point.x.to_bytes(32, "big"),
            -3: point.y.to_bytes(32, "big"),
        }
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
    number = public.public_numbers().n
    return {
        1: 3,
        3: -257,
        -1: number.to_bytes((number.bit_length() + 7) // 8, "big"),
        -2: b"\1\0\1",
    }
