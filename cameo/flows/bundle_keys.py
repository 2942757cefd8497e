"""The keys in a bundle: who registered which, on whose word, and what each may have signed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cameo.flows.bundle_errors import (
    DocumentError,
    EpochError,
    KeyChainError,
    MissingError,
    OrderError,
    SignatureError,
    SuperfluousError,
)
from cameo.flows.bundle_form import Key, Signed
from consent.documents import KeyDocument, digest
from consent.errors import ConsentError
from consent.evidence import RegisteredKey, evidence_from_json, verify_evidence
from consent.forms import Document
from consent.ids import KeyId
from consent.registration import How, Registration, parse_registration, registered_key
from provenance.log.entries import EpochCite
from provenance.log.history import SLACK
from provenance.log.openings import Opened


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedKey:
    """A key whose registration is in the log."""

    registration: Registration
    key: RegisteredKey
    place: Opened
    root: LoggedKey | None
    """The key from which others agreed down to this one; None where this is that key."""

    @property
    def origin(self) -> Registration:
        """The registration on a session's word that this key goes back to."""
        return self.registration if self.root is None else self.root.registration

    @property
    def recovered(self) -> bool:
        """Whether it goes back to a recovery."""
        return self.origin.how is How.RECOVERED


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnFrom:
    """The enrolment that a signature rests on, as far as it matters for the key."""

    key: LoggedKey
    released_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A document, and the key that signed it."""

    document: Document
    key: LoggedKey


class Ring:
    """Every key in a bundle, in the order of the log; it notes down which ones were needed."""

    def __init__(self) -> None:
        self._keys: dict[KeyId, LoggedKey] = {}
        self._used: set[KeyId] = set()

    def add(self, key: Key, place: Opened) -> None:
        """Take a key that stands after all those before it.

        Raises:
            BundleError: Of the kind that says what is wrong with it.
        """
        try:
            registration = parse_registration(place.record)
            registered = registered_key(registration)
        except ConsentError as cause:
            raise KeyChainError(cause.code) from cause
        if registration.key_id in self._keys:
            raise SuperfluousError("a key twice")
        self._keys[registration.key_id] = LoggedKey(
            registration=registration,
            key=registered,
            place=place,
            root=self._root(key, registration, place),
        )

    def find(self, key: str) -> LoggedKey:
        """A key by its id.

        Raises:
            MissingError: It is not in the bundle.
        """
        found = self._keys.get(KeyId(key))
        if found is None:
            raise MissingError(key)
        self._used.add(found.registration.key_id)
        return found

    def check(self, signed: Signed, before: Opened, enrolled: DrawnFrom | None = None) -> Shown:
        """Check that a person signed a document with a key that the log had before.

        Args:
            signed: The document and its evidence.
            before: The leaf that rests on it.
            enrolled: The enrolment that the person's consent is for. A key that goes back to a
                recovery signs what permits something only for what was enrolled with it since.

        Raises:
            BundleError: Of the kind that says what is wrong.
        """
        try:
            evidence = evidence_from_json(signed.evidence)
            key = self.find(evidence.key_id)
            verified = verify_evidence(
                signed.document, evidence, registered_keys={key.registration.key_id: key.key}
            )
        except ConsentError as cause:
            raise SignatureError(cause.code) from cause
        if verified.document.subject != key.registration.person:
            raise KeyChainError("the key of somebody else")
        require_before(key.place, before, "a key and what it signed")
        _require_counted(key, before, enrolled)
        return Shown(document=verified.document, key=key)

    def require_all_used(self) -> None:
        """Refuse a key that nothing rests on.

        Raises:
            SuperfluousError: There is one.
        """
        if self._keys.keys() - self._used:
            raise SuperfluousError("a key")

    def leaves(self) -> Collection[LoggedKey]:
        """All of them."""
        return self._keys.values()

    def _root(self, key: Key, new: Registration, place: Opened) -> LoggedKey | None:
        if (new.how is How.ADDED) != (key.agreement is not None):
            raise KeyChainError("added without the word of an older key, or with one for nothing")
        if key.agreement is None:
            return None
        shown = self.check(key.agreement, place)
        document = shown.document
        if not isinstance(document, KeyDocument):
            raise DocumentError("what an older key signed is not about a key")
        named = (document.key_id, document.key_type, document.registration_sha256)
        if named != (new.key_id, new.type, digest(place.record)):
            raise KeyChainError("an older key agreed to another one")
        if document.subject != new.person:
            raise KeyChainError("the key of somebody else")
        if document.subject_epoch > sole_cite(place).epoch:
            raise EpochError("a key's agreement")
        return shown.key.root or shown.key


def require_before(earlier: Opened, later: Opened, what: str) -> None:
    """Check that one entry stands before another that rests on it.

    The index decides. The times are the service's word; but a release that claims a time long
    before the consent that it rests on would be judged by a moment that never was.

    Raises:
        OrderError: It does not, or the times say otherwise.
    """
    if earlier.index >= later.index:
        raise OrderError(what)
    if later.entry.at < earlier.entry.at - SLACK:
        raise OrderError(f"{what}, by their times")


def sole_cite(place: Opened) -> EpochCite:
    """The one person that a leaf is about.

    Raises:
        EpochError: It is about nobody, or about several.
    """
    cites = place.entry.epochs
    if len(cites) != 1:
        raise EpochError("an entry of one person")
    return cites[0]


def _require_counted(key: LoggedKey, before: Opened, enrolled: DrawnFrom | None) -> None:
    if not key.recovered:
        return
    effective = key.origin.effective_at
    if before.entry.at < effective:
        raise KeyChainError("a recovered key, before it counted")
    if enrolled is None:
        return
    if enrolled.key.origin.key_id != key.origin.key_id or enrolled.released_at < effective:
        raise KeyChainError("a recovered key, for what was not enrolled with it")
