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
    """The document is larger than 16 kB."""

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
    """The public key is one under which anybody can make signatures."""

    code: ClassVar[str] = "consent.unsafe_key"


class UnreadableKey(EvidenceError):
    """The key file is not an Ed25519 private key that can be opened."""

    code: ClassVar[str] = "consent.unreadable_key"


class UnsupportedEvidence(EvidenceError):
    """This kind of evidence is reserved and cannot be checked by this version."""

    code: ClassVar[str] = "consent.unsupported_evidence"
