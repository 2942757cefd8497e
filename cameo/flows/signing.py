"""What every flow does around a signature: show a document, take it back signed, and judge it.

The service prepares and checks; only the person signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from cameo.flows.errors import BrokenEvidenceError, InvalidRequestError, StaleDocumentError
from cameo.flows.keys import signing_keys
from cameo.flows.policy import Policy
from cameo.store.database import Transaction
from cameo.store.records import ConsentRecord, GrantRecord, PersonRecord
from consent.documents import (
    ConsentDocument,
    Document,
    canonical,
    rendering,
    rendering_sha256,
    with_rendering,
)
from consent.errors import ConsentError, UnknownKey
from consent.evidence import Evidence, evidence_from_json, evidence_to_json, verify_evidence
from consent.ids import KeyId, Sha256Hex
from consent.registration import parse_registration, registered_key
from consent.rules import Rules, compile_rules

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A document to sign: its exact bytes, and what they say for people."""

    document: bytes
    text_en: str
    text_ja: str
    rules: Rules | None = None
    """Of a consent: what a machine checks of it, and what the person must judge."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed(Generic[D]):
    """A document that one of the person's keys signed."""

    document: D
    sha256: Sha256Hex
    evidence: str
    """Canonical JSON, for keeping."""


def prepared(draft: Document) -> Prepared:
    """A draft with the digest of its rendering, ready to be shown and signed."""
    document = with_rendering(draft)
    text_en, text_ja = rendering(document)
    return Prepared(
        document=canonical(document),
        text_en=text_en,
        text_ja=text_ja,
        rules=compile_rules(document) if isinstance(document, ConsentDocument) else None,
    )


def take_signed(
    tx: Transaction, person: PersonRecord, document: bytes, evidence: Evidence, kind: type[D]
) -> Signed[D]:
    """Take a document that permits something, once a key of the person signed what was shown.

    The caller holds the person's exclusive lock, and judges with `require_fresh` whether the
    document is the one that was prepared last.

    Raises:
        EvidenceError: the signature is not by a key of this person.
        KeyNotEffectiveError, KeyNeedsEnrolmentError, KeyRevokedError: the key may not sign this.
        MalformedDocument: the bytes are no document.
        InvalidRequestError: it is a document of another kind.
        StaleDocumentError: this version shows another text than the one that was signed.
    """
    keys = signing_keys(tx, person, granting=True, signer=evidence.key_id)
    verified = verify_evidence(document, evidence, registered_keys=keys)
    signed = verified.document
    if not isinstance(signed, kind):
        raise InvalidRequestError(f"this is a document of another kind: {signed.kind}")
    # A service that showed one text and had another signed would fail here, and so would a
    # document that was prepared before the wording changed.
    if signed.rendering_sha256 != rendering_sha256(signed):
        raise StaleDocumentError
    return Signed(
        document=signed,
        sha256=verified.document_sha256,
        evidence=evidence_to_json(evidence).decode(),
    )


def require_signed(tx: Transaction, record: ConsentRecord | GrantRecord) -> None:
    """Check what is stored once more, before a likeness is lent on it.

    Whoever changed a row of the database, by mistake or on purpose, has to have changed the
    signature, the key and what the log says of the key as well.

    Raises:
        BrokenEvidenceError: it is not what a key of its person signed.
    """
    try:
        evidence = evidence_from_json(record.evidence.encode())
        key = tx.people.find_key(evidence.key_id)
        if key is None or key.person_id != record.person_id:
            raise UnknownKey(evidence.key_id)
        known = {KeyId(key.id): registered_key(parse_registration(key.registration))}
        verified = verify_evidence(record.document, evidence, registered_keys=known)
    except ConsentError as error:
        raise BrokenEvidenceError from error
    document = verified.document
    stated = (document.document_id, document.subject, verified.document_sha256)
    if stated != (record.id, record.person_id, record.sha256):
        raise BrokenEvidenceError


def require_fresh(
    tx: Transaction,
    policy: Policy,
    person: PersonRecord,
    signed: Document,
    *,
    previous_sha256: str | None,
    now: datetime,
) -> None:
    """Refuse a document that is old, replayed, or somebody else's.

    The chain of digests and the epoch make an old or a replayed signature useless: whatever was
    accepted or withdrawn since then changed one of them.

    Args:
        tx: the transaction that takes it, under the person's exclusive lock.
        policy: says how long a prepared document waits.
        person: who signs.
        signed: the document.
        previous_sha256: the digest that it must follow, see `consent.checks.SignedForm`.
        now: the database's clock, read after the lock.

    Raises:
        StaleDocumentError: something changed since it was prepared, or it is too old.
    """
    age = now - signed.issued_at
    current = (person.id, previous_sha256, tx.people.get(person.id).epoch)
    stated = (signed.subject, signed.previous_sha256, signed.subject_epoch)
    if stated != current or not -policy.prepared_ttl < age < policy.prepared_ttl:
        raise StaleDocumentError
