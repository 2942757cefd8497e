"""From the fields of a JSON object to the document that they say, one reader a kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NoReturn, TypeVar

from consent.acts import ApprovalDocument, KeyDocument, ResumptionDocument, RevocationDocument
from consent.errors import MalformedDocument
from consent.forms import ConsentDocument, Document, GrantDocument
from consent.ids import (
    ApprovalId,
    ClipId,
    ConsentId,
    EnrolmentId,
    GrantId,
    KeyDocumentId,
    KeyId,
    PersonId,
    ResumptionId,
    RevocationId,
    Sha256Hex,
)
from consent.reading import Fields
from consent.vocabulary import (
    MODALITIES,
    Approval,
    Audience,
    EvidenceType,
    Lang,
    Modality,
    Purpose,
    RestrictionClass,
)

_DAYS: Final = re.compile(r"P([1-9][0-9]{0,3})D")
_Word = TypeVar("_Word", bound=StrEnum)


def read(fields: Fields) -> Document:
    """The document in `fields`, and nothing left over.

    Raises:
        MalformedDocument: If a field is missing, unknown, of the wrong type or out of its range.
    """
    kind = fields.text("kind")
    if kind not in _READERS:
        raise MalformedDocument("unknown kind")
    document = _READERS[kind](fields)
    fields.done()
    return document


def _common(fields: Fields) -> dict[str, Any]:
    """What every document says, checked by the form that takes it."""
    return {
        "version": fields.whole("version"),
        "subject": PersonId(fields.text("subject")),
        "language": _language(fields.text("language")),
        "issued_at": fields.time("issued_at"),
        "nonce": fields.text("nonce"),
        "subject_epoch": fields.whole("subject_epoch"),
        "previous_sha256": fields.optional_text("previous_sha256"),
        "rendering_sha256": fields.text("rendering_sha256"),
    }


def _consent(fields: Fields) -> ConsentDocument:
    return ConsentDocument(
        **_common(fields),
        document_id=ConsentId(fields.text("document_id")),
        controller=_only(fields.texts("controller")),
        subject_handle=fields.text("subject_handle"),
        audience=_word(Audience, fields.text("audience")),
        modalities=_modalities(fields.texts("modalities")),
        purposes=_words(Purpose, fields.texts("purposes")),
        restrictions=_words(RestrictionClass, fields.texts("restrictions")),
        never_say=fields.texts("never_say"),
        wishes=fields.texts("wishes"),
        apart_from=tuple(PersonId(text) for text in fields.texts("apart_from")),
        apart_from_handles=fields.texts("apart_from_handles"),
        max_people=fields.whole("max_people"),
        max_uses=fields.optional_whole("max_uses"),
        approval=_word(Approval, fields.text("approval")),
        expires_at=fields.optional_time("expires_at"),
        retention_days=_days(fields.text("retention_days")),
        notice_sha256=Sha256Hex(fields.text("notice_sha256")),
        assurance=fields.whole("assurance"),
        simulated=fields.flag("simulated"),
        enrolment_id=EnrolmentId(fields.text("enrolment_id")),
    )


def _grant(fields: Fields) -> GrantDocument:
    return GrantDocument(
        **_common(fields),
        document_id=GrantId(fields.text("document_id")),
        controller=_only(fields.texts("controller")),
        consent_id=ConsentId(fields.text("consent_id")),
        grantee=PersonId(fields.text("grantee")),
        grantee_handle=fields.text("grantee_handle"),
        modalities=_modalities(fields.texts("modalities")),
        purposes=_words(Purpose, fields.texts("purposes")),
        expires_at=fields.optional_time("expires_at"),
        max_uses=fields.optional_whole("max_uses"),
    )


def _revocation(fields: Fields) -> RevocationDocument:
    target = fields.text("target_id")
    return RevocationDocument(
        **_common(fields),
        document_id=RevocationId(fields.text("document_id")),
        target_id=GrantId(target) if target.startswith("gnt_") else ConsentId(target),
    )


def _key(fields: Fields) -> KeyDocument:
    return KeyDocument(
        **_common(fields),
        document_id=KeyDocumentId(fields.text("document_id")),
        key_id=KeyId(fields.text("key_id")),
        key_type=_word(EvidenceType, fields.text("key_type")),
        registration_sha256=Sha256Hex(fields.text("registration_sha256")),
    )


def _resumption(fields: Fields) -> ResumptionDocument:
    return ResumptionDocument(
        **_common(fields), document_id=ResumptionId(fields.text("document_id"))
    )


def _approval(fields: Fields) -> ApprovalDocument:
    return ApprovalDocument(
        **_common(fields),
        document_id=ApprovalId(fields.text("document_id")),
        clip_id=ClipId(fields.text("clip_id")),
        media_sha256=Sha256Hex(fields.text("media_sha256")),
        consent_id=ConsentId(fields.text("consent_id")),
    )


_READERS: Final[Mapping[str, Callable[[Fields], Document]]] = MappingProxyType(
    {
        "consent": _consent,
        "grant": _grant,
        "revocation": _revocation,
        "key": _key,
        "resumption": _resumption,
        "approval": _approval,
    }
)


def _only(texts: tuple[str, ...]) -> str:
    if len(texts) != 1:
        raise MalformedDocument("controller: one service has one")
    return texts[0]


def _days(text: str) -> int:
    found = _DAYS.fullmatch(text)
    return _wrong("retention_days: no number of days") if found is None else int(found[1])


def _language(text: str) -> Lang:
    if text == "en":
        return "en"
    return "ja" if text == "ja" else _wrong("unknown language")


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


def _wrong(what: str) -> NoReturn:
    raise MalformedDocument(what)
