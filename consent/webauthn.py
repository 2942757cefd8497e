"""Passkeys (W3C WebAuthn Level 3): was this signed by that authenticator, for us, by its user?

The library judges what the recommendation lists for every relying party. Here stands what it leaves
to its callers: the user must be verified, the page must not lie in a frame of another site, client
data must read in one way only, and a key must be of a kind and size that is worth a signature.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import (
    InvalidAuthenticationResponse,
    InvalidRegistrationResponse,
)
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    RegistrationCredential,
)

from consent.cose import check_cose_key
from consent.errors import (
    BadSignature,
    EvidenceError,
    FramedPage,
    MalformedEvidence,
    UserNotPresent,
    UserNotVerified,
    WrongCeremony,
    WrongChallenge,
    WrongOrigin,
    WrongRelyingParty,
)

_T = TypeVar("_T")

CHALLENGE_BYTES: Final = 32
MAX_CREDENTIAL_ID_BYTES: Final = 1023
"""The longest credential id that an authenticator may make (WebAuthn Level 3, section 4)."""
MAX_CLIENT_DATA_BYTES: Final = 2048
MAX_AUTHENTICATOR_DATA_BYTES: Final = 1024
MAX_ATTESTATION_BYTES: Final = 4096
MAX_SIGNATURE_BYTES: Final = 512
"""Of RSA with 4096 bits."""

ALGORITHMS: Final = (
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
"""What a passkey may sign with, the best first: ES256, EdDSA, RS256."""

_CREATE: Final = "webauthn.create"
_GET: Final = "webauthn.get"
_NAMES: Final = ("type", "challenge", "origin", "crossOrigin", "topOrigin")
_SHORTEST: Final = 37  # rpIdHash, flags, signCount: section 6.1
_FLAGS: Final = 32
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")  # 32 bytes, one spelling


@dataclass(frozen=True, kw_only=True, slots=True)
class RelyingParty:
    """For whom a passkey signs."""

    rp_id: str
    """A domain, such as ``cameo.example``."""
    origins: tuple[str, ...]
    """Origins of pages that may ask for it, exactly as browsers write them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation:
    """What an authenticator answered when it was asked to make a key."""

    credential_id: bytes
    client_data_json: bytes
    attestation_object: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Assertion:
    """What an authenticator answered when it was asked to sign."""

    credential_id: bytes
    client_data_json: bytes
    authenticator_data: bytes
    signature: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPasskey:
    """A key that was made."""

    public_key: bytes
    """COSE, checked by `check_cose_key`."""
    sign_count: int


def verify_attestation(
    attestation: Attestation, *, challenge: bytes, party: RelyingParty
) -> NewPasskey:
    """Check that an authenticator made a key for us, with its user verified.

    The maker of the authenticator is not asked for and not judged: formats other than ``none`` and
    self attestation are refused.

    Raises:
        EvidenceError: Each way to be wrong has its class.
    """
    client = _client_data(attestation.client_data_json)
    if not 0 < len(attestation.attestation_object) <= MAX_ATTESTATION_BYTES:
        raise MalformedEvidence("attestation_object: size")
    seen = _guarded(lambda: parse_attestation_object(attestation.attestation_object))
    if seen.fmt != AttestationFormat.NONE and (
        seen.fmt != AttestationFormat.PACKED or seen.att_stmt.x5c is not None
    ):
        raise MalformedEvidence("attestation: neither none nor self")
    made = seen.auth_data.attested_credential_data
    if made is None or made.credential_id != attestation.credential_id:
        raise MalformedEvidence("attestation: no key, or another credential id")
    check_cose_key(made.credential_public_key)
    try:
        verified = _guarded(
            lambda: verify_registration_response(
                credential=RegistrationCredential(
                    id=base64url(attestation.credential_id),
                    raw_id=attestation.credential_id,
                    response=AuthenticatorAttestationResponse(
                        client_data_json=attestation.client_data_json,
                        attestation_object=attestation.attestation_object,
                    ),
                ),
                expected_challenge=challenge,
                expected_rp_id=party.rp_id,
                expected_origin=list(party.origins),
                require_user_verification=True,
                supported_pub_key_algs=list(ALGORITHMS),
            )
        )
    except InvalidRegistrationResponse as cause:
        flags = (_PRESENT if seen.auth_data.flags.up else 0) | (
            _VERIFIED if seen.auth_data.flags.uv else 0
        )
        head = seen.auth_data.rp_id_hash + bytes([flags])
        _refuse(cause, client, _CREATE, challenge=challenge, party=party, head=head)
    return NewPasskey(public_key=verified.credential_public_key, sign_count=verified.sign_count)


