"""Challenges for passkeys: drawn here, answered once, soon, for one purpose and by one person."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final, Literal

from cameo.flows.errors import CeremonyError
from cameo.store.database import Transaction
from cameo.store.records import CeremonyRecord
from consent.webauthn import CHALLENGE_BYTES, challenge_in

Kind = Literal["register", "recover", "sign_in"]

TTL: Final = timedelta(minutes=5)
_MOST_OF_ONE: Final = 8
_MOST_OF_NOBODY: Final = 10_000
_SELDOM: Final = 64


def draw(tx: Transaction, kind: Kind, person_id: str | None) -> bytes:
    """Draw a challenge; only its digest is kept.

    Args:
        tx: a transaction that commits before the challenge is told.
        kind: what it may be answered for.
        person_id: by whom; None where that is not known yet, as at sign-in.
    """
    now = tx.now()
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    record = CeremonyRecord(
        challenge_hash=_hash(challenge),
        kind=kind,
        person_id=person_id,
        created_at=now,
        expires_at=now + TTL,
    )
    tx.sessions.issue(record)
    if person_id is not None:
        tx.sessions.keep_newest(person_id, _MOST_OF_ONE)
    elif secrets.randbelow(_SELDOM) == 0:
        # Looking through thousands of rows for each of a flood of requests would be the flood's
        # gain; now and then suffices to bound them.
        tx.sessions.keep_newest(None, _MOST_OF_NOBODY)
        tx.sessions.forget(before=now - TTL)
    return challenge


def use(tx: Transaction, client_data_json: bytes, kind: Kind, person_id: str | None) -> bytes:
    """Use up the challenge that client data names, and return it.

    Raises:
        CeremonyError: it is none of ours, was used, has expired, or was drawn for another purpose
            or person.
        EvidenceError: the client data cannot be read.
    """
    challenge = challenge_in(client_data_json)
    taken = tx.sessions.take(_hash(challenge), kind=kind, now=tx.now())
    if taken is None or taken.person_id != person_id:
        raise CeremonyError
    return challenge


def look(tx: Transaction, client_data_json: bytes, kind: Kind, person_id: str) -> bytes:
    """The challenge that client data names, if `use` would take it now; it stays unused.

    Raises:
        CeremonyError: `use` would refuse it.
        EvidenceError: the client data cannot be read.
    """
    challenge = challenge_in(client_data_json)
    found = tx.sessions.look(_hash(challenge))
    if found is None or (found.kind, found.person_id) != (kind, person_id):
        raise CeremonyError
    if found.used_at is not None or found.expires_at <= tx.now():
        raise CeremonyError
    return challenge


def _hash(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()
