"""Identifiers that a consent names: a prefix that says the kind, then letters and digits."""

from __future__ import annotations

import re
from typing import Final, NewType

PersonId = NewType("PersonId", str)
"""A person: ``prs_...``."""
ConsentId = NewType("ConsentId", str)
"""A consent document: ``cns_...``."""
GrantId = NewType("GrantId", str)
"""A grant document: ``gnt_...``."""
RevocationId = NewType("RevocationId", str)
"""A signed revocation: ``rvk_...``."""
KeyDocumentId = NewType("KeyDocumentId", str)
"""A document by which an old key lets a new one sign: ``kad_...``."""
ResumptionId = NewType("ResumptionId", str)
"""A document by which a person ends their own pause: ``rsm_...``."""
ApprovalId = NewType("ApprovalId", str)
"""A document by which a person lets one clip be published: ``apr_...``."""
ClipId = NewType("ClipId", str)
"""A clip: ``clip_...``."""
KeyId = NewType("KeyId", str)
"""A public key: ``key_`` and the first 32 hex digits of its SHA-256."""
EnrolmentId = NewType("EnrolmentId", str)
"""The enrolment whose capture the consent is about: ``enr_...``."""
Sha256Hex = NewType("Sha256Hex", str)
"""64 lower-case hex digits."""

PERSON: Final = "prs"
CONSENT: Final = "cns"
GRANT: Final = "gnt"
REVOCATION: Final = "rvk"
KEY_DOCUMENT: Final = "kad"
RESUMPTION: Final = "rsm"
APPROVAL: Final = "apr"
CLIP: Final = "clip"
KEY: Final = "key"
ENROLMENT: Final = "enr"

_TAIL: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` is an identifier of the kind that `prefix` names (without the underscore)."""
    head, underscore, tail = text.partition("_")
    return head == prefix and underscore == "_" and _TAIL.fullmatch(tail) is not None


def is_sha256_hex(text: str) -> bool:
    """Whether `text` is a SHA-256 value as 64 lower-case hex digits."""
    return _SHA256.fullmatch(text) is not None
