"""Accounts: sign up, authenticate, register a public key."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cameo.flows.errors import (
    AdultsOnlyError,
    DisplayNameError,
    HandleError,
    InvalidRequestError,
    KeyExistsError,
    NotAuthenticatedError,
    SignupClosedError,
    UnknownHandleError,
)
from cameo.flows.ledger import Ledger
from cameo.flows.policy import Policy
from cameo.store.database import Database, Transaction
from cameo.store.records import KeyRecord, PersonRecord
from consent.evidence import check_public_key
from consent.folding import fold
from consent.vocabulary import EvidenceType

_HANDLE: Final = re.compile(r"[a-z][0-9a-z_.-]{1,28}[0-9a-z_]")
_API_KEY_BYTES: Final = 32


class KnownNames(Protocol):
    """Knows names that nobody may take for their own."""

    def is_known_name(self, name: str) -> bool:
        """Whether a whole name is a known person's, a protected character's or a work's."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Accounts:
    """Who is who."""

    db: Database
    ledger: Ledger
    policy: Policy
    names: KnownNames

    def sign_up(
        self, *, handle: str, display_name: str, adult: bool, operator: bool = False
    ) -> tuple[PersonRecord, str]:
        """Create an account; returns it and its API key, which is shown this once.

        Raises:
            AdultsOnlyError: the person does not declare to be an adult.
            SignupClosedError: the operator creates accounts here.
            HandleError: the handle cannot be used.
            TakenError: somebody has it.
        """
        if not (self.policy.signup or operator):
            raise SignupClosedError
        if adult is not True:
            raise AdultsOnlyError
        name = display_name.strip()
        if not 1 <= len(name) <= 60 or not name.isprintable() or not fold(name):
            raise InvalidRequestError("display_name: 1 to 60 printable characters")
        if self.names.is_known_name(name):
            raise DisplayNameError
        api_key = "cameo_" + secrets.token_urlsafe(_API_KEY_BYTES)
        with self.db.transaction() as tx:
            person = tx.people.add(
                handle=normal_handle(handle),
                display_name=name,
                api_key_hash=_hash(api_key),
                now=tx.now(),
            )
        return person, api_key

    def authenticate(self, api_key: str | None) -> PersonRecord:
        """The account that an API key belongs to.

        Raises:
            NotAuthenticatedError: no key, or nobody's.
        """
        if not api_key or len(api_key) > 200:
            raise NotAuthenticatedError
        with self.db.reading() as tx:
            person = tx.people.find_api_key(_hash(api_key))
        if person is None:
            raise NotAuthenticatedError
        return person

    def is_known(self, api_key: str | None) -> bool:
        """Whether an API key is somebody's."""
        try:
            self.authenticate(api_key)
        except NotAuthenticatedError:
            return False
        return True

    def register_key(self, person: PersonRecord, public_key: bytes) -> KeyRecord:
        """Register the public half of a key that the person holds; logged before it can be used.

        A session alone registers the first key and no other: whoever stole an API key could sign
        in the person's name with a key of their own. A later key needs an enrolment that was
        accepted after the key before it was registered, and takes that key's place.

        Raises:
            KeyExistsError: there is a key, and no newer enrolment.
            UnsafeKey: it is no Ed25519 key, or one under which anybody can sign.
            TakenError: it is registered already.
        """
        key_id = check_public_key(public_key)
        with self.db.transaction(exclusive=[person.id]) as tx:
            now = tx.now()
            self._replace_keys(tx, person, now)
            record = tx.people.add_key(
                key_id=key_id,
                person_id=person.id,
                evidence_type=str(EvidenceType.ED25519),
                public_key=public_key,
                now=now,
            )
            self.ledger.record(
                tx,
                kind="key",
                ref=key_id,
                private={"person": person.id, "key": key_id, "public_key": public_key.hex()},
                at=now,
                people=[tx.people.get(person.id)],
            )
            tx.clips.notify(person.id, "key.registered", None, now)
        return record

    def _replace_keys(self, tx: Transaction, person: PersonRecord, now: datetime) -> None:
        keys = tx.people.keys(person.id)
        if not keys:
            return
        # Each further key needs an enrolment of its own, newer than the key before: the first
        # enrolment, which usually follows the first key, opens nothing.
        enrolled = tx.enrolments.accepted(person.id)
        latest = max((each.decided_at for each in enrolled if each.decided_at), default=None)
        if len(enrolled) <= len(keys) or latest is None or latest <= keys[-1].registered_at:
            raise KeyExistsError
        tx.people.revoke_keys(person.id, now)
        # A new key signs for the new enrolment's likeness alone: what the old key had agreed to
        # allows nothing more, and a grant under it can no longer be signed.
        tx.consents.supersede(person.id, now)
        tx.people.raise_epoch(person.id)

    def keys(self, person: PersonRecord) -> tuple[KeyRecord, ...]:
        """The keys a person registered, oldest first."""
        with self.db.reading() as tx:
            return tx.people.keys(person.id)

    def find(self, handle: str) -> PersonRecord:
        """The account behind a handle, with or without its @.

        Raises:
            UnknownHandleError: nobody has it.
        """
        name = handle.strip().removeprefix("@").casefold()
        with self.db.reading() as tx:
            person = tx.people.find_handle(name)
        if person is None:
            raise UnknownHandleError(f"nobody here has the handle @{name[:40]}")
        return person


def normal_handle(handle: str) -> str:
    """A handle as it is kept: casefolded, without the @.

    Raises:
        HandleError: it has another form.
    """
    name = handle.strip().removeprefix("@").casefold()
    if _HANDLE.fullmatch(name) is None:
        raise HandleError
    return name


def _hash(api_key: str) -> str:
    # The key is 256 random bits, so a plain digest cannot be searched for it.
    return hashlib.sha256(api_key.encode()).hexdigest()
