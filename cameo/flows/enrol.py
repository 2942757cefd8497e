"""Enrolment: a challenge, a capture that answers it, and templates sealed under a key of their own.

Nothing is half-stored: a capture that is refused leaves its verdict and its digest, no picture, no
sound and no template.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from cameo.flows.cast import profile_to_bytes
from cameo.flows.errors import (
    CaptureRefusedError,
    ChallengeUsedError,
    EnrolmentErasedError,
    ErasurePendingError,
    InvalidRequestError,
    LockedOutError,
    ReplayedCaptureError,
)
from cameo.flows.keys import goes_back_to_recovery, logged_key
from cameo.flows.ledger import Ledger
from cameo.flows.likenesses import Likenesses
from cameo.flows.notice import notice_of
from cameo.flows.policy import Policy
from cameo.flows.vault import file_sha256
from cameo.likeness.capture import Capture
from cameo.likeness.challenge import NONCE_BYTES, Challenge, derived_digits, new_challenge
from cameo.likeness.liveness import LivenessReport
from cameo.media.decode import FrameStream, Probe, probe, read_samples
from cameo.media.errors import NoSoundError, NoVideoError, TooLongError, TruncatedMediaError
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError, TakenError
from cameo.store.ids import new_id
from cameo.store.records import EnrolmentRecord, PersonRecord
from generator.request import VoiceProfile

_RATE: Final = 16_000
_SIDE: Final = 960
_INTERRUPTED: Final = timedelta(hours=1)
_WHOLE: Final = 0.85


class Assessor(Protocol):
    """Judges captures; names the models it judges with."""

    @property
    def models(self) -> tuple[str, str]:
        """Names of the face and the voice model."""
        ...

    def assess(
        self, capture: Capture, challenge: Challenge, *, now: Any, simulated: bool
    ) -> LivenessReport:
        """Every check with its figure. Raises `LikenessError` where nothing can be judged."""
        ...


class VoiceMeter(Protocol):
    """Measures what a voice is adapted to."""

    def __call__(self, samples: npt.NDArray[np.float32], rate: int) -> VoiceProfile:
        """Median pitch, its spread, and the mean spectral envelope."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolments:
    """Takes a likeness."""

    db: Database
    likenesses: Likenesses
    ledger: Ledger
    policy: Policy
    assessor: Assessor
    measure_voice: VoiceMeter

    def begin(
        self,
        person: PersonRecord,
        *,
        notice_sha256: str,
        release: bool,
        simulated: bool = False,
        key: str | None = None,
    ) -> EnrolmentRecord:
        """Issue a challenge: drawn from the person's key, single use, short-lived.

        Args:
            person: who enrols.
            notice_sha256: digest of the notice that the person was shown.
            release: the person has read it and allows the recording.
            simulated: the client declares a synthetic person; the assurance level is then 0.
            key: the key to draw from; None takes the newest that stands.

        Raises:
            InvalidRequestError: another notice is in force, or the person does not allow it.
            ErasurePendingError: a cameo of the person waits for its destruction.
            NoKeyError: the person has registered no key.
            KeyNotEffectiveError: the key was recovered and still waits.
            LockedOutError: too many captures of this person were refused.
        """
        if notice_sha256 != notice_of(self.policy).sha256:
            raise InvalidRequestError("notice_sha256: show the notice of GET /v1/notice first")
        if release is not True:
            raise InvalidRequestError("release: nobody is recorded who does not allow it")
        drawn_from = logged_key(self.db, self.ledger, person, key)
        with self.db.transaction() as tx:
            now = tx.now()
            if tx.rights.erasures(person.id, waiting=True):
                raise ErasurePendingError
            self._require_open(tx.enrolments.failures_since(person.id, now - self._window))
            ttl = int(self.policy.challenge_ttl.total_seconds())
            nonce = secrets.token_bytes(NONCE_BYTES)
            digits = derived_digits(drawn_from.public_key, nonce)
            challenge = new_challenge(now, digits=digits, ttl_s=ttl)
            record = EnrolmentRecord(
                id=new_id("enr"),
                person_id=person.id,
                status="challenged",
                challenge=challenge.to_json(),
                simulated=simulated,
                notice_sha256=notice_sha256,
                expires_at=challenge.expires_at,
                created_at=now,
                decided_at=None,
                assurance=None,
                report=None,
                deks=None,
                face_model=None,
                voice_model=None,
                key_id=drawn_from.key_id,
                nonce=nonce.hex(),
            )
            tx.enrolments.add(record)
        return record

    def answer(self, person: PersonRecord, enrolment_id: str, capture: Path) -> EnrolmentRecord:
        """Judge a capture and, if it answers, keep the likeness encrypted.

        Raises:
            NotFoundError: it is not an enrolment of this person.
            ChallengeUsedError: the challenge was answered before.
            ReplayedCaptureError: the recording was sent before.
            CaptureRefusedError: with the code of the first check that failed.
            MediaError: the file cannot be used. Where that shows before it is judged, the challenge
                is not spent.
        """
        digest = file_sha256(capture)
        facts = self._look(capture)
        with self.db.transaction() as tx:
            record = tx.enrolments.get(enrolment_id)
            if record.person_id != person.id:
                raise NotFoundError(f"no enrolment {enrolment_id}")
            now = tx.now()
            self._require_open(tx.enrolments.failures_since(person.id, now - self._window))
            if now >= record.expires_at and record.status == "challenged":
                raise CaptureRefusedError("challenge.expired", "ask for a new challenge")
            try:
                taken = tx.enrolments.take(enrolment_id, capture_sha256=digest)
            except TakenError as error:
                raise ReplayedCaptureError from error
            if not taken:
                raise ChallengeUsedError
        try:
            report, sound = self._assess(record, capture, facts, now)
        except BaseException as error:
            self._refuse(record, {"error": getattr(error, "code", "internal.error")})
            raise
        if not report.passed:
            self._refuse(record, report_json(report))
            failed = next((check for check in report.checks if not check.stands), None)
            raise CaptureRefusedError(
                failed.code if failed and failed.code else "capture.refused",
                failed.detail if failed else "",
                extra={"checks": report_json(report)["checks"]},
            )
        return self._accept(person, record, report, sound, capture)

    def get(self, person: PersonRecord, enrolment_id: str) -> EnrolmentRecord:
        """One enrolment of a person."""
        with self.db.reading() as tx:
            record = tx.enrolments.get(enrolment_id)
        if record.person_id != person.id:
            raise NotFoundError(f"no enrolment {enrolment_id}")
        return record

    def sweep(self) -> int:
        """Refuse captures whose judging a crash interrupted, and delete what was kept of them."""
        with self.db.reading() as tx:
            left = tx.enrolments.interrupted(before=tx.now() - _INTERRUPTED)
        for record in left:
            self.likenesses.forget(record)
            self._refuse(record, {"error": "capture.interrupted"})
        return len(left)

    def _look(self, path: Path) -> Probe:
        """A file that is no capture at all is refused before the challenge is spent on it."""
        facts = probe(path, self.policy.limits)
        _, longest = self.policy.capture_seconds
        if facts.kind != "video":
            raise NoVideoError("a capture is a video with sound")
        if not facts.has_sound:
            raise NoSoundError("a capture is a video with sound")
        if facts.seconds > longest:
            raise TooLongError(f"{facts.seconds:.0f} s; a capture lasts {longest:.0f} s at most")
        return facts

    def _assess(
        self, record: EnrolmentRecord, path: Path, facts: Probe, now: Any
    ) -> tuple[LivenessReport, npt.NDArray[np.float32]]:
        shortest, _ = self.policy.capture_seconds
        sound = read_samples(path, self.policy.limits, rate=_RATE)
        with FrameStream(path, self.policy.limits, max_side=_SIDE) as stream:
            frames = _Counted(stream)
            capture = Capture(frames=frames, fps=stream.fps, samples=sound, rate=_RATE)
            report = self.assessor.assess(
                capture,
                Challenge.from_json(record.challenge),
                now=now,
                simulated=record.simulated,
            )
            _require_whole(frames.count / stream.fps, facts.seconds, shortest)
        return report, sound

    def _accept(
        self,
        person: PersonRecord,
        record: EnrolmentRecord,
        report: LivenessReport,
        sound: npt.NDArray[np.float32],
        capture: Path,
    ) -> EnrolmentRecord:
        try:
            parts = self._parts(report, sound, capture)
            deks = self.likenesses.keep(record, parts, partial(self._remember, record.id))
        except BaseException as error:
            self._refuse(record, {"error": getattr(error, "code", "internal.error")})
            raise
        try:
            return self._keep(person, record, report, deks)
        except EnrolmentErasedError:
            self.likenesses.forget(replace(record, deks=deks))
            raise

    def _keep(
        self, person: PersonRecord, record: EnrolmentRecord, report: LivenessReport, deks: str
    ) -> EnrolmentRecord:
        with self.db.transaction(exclusive=[person.id]) as tx:
            now = tx.now()
            kept = tx.enrolments.decide(
                record.id,
                accepted=True,
                assurance=report.assurance_level,
                report=json.dumps(report_json(report)),
                deks=deks,
                models=self.assessor.models,
                now=now,
            )
            if not kept:
                raise EnrolmentErasedError
            if goes_back_to_recovery(tx, person.id, record.key_id):
                self._begin_anew(tx, person, record, now)
            self.ledger.record(
                tx,
                kind="enrol",
                ref=record.id,
                private=logged_as(record, report.assurance_level),
                at=now,
                people=[tx.people.get(person.id)],
            )
            return tx.enrolments.get(record.id)

    def _begin_anew(
        self, tx: Transaction, person: PersonRecord, record: EnrolmentRecord, now: datetime
    ) -> None:
        """End what stood before an enrolment from a recovered key.

        Without this, whoever recovered an account could enrol themselves and then grant others the
        likeness that the person had enrolled, under the consent that the person had signed.
        """
        tx.consents.supersede(person.id, now)
        tx.people.raise_epoch(person.id)
        self.ledger.record(
            tx,
            kind="restrict",
            ref=record.id,
            private={"act": "enrol.recovered", "enrolment": record.id, "person": person.id},
            at=now,
            people=[tx.people.get(person.id)],
        )

    def _parts(
        self, report: LivenessReport, sound: npt.NDArray[np.float32], capture: Path
    ) -> dict[str, bytes | Path]:
        if report.face_template is None or report.voice_template is None or not report.appearance:
            raise CaptureRefusedError("capture.unusable", "no likeness could be taken from it")
        return {
            "face": report.face_template.to_bytes(),
            "voice": report.voice_template.to_bytes(),
            "appearance": report.appearance.to_bytes(),
            "voice-profile": profile_to_bytes(self.measure_voice(sound, _RATE)),
            "capture": capture,
        }

    def _remember(self, enrolment_id: str, deks: str) -> None:
        with self.db.transaction() as tx:
            if not tx.enrolments.remember_keys(enrolment_id, deks):
                raise EnrolmentErasedError

    def _refuse(self, record: EnrolmentRecord, report: dict[str, Any]) -> None:
        with self.db.transaction() as tx:
            tx.enrolments.decide(
                record.id,
                accepted=False,
                assurance=None,
                report=json.dumps(report),
                deks=None,
                models=None,
                now=tx.now(),
            )

    def _require_open(self, failures: int) -> None:
        if failures >= self.policy.lockout_failures:
            raise LockedOutError

    @property
    def _window(self) -> Any:
        return self.policy.lockout_window


