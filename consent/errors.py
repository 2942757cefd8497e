"""What may go wrong with a consent document or its evidence: one root, one stable code each."""

from __future__ import annotations

from typing import ClassVar


class ConsentError(Exception):
    """Something is wrong with a consent."""

    code: ClassVar[str] = "consent.error"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        """What exactly was wrong, for the log and the developer; never holds personal data."""
        text = (type(self).__doc__ or "").strip()
        super().__init__(f"{text} ({detail})" if detail else text)


class MalformedDocument(ConsentError):
    """The document is not one that this version can read without doubt."""

    code: ClassVar[str] = "consent.malformed_document"


class DocumentTooLarge(MalformedDocument):
    """The document is larger than 32 kB."""

    code: ClassVar[str] = "consent.document_too_large"


class NotCanonical(MalformedDocument):
    """The bytes are not the one canonical form (RFC 8785) of what they say."""

    code: ClassVar[str] = "consent.not_canonical"


class EvidenceError(ConsentError):
    """The evidence does not show that the person signed this document."""

    code: ClassVar[str] = "consent.evidence"


class MalformedEvidence(EvidenceError):
    """The evidence cannot be read without doubt."""

    code: ClassVar[str] = "consent.malformed_evidence"


class BadSignature(EvidenceError):
    """The signature is not this key's signature over this document."""

    code: ClassVar[str] = "consent.bad_signature"


class UnknownKey(EvidenceError):
    """The key that signed is not registered for this person."""

    code: ClassVar[str] = "consent.unknown_key"


class KeyMismatch(EvidenceError):
    """The evidence carries another public key than the one registered under its key id."""

    code: ClassVar[str] = "consent.key_mismatch"


class UnsafeKey(EvidenceError):
    """The public key is not sound: anybody, or too many, could make signatures under it."""

    code: ClassVar[str] = "consent.unsafe_key"


class UnsupportedKey(EvidenceError):
    """The public key is of a kind that is not taken: passkeys sign with ES256, EdDSA or RS256."""

    code: ClassVar[str] = "consent.unsupported_key"


class UnreadableKey(EvidenceError):
    """The key file is not an Ed25519 private key that can be opened."""

    code: ClassVar[str] = "consent.unreadable_key"


class WrongChallenge(EvidenceError):
    """The passkey signed something else: another document, or another request."""

    code: ClassVar[str] = "consent.wrong_challenge"


class WrongCeremony(EvidenceError):
    """The passkey was asked to do something else: registering is not signing."""

    code: ClassVar[str] = "consent.wrong_ceremony"


class WrongOrigin(EvidenceError):
    """The passkey signed on a page of another origin than those it was registered for."""

    code: ClassVar[str] = "consent.wrong_origin"


class FramedPage(EvidenceError):
    """The passkey signed on a page inside a frame of another site, where texts can be covered."""

    code: ClassVar[str] = "consent.cross_origin"


class WrongRelyingParty(EvidenceError):
    """The passkey signed for another service."""

    code: ClassVar[str] = "consent.wrong_rp_id"


class UserNotPresent(EvidenceError):
    """The passkey signed while nobody touched it."""

    code: ClassVar[str] = "consent.user_not_present"


class UserNotVerified(EvidenceError):
    """The passkey did not check who used it (PIN, finger, face); set up a screen lock for it."""

    code: ClassVar[str] = "consent.user_not_verified"
