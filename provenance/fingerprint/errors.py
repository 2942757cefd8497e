"""What can go wrong with a fingerprint."""

from __future__ import annotations

from typing import ClassVar

from provenance.errors import ProvenanceError


class FingerprintError(ProvenanceError):
    """The fingerprint could not be taken or compared."""

    code: ClassVar[str] = "fingerprint.error"


class BadFingerprint(FingerprintError):
    """The bytes are not a fingerprint of this version."""

    code: ClassVar[str] = "fingerprint.malformed"


class NothingToFingerprint(FingerprintError):
    """The clip has no frames, or its frame rate is not a positive number."""

    code: ClassVar[str] = "fingerprint.empty"