class _Counted:
    """Counts frames as they pass, so that a capture that ends early is noticed."""

    def __init__(self, stream: FrameStream) -> None:
        self._stream = stream
        self.count = 0

    def __iter__(self) -> Any:
        for frame in self._stream:
            self.count += 1
            yield frame


def logged_as(record: EnrolmentRecord, assurance: int) -> dict[str, Any]:
    """What the log commits to when an enrolment is accepted."""
    return {
        "enrolment": record.id,
        "person": record.person_id,
        "assurance": assurance,
        "simulated": record.simulated,
        "key": record.key_id,
        "nonce": record.nonce,
        "notice_sha256": record.notice_sha256,
        "released_at": record.created_at.isoformat(),
    }


def report_json(report: LivenessReport) -> dict[str, Any]:
    """The checks as plain values; what was measured, never a template."""
    return {
        "passed": report.passed,
        "assurance": report.assurance_level,
        "checks": [
            {
                "name": check.name,
                "status": check.status,
                "figure": check.figure,
                "limit": check.limit,
                "code": check.code,
                "detail": check.detail,
            }
            for check in report.checks
        ],
    }


def _require_whole(seen: float, promised: float, shortest: float) -> None:
    if promised and seen < promised * _WHOLE:
        raise TruncatedMediaError(f"{seen:.1f} s of {promised:.1f} s could be decoded")
    if seen < shortest:
        raise TruncatedMediaError(f"only {seen:.1f} s; a capture lasts {shortest:.0f} s at least")
