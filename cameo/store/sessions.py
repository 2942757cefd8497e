"""Sessions of people who signed in, and the challenges that passkeys answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from cameo.store.records import CeremonyRecord, SessionRecord, record_of
from cameo.store.tables import Ceremony, LoginSession


class Sessions:
    """Tokens and challenges are kept as digests: who reads the table cannot use them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, record: SessionRecord) -> None:
        """A session that begins."""
        self._session.add(LoginSession(**{n: getattr(record, n) for n in record.__slots__}))
        self._session.flush()

    def find(self, token_hash: str) -> SessionRecord | None:
        """The session with this token, whether it stands or not."""
        row = self._session.get(LoginSession, token_hash)
        return None if row is None else record_of(SessionRecord, row)

    def end(self, token_hash: str, now: datetime) -> None:
        """End one session."""
        self._session.execute(
            update(LoginSession)
            .where(col(LoginSession.token_hash) == token_hash, col(LoginSession.ended_at).is_(None))
            .values(ended_at=now)
        )

    def end_of_key(self, key_id: str, now: datetime) -> None:
        """End every session that a key opened."""
        self._session.execute(
            update(LoginSession)
            .where(col(LoginSession.key_id) == key_id, col(LoginSession.ended_at).is_(None))
            .values(ended_at=now)
        )

    def forget(self, *, before: datetime) -> None:
        """Delete sessions and challenges that could not be used any more before then."""
        self._session.execute(delete(LoginSession).where(col(LoginSession.expires_at) < before))
        self._session.execute(delete(Ceremony).where(col(Ceremony.expires_at) < before))

    def issue(self, record: CeremonyRecord) -> None:
        """A challenge that was drawn."""
        self._session.add(Ceremony(**{n: getattr(record, n) for n in record.__slots__}))
        self._session.flush()

    def keep_newest(self, person_id: str | None, most: int) -> None:
        """Delete all but the newest unused challenges of one person, or of nobody.

        The oldest go: a flood of requests then costs room for a bounded number, and whoever comes
        after it is not locked out.
        """
        whose = col(Ceremony.person_id) == person_id
        if person_id is None:
            whose = col(Ceremony.person_id).is_(None)
        unused = col(Ceremony.used_at).is_(None)
        last = self._session.exec(
            select(Ceremony.created_at)
            .where(whose, unused)
            .order_by(col(Ceremony.created_at).desc())
            .offset(most)
            .limit(1)
        ).first()
        if last is not None:
            self._session.execute(
                delete(Ceremony).where(whose, unused, col(Ceremony.created_at) <= last)
            )

    def take(self, challenge_hash: str, *, kind: str, now: datetime) -> CeremonyRecord | None:
        """Use a challenge up; None where there is none of this kind that stands.

        Of two that come at once with the same challenge one gets it.
        """
        taken = self._session.execute(
            update(Ceremony)
            .where(
                col(Ceremony.challenge_hash) == challenge_hash,
                col(Ceremony.kind) == kind,
                col(Ceremony.used_at).is_(None),
                col(Ceremony.expires_at) > now,
            )
            .values(used_at=now)
        )
        self._session.expire_all()
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            return None
        return self.look(challenge_hash)

    def look(self, challenge_hash: str) -> CeremonyRecord | None:
        """A challenge, used or not."""
        row = self._session.get(Ceremony, challenge_hash)
        return None if row is None else record_of(CeremonyRecord, row)
