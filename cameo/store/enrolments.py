"""Challenges and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlmodel import Session, col, select

from cameo.store.errors import NotFoundError, TakenError
from cameo.store.records import EnrolmentRecord, record_of
from cameo.store.tables import Consent, Enrolment, Person

_AT_ONCE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentTerm:
    """When a consent ended or will end, and how long the likeness may be kept after that."""

    ends_at: datetime | None
    """None where it goes on until it is withdrawn."""
    retention_days: int


class Enrolments:
    """Enrolments; a challenge is taken by exactly one capture."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, record: EnrolmentRecord) -> None:
        """A challenge that was issued."""
        self._session.add(Enrolment(**{name: getattr(record, name) for name in record.__slots__}))
        self._session.flush()

    def get(self, enrolment_id: str) -> EnrolmentRecord:
        """One enrolment.

        Raises:
            NotFoundError: there is none.
        """
        row = self._session.get(Enrolment, enrolment_id)
        if row is None:
            raise NotFoundError(f"no enrolment {enrolment_id}")
        return record_of(EnrolmentRecord, row)

    def take(self, enrolment_id: str, *, capture_sha256: str) -> bool:
        """Mark a challenge as being answered; False where it was answered before.

        Raises:
            TakenError: this very capture was sent before, to whatever challenge.
        """
        seen = self._session.exec(
            select(Enrolment.id).where(Enrolment.capture_sha256 == capture_sha256)
        ).first()
        if seen is not None:
            raise TakenError("this capture was used before")
        taken = self._session.execute(
            update(Enrolment)
            .where(col(Enrolment.id) == enrolment_id, col(Enrolment.status) == "challenged")
            .values(status="assessing", capture_sha256=capture_sha256)
        )
        return taken.rowcount == 1  # type: ignore[attr-defined,no-any-return]

    def remember_keys(self, enrolment_id: str, deks: str) -> bool:
        """Note the keys of a likeness that is about to be sealed.

        False where the capture is not being judged any more: an erasure ended it, and would not
        know these keys.
        """
        noted = self._session.execute(
            update(Enrolment)
            .where(col(Enrolment.id) == enrolment_id, col(Enrolment.status) == "assessing")
            .values(deks=deks)
        )
        self._session.expire_all()
        return noted.rowcount == 1  # type: ignore[attr-defined,no-any-return]

    def decide(
        self,
        enrolment_id: str,
        *,
        accepted: bool,
        assurance: int | None,
        report: str,
        deks: str | None,
        models: tuple[str, str] | None,
        now: datetime,
    ) -> bool:
        """Record the outcome; of the capture itself nothing stays here but its digest.

        False, and nothing is recorded, where an erasure ended it meanwhile.
        """
        face, voice = models or (None, None)
        decided = self._session.execute(
            update(Enrolment)
            .where(col(Enrolment.id) == enrolment_id, col(Enrolment.status) != "erased")
            .values(
                status="accepted" if accepted else "refused",
                assurance=assurance,
                report=report,
                deks=deks,
                face_model=face,
                voice_model=voice,
                decided_at=now,
            )
        )
        self._session.expire_all()
        return decided.rowcount == 1  # type: ignore[attr-defined,no-any-return]

    def interrupted(self, *, before: datetime) -> tuple[EnrolmentRecord, ...]:
        """Enrolments whose capture was being judged and that are older than `before`."""
        rows = self._session.exec(
            select(Enrolment).where(
                Enrolment.status == "assessing", col(Enrolment.created_at) < before
            )
        )
        return tuple(record_of(EnrolmentRecord, row) for row in rows)

    def failures_since(self, person_id: str, since: datetime) -> int:
        """How many captures of a person were refused since then: the lock-out counts them."""
        rows = self._session.exec(
            select(Enrolment.id).where(
                Enrolment.person_id == person_id,
                Enrolment.status == "refused",
                col(Enrolment.decided_at) >= since,
            )
        )
        return len(rows.all())

    def accepted(self, person_id: str) -> tuple[EnrolmentRecord, ...]:
        """All accepted enrolments of a person."""
        rows = self._session.exec(
            select(Enrolment).where(
                Enrolment.person_id == person_id, Enrolment.status == "accepted"
            )
        )
        return tuple(record_of(EnrolmentRecord, row) for row in rows)

    def latest(self, person_id: str) -> EnrolmentRecord | None:
        """The newest accepted enrolment of a person."""
        row = self._session.exec(
            select(Enrolment)
            .where(Enrolment.person_id == person_id, Enrolment.status == "accepted")
            .order_by(col(Enrolment.decided_at).desc())
        ).first()
        return None if row is None else record_of(EnrolmentRecord, row)

    def all(self, person_id: str) -> tuple[EnrolmentRecord, ...]:
        """All enrolments of a person, oldest first."""
        rows = self._session.exec(
            select(Enrolment)
            .where(Enrolment.person_id == person_id)
            .order_by(col(Enrolment.created_at), col(Enrolment.id))
        )
        return tuple(record_of(EnrolmentRecord, row) for row in rows)

    def end(self, ids: Iterable[str]) -> None:
        """Use these enrolments no more; what was kept of them waits for its destruction."""
        self._session.execute(
            update(Enrolment).where(col(Enrolment.id).in_(tuple(ids))).values(status="erased")
        )
        self._session.expire_all()

    def wipe(self, ids: Iterable[str], now: datetime) -> None:
        """Overwrite all that rows of ended enrolments tell; their keys were destroyed before."""
        self._session.execute(
            update(Enrolment)
            .where(col(Enrolment.id).in_(tuple(ids)), col(Enrolment.status) == "erased")
            .values(
                challenge="{}",
                nonce=None,
                report=None,
                capture_sha256=None,
                deks=None,
                erased_at=now,
            )
        )
        self._session.expire_all()

    def captures_due(self, *, before: datetime, limit: int = 200) -> tuple[EnrolmentRecord, ...]:
        """Accepted enrolments, decided before then, whose recording is still kept.

        Those of people under a legal hold are not due.
        """
        rows = self._session.exec(
            select(Enrolment)
            .join(Person, col(Person.id) == col(Enrolment.person_id))
            .where(
                Enrolment.status == "accepted",
                col(Enrolment.decided_at) <= before,
                col(Enrolment.capture_erased_at).is_(None),
                col(Person.held_at).is_(None),
            )
            .limit(limit)
        )
        return tuple(record_of(EnrolmentRecord, row) for row in rows)

    def capture_erased(self, enrolment_id: str, deks: str | None, now: datetime) -> None:
        """Note that a recording was destroyed, and the keys that are left."""
        self._session.execute(
            update(Enrolment)
            .where(col(Enrolment.id) == enrolment_id)
            .values(deks=deks, capture_erased_at=now)
        )
        self._session.expire_all()

    def without_consent(self, now: datetime) -> tuple[EnrolmentRecord, ...]:
        """Accepted enrolments under which no consent stands, of people under no legal hold."""
        standing = select(Consent.id).where(
            col(Consent.enrolment_id) == col(Enrolment.id),
            Consent.status == "active",
            col(Consent.expires_at).is_(None) | (col(Consent.expires_at) > now),
        )
        rows = self._session.exec(
            select(Enrolment)
            .join(Person, col(Person.id) == col(Enrolment.person_id))
            .where(
                Enrolment.status == "accepted", col(Person.held_at).is_(None), ~standing.exists()
            )
        )
        return tuple(record_of(EnrolmentRecord, row) for row in rows)

    def sealed(self) -> tuple[EnrolmentRecord, ...]:
        """All accepted enrolments of which something is kept, person by person."""
        rows = self._session.exec(
            select(Enrolment)
            .where(Enrolment.status == "accepted", col(Enrolment.deks).is_not(None))
            .order_by(col(Enrolment.person_id), col(Enrolment.created_at))
        )
        return tuple(record_of(EnrolmentRecord, row) for row in rows)

    def terms(self, ids: Iterable[str]) -> dict[str, tuple[ConsentTerm, ...]]:
        """Enrolment id -> the times of every consent that was signed under it."""
        found: dict[str, list[ConsentTerm]] = {each: [] for each in ids}
        wanted = sorted(found)
        for start in range(0, len(wanted), _AT_ONCE):
            rows = self._session.exec(
                select(
                    Consent.enrolment_id,
                    Consent.ended_at,
                    Consent.expires_at,
                    Consent.retention_days,
                ).where(col(Consent.enrolment_id).in_(wanted[start : start + _AT_ONCE]))
            )
            for enrolment_id, ended, expires, days in rows:
                ends = [moment for moment in (ended, expires) if moment is not None]
                term = ConsentTerm(ends_at=min(ends, default=None), retention_days=days)
                found[enrolment_id].append(term)
        return {each: tuple(terms) for each, terms in found.items()}
