"""The documents that a person signs.

document = parse(received_bytes)                   # refuses everything that is not canonical
text = describe(document, "en")                    # what the person reads before signing
evidence = sign_ed25519(pem, canonical(document))  # consent.evidence, on the person's device
"""

from __future__ import annotations

from consent.acts import ApprovalDocument, KeyDocument, ResumptionDocument, RevocationDocument
from consent.canonical import (
    JSON_NAMES,
    MAX_BYTES,
    SIGNING_PREFIX,
    canonical,
    digest,
    parse,
    signing_input,
)
from consent.checks import MAX_EPOCH, VERSION
from consent.describe import describe, rendering, rendering_sha256, with_rendering
from consent.forms import (
    MAX_APART,
    MAX_PEOPLE,
    MAX_RETENTION_DAYS,
    MAX_TERM_LENGTH,
    MAX_TERMS,
    MAX_USES,
    MAX_WISH_LENGTH,
    MAX_WISHES,
    ConsentDocument,
    Document,
    GrantDocument,
)

__all__ = [
    "JSON_NAMES",
    "MAX_APART",
    "MAX_BYTES",
    "MAX_EPOCH",
    "MAX_PEOPLE",
    "MAX_RETENTION_DAYS",
    "MAX_TERMS",
    "MAX_TERM_LENGTH",
    "MAX_USES",
    "MAX_WISHES",
    "MAX_WISH_LENGTH",
    "SIGNING_PREFIX",
    "VERSION",
    "ApprovalDocument",
    "ConsentDocument",
    "Document",
    "GrantDocument",
    "KeyDocument",
    "ResumptionDocument",
    "RevocationDocument",
    "canonical",
    "describe",
    "digest",
    "parse",
    "rendering",
    "rendering_sha256",
    "signing_input",
    "with_rendering",
]
