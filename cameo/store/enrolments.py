"""Challenges and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from cameo.store.errors import NotFoundError, TakenError
from cameo.store.records import EnrolmentRecord, record_of
from cameo.store.tables import Enrolment


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

    def remember_keys(self, enrolment_id: str, deks: str) -> None:
        """Note the keys of a likeness that is about to be sealed."""
        self._session.execute(
            update(Enrolment).where(col(Enrolment.id) == enrolment_id).values(deks=deks)
        )

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
    ) -> None:
        """Record the outcome; of the capture itself nothing stays here but its digest."""
        face, voice = models or (None, None)
        self._session.execute(
            update(Enrolment)
            .where(col(Enrolment.id) == enrolment_id)
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
