"""The one canonical form of a document (RFC 8785), its digest, and the strict way back.

A document has exactly one byte string. `parse` accepts that string and nothing else, so what was
shown, what was signed and what is checked later cannot differ in a way that a parser overlooks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields as fields_of
from datetime import datetime
from types import MappingProxyType
from typing import Final

from consent.errors import DocumentTooLarge, MalformedDocument, NotCanonical
from consent.forms import Document
from consent.ids import Sha256Hex
from consent.readers import read
from consent.reading import Fields, Json, format_time, to_canonical

MAX_BYTES: Final = 32_768
"""The size limit of a document in bytes."""

SIGNING_PREFIX: Final = b"cameo-consent/v1\n"
"""Set before the canonical bytes: a signature made for a consent is good for nothing else."""

JSON_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "version": "schema_version",
        "document_id": "record_id",
        "subject": "pii_principal_id",
        "controller": "pii_controllers",
        "modalities": "pii_type",
        "issued_at": "event_time",
        "retention_days": "retention_period",
        "notice_sha256": "privacy_notice",
    }
)
"""Fields that ISO/IEC TS 27560:2023 has under a name of its own, and that name. `language` and
`purposes` are called so in both. All others are written as they are called here; the reasons stand
in ``docs/consent-document.md``."""


def canonical(document: Document) -> bytes:
    """The canonical bytes of `document`.

    Raises:
        DocumentTooLarge: If they are more than 32 kB.
        MalformedDocument: If a text in it has no canonical form (a lone surrogate).
    """
    written = {
        JSON_NAMES.get(field.name, field.name): _plain(field.name, getattr(document, field.name))
        for field in fields_of(document)
    }
    data = to_canonical(written, MalformedDocument)
    if len(data) > MAX_BYTES:
        raise DocumentTooLarge(f"{len(data)} bytes")
    return data


def digest(canonical_bytes: bytes) -> Sha256Hex:
    """The SHA-256 of canonical bytes as lower-case hex: how documents cite each other."""
    return Sha256Hex(hashlib.sha256(canonical_bytes).hexdigest())


def signing_input(canonical_bytes: bytes) -> bytes:
    """The bytes that a person's key signs: a fixed prefix, then the canonical bytes."""
    return SIGNING_PREFIX + canonical_bytes


def parse(data: bytes) -> Document:
    """The document that `data` is the canonical form of.

    Whether `rendering_sha256` is the digest of what this version shows is not judged here: the
    wording may change after a document was signed, and the document stays readable.

    Raises:
        DocumentTooLarge: If `data` is more than 32 kB.
        NotCanonical: If `data` says something valid in another than the canonical form.
        MalformedDocument: If it is not JSON, has a duplicate, missing or unknown field, or a value
            of the wrong type or out of its range.
    """
    if len(data) > MAX_BYTES:
        raise DocumentTooLarge(f"{len(data)} bytes")
    document = read(Fields(data, MalformedDocument, JSON_NAMES))
    # The last word: whatever the readers above let pass, only the canonical spelling is accepted.
    if canonical(document) != data:
        raise NotCanonical
    return document


def _plain(name: str, value: object) -> Json:
    if name == "retention_days":
        return f"P{value}D"  # ISO 8601, as the standard has it
    if name == "controller":
        return [str(value)]  # a list in the standard
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)
