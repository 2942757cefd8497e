"""The one canonical form of a document (RFC 8785), its digest, and the strict way back.

A document has exactly one byte string. `parse` accepts that string and nothing else, so what was
shown, what was signed and what is checked later cannot differ in a way that a parser overlooks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from consent.errors import DocumentTooLarge, MalformedDocument, NotCanonical
from consent.forms import ConsentDocument, Document, GrantDocument, RevocationDocument
from consent.ids import (
    ConsentId,
    EnrolmentId,
    GrantId,
    PersonId,
    RevocationId,
    Sha256Hex,
)
from consent.reading import Fields, Json, format_time, to_canonical
from consent.vocabulary import MODALITIES, Audience, Modality, Purpose, RestrictionClass

MAX_BYTES: Final = 16_384
"""The size limit of a document in bytes."""

SIGNING_PREFIX: Final = b"cameo-consent/v1\n"
"""Set before the canonical bytes: a signature made for a consent is good for nothing else."""

_Word = TypeVar("_Word", bound=StrEnum)


def canonical(document: Document) -> bytes:
    """The canonical bytes of `document`.

    Raises:
        DocumentTooLarge: If they are more than 16 kB.
        MalformedDocument: If a text in it has no canonical form (a lone surrogate).
    """
    fields = {name: _plain(getattr(document, name)) for name in document.__slots__}
    data = to_canonical(fields, MalformedDocument)
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

    Raises:
        DocumentTooLarge: If `data` is more than 16 kB.
        NotCanonical: If `data` says something valid in another than the canonical form.
        MalformedDocument: If it is not JSON, has a duplicate, missing or unknown field, or a value
            of the wrong type or out of its range.
    """
    if len(data) > MAX_BYTES:
        raise DocumentTooLarge(f"{len(data)} bytes")
    fields = Fields(data, MalformedDocument)
    kind = fields.text("kind")
    if kind not in _READERS:
        raise MalformedDocument("unknown kind")
    document = _READERS[kind](fields)
    fields.done()
    # The last word: whatever the readers above let pass, only the canonical spelling is accepted.
    if canonical(document) != data:
        raise NotCanonical
    return document


def _plain(value: object) -> Json:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


def _consent(fields: Fields) -> ConsentDocument:
    return ConsentDocument(
        document_id=ConsentId(fields.text("document_id")),
        version=fields.whole("version"),
        subject=PersonId(fields.text("subject")),
        subject_handle=fields.text("subject_handle"),
        audience=_word(Audience, fields.text("audience")),
        modalities=_modalities(fields.texts("modalities")),
        purposes=_words(Purpose, fields.texts("purposes")),
        restrictions=_words(RestrictionClass, fields.texts("restrictions")),
        never_say=fields.texts("never_say"),
        max_people=fields.whole("max_people"),
        expires_at=fields.optional_time("expires_at"),
        issued_at=fields.time("issued_at"),
        nonce=fields.text("nonce"),
        notice_sha256=Sha256Hex(fields.text("notice_sha256")),
        assurance=fields.whole("assurance"),
        simulated=fields.flag("simulated"),
        enrolment_id=EnrolmentId(fields.text("enrolment_id")),
        subject_epoch=fields.whole("subject_epoch"),
        previous_sha256=_previous(fields),
    )


def _grant(fields: Fields) -> GrantDocument:
    return GrantDocument(
        document_id=GrantId(fields.text("document_id")),
        version=fields.whole("version"),
        subject=PersonId(fields.text("subject")),
        consent_id=ConsentId(fields.text("consent_id")),
        grantee=PersonId(fields.text("grantee")),
        grantee_handle=fields.text("grantee_handle"),
        modalities=_modalities(fields.texts("modalities")),
        purposes=_words(Purpose, fields.texts("purposes")),
        expires_at=fields.optional_time("expires_at"),
        max_uses=fields.optional_whole("max_uses"),
        issued_at=fields.time("issued_at"),
        nonce=fields.text("nonce"),
        subject_epoch=fields.whole("subject_epoch"),
        previous_sha256=_previous(fields),
    )


def _revocation(fields: Fields) -> RevocationDocument:
    target = fields.text("target_id")
    return RevocationDocument(
        document_id=RevocationId(fields.text("document_id")),
        version=fields.whole("version"),
        subject=PersonId(fields.text("subject")),
        target_id=GrantId(target) if target.startswith("gnt_") else ConsentId(target),
        issued_at=fields.time("issued_at"),
        nonce=fields.text("nonce"),
        subject_epoch=fields.whole("subject_epoch"),
        previous_sha256=_previous(fields),
    )


_READERS: Final[Mapping[str, Callable[[Fields], Document]]] = MappingProxyType(
    {"consent": _consent, "grant": _grant, "revocation": _revocation}
)


def _previous(fields: Fields) -> Sha256Hex | None:
    value = fields.optional_text("previous_sha256")
    return None if value is None else Sha256Hex(value)


def _word(kind: type[_Word], text: str) -> _Word:
    try:
        return kind(text)
    except ValueError as cause:
        raise MalformedDocument(f"unknown word for {kind.__name__}") from cause


def _words(kind: type[_Word], texts: Iterable[str]) -> frozenset[_Word]:
    return frozenset(_word(kind, text) for text in texts)


def _modalities(texts: Iterable[str]) -> frozenset[Modality]:
    known: dict[str, Modality] = {name: name for name in MODALITIES}
    try:
        return frozenset(known[text] for text in texts)
    except KeyError as cause:
        raise MalformedDocument("unknown modality") from cause
