"""Accounts: sign up, authenticate, change the API key."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from cameo.flows.errors import (
    AdultsOnlyError,
    DisplayNameError,
    HandleError,
    InvalidRequestError,
    NotAuthenticatedError,
    PasskeySessionError,
    SignupClosedError,
    UnknownHandleError,
)
from cameo.flows.policy import Policy
from cameo.store.database import Database
from cameo.store.records import PersonRecord, SessionRecord
from consent.folding import fold

_HANDLE: Final = re.compile(r"[a-z][0-9a-z_.-]{1,28}[0-9a-z_]")
_RESERVED: Final = frozenset(
    {
        "admin",
        "administrator",
        "cameo",
        "everyone",
        "help",
        "me",
        "moderator",
        "official",
        "operator",
        "root",
        "security",
        "support",
        "system",
    }
)
_SEPARATORS: Final = str.maketrans("", "", "_.-")
_API_KEY: Final = "cameo_"
_FRESH: Final = timedelta(minutes=10)
_API_KEY_BYTES: Final = 32
SESSION_TOKEN: Final = "session_"  # noqa: S105 - how one begins, no secret
"""How a session's token begins; an API key begins otherwise."""


class KnownNames(Protocol):
    """Knows names that nobody may take for their own."""

    def is_known_name(self, name: str) -> bool:
        """Whether a whole name is a known person's, a protected character's or a work's."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks, and how they are known: by a session, or else by their API key."""

    person: PersonRecord
    session: SessionRecord | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accounts:
    """Who is who."""

    db: Database
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
        api_key = _API_KEY + secrets.token_urlsafe(_API_KEY_BYTES)
        with self.db.transaction() as tx:
            person = tx.people.add(
                handle=normal_handle(handle),
                display_name=name,
                api_key_hash=token_hash(api_key),
                now=tx.now(),
            )
        return person, api_key

    def authenticate(self, token: str | None) -> Caller:
        """Who an API key or a session's token belongs to.

        Raises:
            NotAuthenticatedError: none, nobody's, or of a session that has ended.
        """
        if not token or len(token) > 200:
            raise NotAuthenticatedError
        with self.db.reading() as tx:
            if not token.startswith(SESSION_TOKEN):
                person = tx.people.find_api_key(token_hash(token))
                return _known(person, None)
            session = tx.sessions.find(token_hash(token))
            if session is None or session.ended_at is not None or session.expires_at <= tx.now():
                raise NotAuthenticatedError("your session has ended; sign in again")
            return _known(tx.people.get(session.person_id), session)

    def is_known(self, token: str | None) -> bool:
        """Whether an API key or a session's token is somebody's."""
        try:
            self.authenticate(token)
        except NotAuthenticatedError:
            return False
        return True

    def new_api_key(self, caller: Caller) -> str:
        """Put a new API key in the place of the old one, which then opens nothing.

        Raises:
            PasskeySessionError: the caller came with an API key, or with a session that is not
                fresh: whoever stole one of these could otherwise lock its owner out.
        """
        session = caller.session
        if session is None or session.key_id is None:
            raise PasskeySessionError
        api_key = _API_KEY + secrets.token_urlsafe(_API_KEY_BYTES)
        with self.db.transaction() as tx:
            if session.created_at < tx.now() - _FRESH:
                raise PasskeySessionError("this session is older than ten minutes: sign in again")
            tx.people.change_api_key(caller.person.id, token_hash(api_key))
            tx.clips.notify(caller.person.id, "account.api_key_changed", None, tx.now())
        return api_key

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
        HandleError: it has another form, or would pass for the service's own.
    """
    name = handle.strip().removeprefix("@").casefold()
    if _HANDLE.fullmatch(name) is None:
        raise HandleError
    if name.translate(_SEPARATORS) in _RESERVED:
        raise HandleError(f"@{name} sounds like the service itself; choose another handle")
    return name


def token_hash(token: str) -> str:
    """What is kept of an API key or of a session's token."""
    # Both are 256 random bits, so a plain digest cannot be searched for them.
    return hashlib.sha256(token.encode()).hexdigest()


def _known(person: PersonRecord | None, session: SessionRecord | None) -> Caller:
    if person is None:
        raise NotAuthenticatedError
    return Caller(person=person, session=session)