def verify_assertion(
    assertion: Assertion, *, challenge: bytes, party: RelyingParty, public_key: bytes
) -> int:
    """Check that a registered passkey signed a challenge for us, with its user verified.

    Args:
        assertion: What the authenticator answered.
        challenge: The 32 bytes that were to be signed.
        party: Who we are; as registered with the key, not as it is set today.
        public_key: The COSE key that was registered.

    Returns:
        The signature counter. It is not judged here: an assertion that is looked at again years
        later is older than the counter's present value.

    Raises:
        EvidenceError: Each way to be wrong has its class.
    """
    client = _client_data(assertion.client_data_json)
    _check_sizes(assertion)
    check_cose_key(public_key)
    try:
        verified = _guarded(
            lambda: verify_authentication_response(
                credential=AuthenticationCredential(
                    id=base64url(assertion.credential_id),
                    raw_id=assertion.credential_id,
                    response=AuthenticatorAssertionResponse(
                        client_data_json=assertion.client_data_json,
                        authenticator_data=assertion.authenticator_data,
                        signature=assertion.signature,
                    ),
                ),
                expected_challenge=challenge,
                expected_rp_id=party.rp_id,
                expected_origin=list(party.origins),
                credential_public_key=public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        )
    except InvalidAuthenticationResponse as cause:
        head = assertion.authenticator_data[: _FLAGS + 1]
        _refuse(cause, client, _GET, challenge=challenge, party=party, head=head)
    return verified.new_sign_count


def challenge_in(client_data_json: bytes) -> bytes:
    """The challenge that client data names, so that its issuer can look it up.

    Raises:
        EvidenceError: If the client data cannot be read without doubt.
    """
    return base64.urlsafe_b64decode(_client_data(client_data_json)["challenge"] + "=")


def base64url(data: bytes) -> str:
    """Base64 with the alphabet for addresses, without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _check_sizes(assertion: Assertion) -> None:
    data = assertion.authenticator_data
    if not _SHORTEST <= len(data) <= MAX_AUTHENTICATOR_DATA_BYTES:
        raise MalformedEvidence("authenticator_data: size")
    # Section 6.1: a key comes along only when it is made. Refused, so that nothing parses one here.
    if data[_FLAGS] & _ATTESTED:
        raise MalformedEvidence("authenticator_data: a key in an assertion")
    if not 0 < len(assertion.credential_id) <= MAX_CREDENTIAL_ID_BYTES:
        raise MalformedEvidence("credential_id: size")
    if not 0 < len(assertion.signature) <= MAX_SIGNATURE_BYTES:
        raise BadSignature("size")


def _client_data(data: bytes) -> Mapping[str, Any]:
    """Client data (section 5.8.1), read in one way only.

    Members that we do not know are let be, as the recommendation demands of relying parties; but a
    member twice, or one that another reader could take for one that we know, is refused.
    """
    if len(data) > MAX_CLIENT_DATA_BYTES:
        raise MalformedEvidence("client_data_json: too large")
    try:
        client = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no)
    except (ValueError, RecursionError) as cause:
        raise MalformedEvidence("client_data_json: not JSON") from cause
    if not isinstance(client, dict):
        raise MalformedEvidence("client_data_json: not an object")
    if not all(isinstance(client.get(name), str) for name in _NAMES[:3]):
        raise MalformedEvidence("client_data_json: type, challenge or origin")
    if _CHALLENGE.fullmatch(client["challenge"]) is None:
        raise MalformedEvidence("client_data_json: challenge")
    known = {name.casefold() for name in _NAMES}
    if any(name not in _NAMES and name.casefold() in known for name in client):
        raise MalformedEvidence("client_data_json: nearly a known member")
    # `is not False`: null, 0 and the text "false" are no statement that the page was not framed.
    if client.get("crossOrigin", False) is not False or "topOrigin" in client:
        raise FramedPage
    return client


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise MalformedEvidence("client_data_json: a member twice")
    return dict(pairs)


def _no(_text: str) -> NoReturn:
    raise MalformedEvidence("client_data_json: not JSON")


def _guarded(call: Callable[[], _T]) -> _T:
    """The library's refusal passes; whatever else it meets in a stranger's bytes is malformed."""
    try:
        return call()
    except (InvalidAuthenticationResponse, InvalidRegistrationResponse):
        raise
    except Exception as cause:
        raise MalformedEvidence("the authenticator's answer") from cause


def _refuse(
    cause: Exception,
    client: Mapping[str, Any],
    kind: str,
    *,
    challenge: bytes,
    party: RelyingParty,
    head: bytes,
) -> NoReturn:
    """Say which of the library's checks failed; it tells them apart by wording alone."""
    found: tuple[tuple[bool, type[EvidenceError]], ...] = (
        (client["type"] != kind, WrongCeremony),
        (client["challenge"] != base64url(challenge), WrongChallenge),
        (client["origin"] not in party.origins, WrongOrigin),
        (head[:_FLAGS] != hashlib.sha256(party.rp_id.encode()).digest(), WrongRelyingParty),
        (not head[_FLAGS] & _PRESENT, UserNotPresent),
        (not head[_FLAGS] & _VERIFIED, UserNotVerified),
        (cause.__cause__ is not None, MalformedEvidence),  # it could not be read at all
    )
    raise next((error for failed, error in found if failed), BadSignature) from cause
