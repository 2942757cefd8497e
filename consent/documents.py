"""The documents that a person signs.

document = parse(received_bytes)                   # refuses everything that is not canonical
text = describe(document, "en")                    # what the person reads before signing
evidence = sign_ed25519(pem, canonical(document))  # consent.evidence, on the person's device
"""

from __future__ import annotations

from consent.canonical import MAX_BYTES, SIGNING_PREFIX, canonical, digest, parse, signing_input
from consent.describe import describe
from consent.forms import (
    MAX_EPOCH,
    MAX_PEOPLE,
    MAX_TERM_LENGTH,
    MAX_TERMS,
    MAX_USES,
    VERSION,
    ConsentDocument,
    Document,
    GrantDocument,
    RevocationDocument,
)

__all__ = [
    "MAX_BYTES",
    "MAX_EPOCH",
    "MAX_PEOPLE",
    "MAX_TERMS",
    "MAX_TERM_LENGTH",
    "MAX_USES",
    "SIGNING_PREFIX",
    "VERSION",
    "ConsentDocument",
    "Document",
    "GrantDocument",
    "RevocationDocument",
    "canonical",
    "describe",
    "digest",
    "parse",
    "signing_input",
]
