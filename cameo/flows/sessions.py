"""Signing in with a passkey: a session of twelve hours, which may see, withdraw and pause."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from cameo.flows import ceremonies
from cameo.flows.accounts import SESSION_TOKEN, Caller, token_hash
from cameo.flows.errors import (
    CounterError,
    KeyNotEffectiveError,
    KeyRevokedError,
    SignInRefusedError,
)
from cameo.flows.policy import Policy
from cameo.store.database import Database, Transaction
from cameo.store.records import KeyRecord, SessionRecord
from consent.registration import parse_registration, registered_key
from consent.webauthn import Assertion, RelyingParty, verify_assertion

_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestOptions:
    """What a page asks an authenticator for, when somebody is to sign in with any passkey."""

    challenge: bytes
    rp_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sessions:
    """Signs people in and out."""

    db: Database
    policy: Policy

    def challenge(self) -> RequestOptions:
        """Draw a challenge for whoever wants to sign in."""
        with self.db.transaction() as tx:
            challenge = ceremonies.draw(tx, "sign_in", None)
        return RequestOptions(challenge=challenge, rp_id=self.policy.rp_id)

    def sign_in(self, assertion: Assertion, user_handle: bytes) -> tuple[SessionRecord, str]:
        """Open a session; returns it and its token, which is shown this once.

        Args:
            assertion: what the passkey answered.
            user_handle: the account that the passkey says it is for.

        Raises:
            CeremonyError: the challenge is not one to answer.
            SignInRefusedError: nobody has that passkey, or it is for another account.
            EvidenceError: the passkey's answer is wrong.
            KeyRevokedError: the key was revoked.
            KeyNotEffectiveError: the key was recovered and still waits.
            CounterError: the passkey's counter went back.
        """
        with self.db.transaction() as tx:  # of its own: a challenge is spent by a wrong answer too
            challenge = ceremonies.use(tx, assertion.client_data_json, "sign_in", None)
            found = tx.people.find_credential(assertion.credential_id)
        if found is None or found.person_id.encode() != user_handle:
            raise SignInRefusedError
        token = SESSION_TOKEN + secrets.token_urlsafe(_TOKEN_BYTES)
        # Under the person's lock and read again: a key that is revoked meanwhile opens nothing.
        with self.db.transaction(shared=[found.person_id]) as tx:
            key = tx.people.find_key(found.id)
            if key is None:
                raise SignInRefusedError
            self._check(tx, key, assertion, challenge)
            now = tx.now()
            session = SessionRecord(
                token_hash=token_hash(token),
                person_id=key.person_id,
                key_id=key.id,
                created_at=now,
                expires_at=now + self.policy.session_ttl,
            )
            tx.sessions.open(session)
        return session, token

    def sign_out(self, caller: Caller) -> bool:
        """End the session that the caller came with; False where they came with an API key."""
        if caller.session is None:
            return False
        with self.db.transaction() as tx:
            tx.sessions.end(caller.session.token_hash, tx.now())
        return True

    def _check(
        self, tx: Transaction, key: KeyRecord, assertion: Assertion, challenge: bytes
    ) -> None:
        registered = registered_key(parse_registration(key.registration))
        count = verify_assertion(
            assertion,
            challenge=challenge,
            party=RelyingParty(rp_id=registered.rp_id or "", origins=registered.origins),
            public_key=registered.public_key,
        )
        if key.revoked_at is not None:
            raise KeyRevokedError
        if tx.now() < key.effective_at:
            raise KeyNotEffectiveError
        # Many passkeys never count. One that does, and falls back, answered from two places.
        if count and not tx.people.raise_counter(key.id, count):
            raise CounterError
