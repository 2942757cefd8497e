"""What the private records behind a bundle's leaves say, read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cameo.flows.bundle_errors import MalformedBundleError
from consent.ids import (
    CLIP,
    CONSENT,
    ENROLMENT,
    GRANT,
    KEY,
    PERSON,
    ConsentId,
    GrantId,
    PersonId,
    is_id,
    is_sha256_hex,
)
from consent.vocabulary import MODALITIES, Modality, Purpose

_PEOPLE: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Cited:
    """A person in a clip, and the documents that it rests on."""

    person: PersonId
    consent: ConsentId
    grant: GrantId | None
    epoch: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRecord:
    """What was let out, for whom, and on whose consent."""

    clip: str
    payload: str
    media_sha256: str
    maker: PersonId | None
    modalities: frozenset[Modality]
    purpose: Purpose
    classes: frozenset[str]
    """Kinds of content that moderation recognised."""
    people: tuple[Cited, ...]

    @classmethod
    def of(cls, record: bytes) -> ReleaseRecord:
        """Read the record of a release.

        Raises:
            MalformedBundleError: It is none.
        """
        names = ("clip", "payload", "media_sha256", "maker", "modalities", "purpose", "classes")
        found = _fields(record, *names, "people")
        known: dict[str, Modality] = {name: name for name in MODALITIES}
        try:
            return cls(
                clip=_id(found["clip"], CLIP),
                payload=_text(found["payload"]),
                media_sha256=_digest(found["media_sha256"]),
                maker=None if found["maker"] is None else PersonId(_id(found["maker"], PERSON)),
                modalities=frozenset(known[name] for name in _texts(found["modalities"])),
                purpose=Purpose(_text(found["purpose"])),
                classes=frozenset(_texts(found["classes"])),
                people=_people(found["people"]),
            )
        except (KeyError, ValueError) as cause:
            raise MalformedBundleError("a word in the record of the release") from cause


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedDigests:
    """A signed document by its digests."""

    sha256: str
    evidence_sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishRecord:
    """What was shared, on whose consent and with whose approval."""

    clip: str
    media_sha256: str
    people: tuple[Cited, ...]
    approvals: Mapping[PersonId, SignedDigests]

    @classmethod
    def of(cls, record: bytes) -> PublishRecord:
        """Read the record of a publication.

        Raises:
            MalformedBundleError: It is none.
        """
        found = _fields(record, "clip", "media_sha256", "people", "approvals")
        approvals = found["approvals"]
        if not isinstance(approvals, dict):
            raise MalformedBundleError("approvals")
        return cls(
            clip=_id(found["clip"], CLIP),
            media_sha256=_digest(found["media_sha256"]),
            people=_people(found["people"]),
            approvals={
                PersonId(_id(person, PERSON)): _digests(
                    _members(value, "sha256", "evidence_sha256")
                )
                for person, value in approvals.items()
            },
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentRecord:
    """Which consent or grant was logged."""

    id: str
    person: PersonId
    digests: SignedDigests

    @classmethod
    def of(cls, record: bytes) -> DocumentRecord:
        """Read the record of a consent or a grant.

        Raises:
            MalformedBundleError: It is none.
        """
        found = _fields(record, "id", "person", "sha256", "evidence_sha256")
        prefix = GRANT if str(found["id"]).startswith(GRANT) else CONSENT
        return cls(
            id=_id(found["id"], prefix),
            person=PersonId(_id(found["person"], PERSON)),
            digests=_digests(found),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolRecord:
    """Which enrolment was accepted, how far it was checked, and from which key it was drawn."""

    enrolment: str
    person: PersonId
    assurance: int
    simulated: bool
    key: str
    notice_sha256: str
    released_at: datetime
    """When the person allowed the recording."""

    @classmethod
    def of(cls, record: bytes) -> EnrolRecord:
        """Read the record of an enrolment.

        Raises:
            MalformedBundleError: It is none.
        """
        names = ("enrolment", "person", "assurance", "simulated", "key", "nonce", "notice_sha256")
        found = _fields(record, *names, "released_at")
        if type(found["assurance"]) is not int or type(found["simulated"]) is not bool:
            raise MalformedBundleError("an enrolment")
        return cls(
            enrolment=_id(found["enrolment"], ENROLMENT),
            person=PersonId(_id(found["person"], PERSON)),
            assurance=found["assurance"],
            simulated=found["simulated"],
            key=_id(found["key"], KEY),
            notice_sha256=_digest(found["notice_sha256"]),
            released_at=_moment(found["released_at"]),
        )


def _people(value: Any) -> tuple[Cited, ...]:
    if not isinstance(value, list) or len(value) > _PEOPLE:
        raise MalformedBundleError("people")
    people = tuple(_cited(_members(each, "person", "consent", "grant", "epoch")) for each in value)
    if len({each.person for each in people}) != len(people):
        raise MalformedBundleError("a person twice")
    return people


def _cited(found: dict[str, Any]) -> Cited:
    grant = found["grant"]
    if type(found["epoch"]) is not int:
        raise MalformedBundleError("an epoch")
    return Cited(
        person=PersonId(_id(found["person"], PERSON)),
        consent=ConsentId(_id(found["consent"], CONSENT)),
        grant=None if grant is None else GrantId(_id(grant, GRANT)),
        epoch=found["epoch"],
    )


def _digests(found: dict[str, Any]) -> SignedDigests:
    return SignedDigests(
        sha256=_digest(found["sha256"]), evidence_sha256=_digest(found["evidence_sha256"])
    )


def _fields(record: bytes, *names: str) -> dict[str, Any]:
    return _members(json.loads(record), *names)


def _members(value: Any, *names: str) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != set(names):
        raise MalformedBundleError("the members of a record")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise MalformedBundleError("a record")
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise MalformedBundleError("a record")
    return [_text(each) for each in value]


def _id(value: Any, prefix: str) -> str:
    if not is_id(_text(value), prefix):
        raise MalformedBundleError("an id in a record")
    return str(value)


def _digest(value: Any) -> str:
    if not is_sha256_hex(_text(value)):
        raise MalformedBundleError("a digest in a record")
    return str(value)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError as cause:
        raise MalformedBundleError("a time in a record") from cause
    if moment.utcoffset() is None:
        raise MalformedBundleError("a time in a record")
    return moment
