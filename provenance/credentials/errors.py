"""What signing and reading credentials can raise; each docstring is the message's first half."""

from __future__ import annotations

from typing import ClassVar

from provenance.errors import ProvenanceError


class CredentialError(ProvenanceError):
    """The credential could not be handled."""

    code: ClassVar[str] = "credentials.error"


class BadAuthority(CredentialError):
    """The certificates or keys do not form a usable signing chain."""

    code: ClassVar[str] = "credentials.bad_authority"


class BadClaim(CredentialError):
    """The claim holds a value that must not be signed."""

    code: ClassVar[str] = "credentials.bad_claim"


class SigningFailed(CredentialError):
    """The file was not signed; nothing was left behind."""

    code: ClassVar[str] = "credentials.signing_failed"


class BadTrustSettings(CredentialError):
    """The trust settings are not usable."""

    code: ClassVar[str] = "credentials.bad_trust"


class SelfTestFailed(CredentialError):
    """The credential library does not judge as it must; no verdict of it may be used."""

    code: ClassVar[str] = "credentials.self_test_failed"
