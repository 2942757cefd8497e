"""The record of a key's registration: what is logged before anything is drawn from the key.

data = registration_bytes(registration)     # its SHA-256 is what a key document cites
registration = parse_registration(data)     # an auditor's reading of it
key = registered_key(registration)          # checked: what `verify_evidence` takes
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from consent.checks import check_time
from consent.errors import KeyMismatch, MalformedDocument, MalformedEvidence, NotCanonical
from consent.evidence import RegisteredKey, check_public_key, key_id
from consent.ids import KEY, PERSON, KeyId, PersonId, is_id
from consent.octets import from_base64, to_base64
from consent.reading import Fields, format_time, to_canonical
from consent.vocabulary import EvidenceType
from consent.webauthn import (
    MAX_ATTESTATION_BYTES,
    MAX_CLIENT_DATA_BYTES,
    MAX_CREDENTIAL_ID_BYTES,
    Attestation,
    RelyingParty,
    challenge_in,
    verify_attestation,
)

VERSION: Final = 1
MAX_BYTES: Final = 16_384
MAX_LABEL_LENGTH: Final = 60
MAX_ORIGINS: Final = 8
MAX_PUBLIC_KEY_BYTES: Final = 600


class How(StrEnum):
    """On whose word a key was registered."""

    FIRST = "first"
    """A session's, for a person who had no key before."""
    ADDED = "added"
    """An older key's, which signed a key document."""
    RECOVERED = "recovered"
    """A session's, after a delay: it grants nothing before a new enrolment, see `effective_at`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passkey:
    """What a registration keeps of a passkey."""

    rp_id: str
    origins: tuple[str, ...]
    credential_id: bytes
    client_data_json: bytes
    attestation_object: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """Who registered which key, when, and on whose word.

    Raises:
        MalformedEvidence: If a field is out of its range, or two contradict each other.
    """

    person: PersonId
    key_id: KeyId
    type: EvidenceType
    public_key: bytes
    how: How
    label: str
    """What the person calls it: at most 60 printable code points, may be empty."""
    registered_at: datetime
    effective_at: datetime
    """Later than `registered_at` for a recovered key, which signs no permission before."""
    passkey: Passkey | None

    def __post_init__(self) -> None:
        _require(is_id(self.person, PERSON), "person")
        _require(is_id(self.key_id, KEY) and self.key_id == key_id(self.public_key), "key_id")
        _require(0 < len(self.public_key) <= MAX_PUBLIC_KEY_BYTES, "public_key")
        label = self.label
        _require(len(label) <= MAX_LABEL_LENGTH and label.isprintable(), "label")
        _require(label == label.strip(), "label: padded")
        _check_times(self)
        _require((self.type is EvidenceType.WEBAUTHN) == (self.passkey is not None), "passkey")
        if self.passkey is not None:
            _require(0 < len(self.passkey.origins) <= MAX_ORIGINS, "origins")


def registration_bytes(registration: Registration) -> bytes:
    """The canonical bytes (RFC 8785) of a registration.

    Raises:
        MalformedEvidence: If they are more than 16 kB, or a text has no canonical form.
    """
    data = to_canonical(registration_fields(registration), MalformedEvidence)
    if len(data) > MAX_BYTES:
        raise MalformedEvidence("too large")
    return data


def registration_fields(
    registration: Registration,
) -> dict[str, str | int | bool | list[str] | None]:
    """The members of a registration's JSON object."""
    passkey = registration.passkey
    return {
        "kind": "registration",
        "schema_version": VERSION,
        "person": registration.person,
        "key_id": registration.key_id,
        "type": str(registration.type),
        "public_key": to_base64(registration.public_key),
        "how": str(registration.how),
        "label": registration.label,
        "registered_at": format_time(registration.registered_at),
        "effective_at": format_time(registration.effective_at),
        "rp_id": None if passkey is None else passkey.rp_id,
        "origins": [] if passkey is None else list(passkey.origins),
        "credential_id": None if passkey is None else to_base64(passkey.credential_id),
        "client_data_json": None if passkey is None else to_base64(passkey.client_data_json),
        "attestation_object": None if passkey is None else to_base64(passkey.attestation_object),
    }


def parse_registration(data: bytes) -> Registration:
    """The registration that `data` is the canonical form of.

    Raises:
        NotCanonical: If it is another form of one.
        MalformedEvidence: If it is none.
    """
    if len(data) > MAX_BYTES:
        raise MalformedEvidence("too large")
    fields = Fields(data, MalformedEvidence)
    _require(fields.text("kind") == "registration", "kind")
    _require(fields.whole("schema_version") == VERSION, "schema_version")
    try:
        registration = Registration(
            person=PersonId(fields.text("person")),
            key_id=KeyId(fields.text("key_id")),
            type=EvidenceType(fields.text("type")),
            public_key=from_base64(fields.text("public_key"), 1, MAX_PUBLIC_KEY_BYTES),
            how=How(fields.text("how")),
            label=fields.text("label"),
            registered_at=fields.time("registered_at"),
            effective_at=fields.time("effective_at"),
            passkey=_passkey(fields),
        )
    except ValueError as cause:
        raise MalformedEvidence("type or how") from cause
    fields.done()
    if registration_bytes(registration) != data:
        raise NotCanonical
    return registration


def registered_key(registration: Registration) -> RegisteredKey:
    """The key of a registration, for checking its signatures.

    The key is checked as on the day it was registered: a raw key for its order, a passkey against
    what its authenticator answered then. That the challenge in it was one of the service's, and
    used once, only the service could tell, at the time.

    Raises:
        EvidenceError: If the key is unsound, or not the one that the authenticator made.
    """
    passkey = registration.passkey
    if passkey is None:
        check_public_key(registration.public_key)
        return RegisteredKey.ed25519(registration.public_key)
    made = verify_attestation(
        Attestation(
            credential_id=passkey.credential_id,
            client_data_json=passkey.client_data_json,
            attestation_object=passkey.attestation_object,
        ),
        challenge=challenge_in(passkey.client_data_json),
        party=RelyingParty(rp_id=passkey.rp_id, origins=passkey.origins),
    )
    if made.public_key != registration.public_key:
        raise KeyMismatch(registration.key_id)
    return RegisteredKey(
        key_id=registration.key_id,
        type=registration.type,
        public_key=registration.public_key,
        rp_id=passkey.rp_id,
        origins=passkey.origins,
        credential_id=passkey.credential_id,
    )


def _passkey(fields: Fields) -> Passkey | None:
    rp_id, origins = fields.optional_text("rp_id"), fields.texts("origins")
    longest = {
        "credential_id": MAX_CREDENTIAL_ID_BYTES,
        "client_data_json": MAX_CLIENT_DATA_BYTES,
        "attestation_object": MAX_ATTESTATION_BYTES,
    }
    texts = {name: fields.optional_text(name) for name in longest}
    if rp_id is None:
        return None  # what else was said of a passkey is lost here, and found by the last check
    parts = {name: from_base64(text or "", 1, longest[name]) for name, text in texts.items()}
    return Passkey(rp_id=rp_id, origins=origins, **parts)


def _check_times(registration: Registration) -> None:
    registered, effective = registration.registered_at, registration.effective_at
    try:
        check_time(registered, "registered_at")
        check_time(effective, "effective_at")
    except MalformedDocument as cause:
        raise MalformedEvidence("a time") from cause
    delayed = registration.how is How.RECOVERED
    _require(registered < effective if delayed else registered == effective, "effective_at")


def _require(holds: bool, field: str) -> None:
    if not holds:
        raise MalformedEvidence(field)
