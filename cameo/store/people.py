"""Accounts and their public keys."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from cameo.store.errors import NotFoundError, TakenError
from cameo.store.ids import new_id
from cameo.store.records import KeyRecord, PersonRecord, record_of
from cameo.store.tables import Person, PersonKey, table_of

_PERSON: Final = table_of(Person)
_RAISE: Final = (
    update(_PERSON)
    .where(_PERSON.c.id == bindparam("person"))
    .values(epoch=_PERSON.c.epoch + 1)
    .returning(*_PERSON.c)
)


class People:
    """Accounts; handles are kept casefolded, without the @."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, *, handle: str, display_name: str, api_key_hash: str, now: datetime
    ) -> PersonRecord:
        """A new adult account.

        Raises:
            TakenError: somebody has the handle.
        """
        if self.find_handle(handle) is not None:
            raise TakenError(f"@{handle} belongs to somebody; choose another handle")
        row = Person(
            id=new_id("prs"),
            handle=handle,
            display_name=display_name,
            api_key_hash=api_key_hash,
            log_salt=secrets.token_bytes(32),
            adult_declared_at=now,
            created_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return record_of(PersonRecord, row)

    def get(self, person_id: str) -> PersonRecord:
        """The account with this id.

        Raises:
            NotFoundError: there is none.
        """
        row = self._session.get(Person, person_id)
        if row is None:
            raise NotFoundError(f"no person {person_id}")
        return record_of(PersonRecord, row)

    def find_handle(self, handle: str) -> PersonRecord | None:
        """The account with this handle."""
        row = self._session.exec(select(Person).where(Person.handle == handle)).first()
        return None if row is None else record_of(PersonRecord, row)

    def find_api_key(self, api_key_hash: str) -> PersonRecord | None:
        """The account that this API key belongs to."""
        row = self._session.exec(select(Person).where(Person.api_key_hash == api_key_hash)).first()
        return None if row is None else record_of(PersonRecord, row)

    def raise_epoch(self, person_id: str) -> PersonRecord:
        """Mark a deny event; the caller holds the person's exclusive lock.

        Returns:
            The person as they stand after it.
        """
        (row,) = self._session.connection().execute(_RAISE, {"person": person_id})
        self._session.expire_all()
        return record_of(PersonRecord, row)

    def change_api_key(self, person_id: str, api_key_hash: str) -> None:
        """Put another API key in the place of the one before, which then opens nothing."""
        self._session.execute(
            update(Person).where(col(Person.id) == person_id).values(api_key_hash=api_key_hash)
        )

    def add_key(self, record: KeyRecord) -> None:
        """Register a public key.

        Raises:
            TakenError: it, or its credential, is registered already.
        """
        if self.find_key(record.id) is not None or (
            record.credential_id and self.find_credential(record.credential_id) is not None
        ):
            raise TakenError("that key is registered already")
        self._session.add(PersonKey(**{name: getattr(record, name) for name in record.__slots__}))
        self._session.flush()

    def find_key(self, key_id: str) -> KeyRecord | None:
        """The key with this id, whosever it is."""
        row = self._session.get(PersonKey, key_id)
        return None if row is None else record_of(KeyRecord, row)

    def find_credential(self, credential_id: bytes) -> KeyRecord | None:
        """The passkey with this credential id, whosever it is."""
        row = self._session.exec(
            select(PersonKey).where(PersonKey.credential_id == credential_id)
        ).first()
        return None if row is None else record_of(KeyRecord, row)

    def revoke_key(self, key_id: str, now: datetime) -> bool:
        """End a key; what was signed with it before stays signed. False where it had ended."""
        ended = self._session.execute(
            update(PersonKey)
            .where(col(PersonKey.id) == key_id, col(PersonKey.revoked_at).is_(None))
            .values(revoked_at=now)
        )
        self._session.expire_all()
        return ended.rowcount == 1  # type: ignore[attr-defined,no-any-return]

    def raise_counter(self, key_id: str, count: int) -> bool:
        """Note a passkey's signature counter; False where it is not above the one before."""
        raised = self._session.execute(
            update(PersonKey)
            .where(col(PersonKey.id) == key_id, col(PersonKey.sign_count) < count)
            .values(sign_count=count)
        )
        self._session.expire_all()
        return raised.rowcount == 1  # type: ignore[attr-defined,no-any-return]

    def keys(self, person_id: str) -> tuple[KeyRecord, ...]:
        """All keys a person ever registered, oldest first."""
        rows = self._session.exec(
            select(PersonKey)
            .where(PersonKey.person_id == person_id)
            .order_by(col(PersonKey.registered_at), col(PersonKey.id))
        )
        return tuple(record_of(KeyRecord, row) for row in rows)
