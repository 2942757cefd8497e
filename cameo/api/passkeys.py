"""Keys and passkeys over the wire: WebAuthn's own JSON forms (Level 3, section 5.1), and ours."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cameo.api.schemas import unbase64
from cameo.flows.errors import InvalidRequestError
from cameo.flows.keyring import CreationOptions, PreparedKey
from cameo.flows.keys import KeyView
from cameo.flows.registering import NewKey
from cameo.flows.sessions import RequestOptions
from consent.webauthn import Assertion, Attestation, base64url

_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")
_TIMEOUT_MS: Final = 300_000
Octets = Annotated[str, StringConstraints(max_length=6000)]
Label = Annotated[str, StringConstraints(max_length=60)]


class _FromBrowser(BaseModel):
    # Browsers add members that are of no use here: transports, extension results and so on.
    model_config = ConfigDict(extra="ignore")


class AttestationResponseIn(_FromBrowser):
    """`AuthenticatorAttestationResponseJSON`."""

    clientDataJSON: Octets  # noqa: N815 - the standard's name
    attestationObject: Octets  # noqa: N815


class RegistrationIn(_FromBrowser):
    """`RegistrationResponseJSON`: what `navigator.credentials.create` gave."""

    id: Octets
    type: Literal["public-key"]
    response: AttestationResponseIn

    def attestation(self) -> Attestation:
        """As the flow takes it.

        Raises:
            InvalidRequestError: a value is not base64url.
        """
        return Attestation(
            credential_id=unbase64url(self.id),
            client_data_json=unbase64url(self.response.clientDataJSON),
            attestation_object=unbase64url(self.response.attestationObject),
        )


class AssertionResponseIn(_FromBrowser):
    """`AuthenticatorAssertionResponseJSON`."""

    clientDataJSON: Octets  # noqa: N815
    authenticatorData: Octets  # noqa: N815
    signature: Octets
    userHandle: Octets = ""  # noqa: N815


class AuthenticationIn(_FromBrowser):
    """`AuthenticationResponseJSON`: what `navigator.credentials.get` gave."""

    id: Octets
    type: Literal["public-key"]
    response: AssertionResponseIn

    def assertion(self) -> Assertion:
        """As the flow takes it.

        Raises:
            InvalidRequestError: a value is not base64url.
        """
        return Assertion(
            credential_id=unbase64url(self.id),
            client_data_json=unbase64url(self.response.clientDataJSON),
            authenticator_data=unbase64url(self.response.authenticatorData),
            signature=unbase64url(self.response.signature),
        )


class KeyFileIn(BaseModel):
    """The public half of a key file that the person holds."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["ed25519"]
    public_key: Annotated[str, Field(description="32 bytes, base64", max_length=64)]
    label: Label = ""

    def new_key(self) -> NewKey:
        """As the flow takes it."""
        return NewKey(public_key=unbase64(self.public_key), label=self.label)


class PasskeyIn(BaseModel):
    """A passkey, as the browser answered."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["webauthn"]
    credential: RegistrationIn
    label: Label = ""

    def new_key(self) -> NewKey:
        """As the flow takes it."""
        return NewKey(attestation=self.credential.attestation(), label=self.label)


KeyIn = Annotated[KeyFileIn | PasskeyIn, Field(discriminator="type")]


class PrepareKeyIn(BaseModel):
    """A further key, for which an older one is to sign."""

    model_config = ConfigDict(extra="forbid")
    key: KeyIn
    language: Literal["en", "ja"] = "en"


class KeyOut(BaseModel):
    """A registered key."""

    id: str
    type: str
    label: str
    how: str = Field(description="first, added, recovered")
    status: str = Field(description="active, waiting, needs_enrolment, revoked")
    registered_at: datetime
    effective_at: datetime
    revoked_at: datetime | None
    registration_sha256: str
    rp_id: str | None
    credential_id: str | None = Field(description="base64url")

    @classmethod
    def of(cls, view: KeyView) -> Self:
        """From the flow's value."""
        key = view.record
        return cls(
            id=key.id,
            type=key.evidence_type,
            label=key.label,
            how=key.how,
            status=view.status,
            registered_at=key.registered_at,
            effective_at=key.effective_at,
            revoked_at=key.revoked_at,
            registration_sha256=hashlib.sha256(key.registration).hexdigest(),
            rp_id=key.rp_id,
            credential_id=None if key.credential_id is None else base64url(key.credential_id),
        )


class PreparedKeyOut(BaseModel):
    """A registration, and the document by which an older key lets it sign."""

    registration: str = Field(description="canonical JSON (RFC 8785), base64")
    document: str = Field(description="canonical JSON (RFC 8785), base64")
    text_en: str
    text_ja: str

    @classmethod
    def of(cls, prepared: PreparedKey) -> Self:
        """From the flow's value."""
        return cls(
            registration=base64.b64encode(prepared.registration).decode(),
            document=base64.b64encode(prepared.agreement.document).decode(),
            text_en=prepared.agreement.text_en,
            text_ja=prepared.agreement.text_ja,
        )


def creation_json(options: CreationOptions) -> dict[str, Any]:
    """`PublicKeyCredentialCreationOptionsJSON`: a discoverable key, with its user verified."""
    return {
        "challenge": base64url(options.challenge),
        "rp": {"id": options.rp_id, "name": options.rp_name},
        "user": {
            "id": base64url(options.user_id),
            "name": options.user_name,
            "displayName": options.user_display_name,
        },
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in options.algorithms],
        "timeout": _TIMEOUT_MS,
        "excludeCredentials": [
            {"type": "public-key", "id": base64url(held)} for held in options.exclude
        ],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def request_json(options: RequestOptions) -> dict[str, Any]:
    """`PublicKeyCredentialRequestOptionsJSON`: any passkey for us, with its user verified."""
    return {
        "challenge": base64url(options.challenge),
        "rpId": options.rp_id,
        "timeout": _TIMEOUT_MS,
        "allowCredentials": [],
        "userVerification": "required",
    }


def unbase64url(text: str) -> bytes:
    """Strict base64url without padding (RFC 4648, section 5).

    Raises:
        InvalidRequestError: it is none.
    """
    if _BASE64URL.fullmatch(text) is None or len(text) % 4 == 1:
        raise InvalidRequestError("a value is not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(data) != text:
        raise InvalidRequestError("a value is not base64url")
    return data
