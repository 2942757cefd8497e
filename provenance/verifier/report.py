"""The report that a verification yields."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from provenance.credentials.values import Credentials
from provenance.verifier.ports import (
    Agreement,
    ConsentAtRelease,
    LogStatus,
    MarkFinding,
    SoundFinding,
)
from provenance.verifier.reasons import explain
from provenance.verifier.report_marks import agreement_json, hex16, watermark_json
from provenance.verifier.verdicts import Integrity, Verdict

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class NotRun:
    """A check that did not run.

    Attributes:
        check: Its name: `credentials`, `watermark`, `sound`, `registry`, `fingerprint`,
            `sound_fingerprint`, `consents`, `log`.
        code: Reason code.
        detail: The kind of failure, for an operator; holds no content of the file.
    """

    check: str
    code: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyReport:
    """Everything that was found, and the verdict.

    Attributes:
        verdict: The one word.
        integrity: What bytes or picture prove, whatever became of the consents.
        clip_id: The clip, as far as it could be identified.
        payload: Its payload, or None.
        mark: What the detector found, or None where it did not run.
        agreement: How the content compares, or None where it was not compared.
        credentials: What the file carries, or None where that could not be checked.
        archived: The archived credentials of a recovered clip, or None.
        consents: Then and now.
        log: Whether the log holds the release.
        reasons: Codes from `REASONS`, the most important first.
        not_run: Checks that did not run.
        checked_at: Time of the check; consents stand or not as of then.
        sound: What the detector found in the sound; None where there is none or it did not run.
        sound_agreement: How the sound compares, or None where it was not compared.
        clips: Clip ids that the registry knows, by the payloads of the stretches that are marked.
    """

    verdict: Verdict
    integrity: Integrity
    clip_id: str | None
    payload: int | None
    mark: MarkFinding | None
    agreement: Agreement | None
    credentials: Credentials | None
    archived: Credentials | None
    consents: tuple[ConsentAtRelease, ...]
    log: LogStatus
    reasons: tuple[str, ...]
    not_run: tuple[NotRun, ...]
    checked_at: datetime
    sound: SoundFinding | None = None
    sound_agreement: Agreement | None = None
    clips: Mapping[int, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """The verdict's exit code."""
        return self.verdict.exit_code

    def to_json(self) -> Json:
        """The report as JSON-ready values; the names are fixed, other programs read them."""
        return {
            "verdict": self.verdict.value,
            "exit_code": self.exit_code,
            "integrity": self.integrity,
            "clip_id": self.clip_id,
            "payload": hex16(self.payload),
            "watermark": watermark_json(self.mark, self.sound, self.clips),
            "fingerprint": agreement_json(self.agreement),
            "sound_fingerprint": agreement_json(self.sound_agreement),
            "credentials": _credentials(self.credentials),
            "archived_credentials": (
                None if self.archived is None else _credentials(self.archived)
            ),
            "consents": [_consent(consent) for consent in self.consents],
            "log": dataclasses.asdict(self.log),
            "reasons": list(self.reasons),
            "explanations": {code: explain(code) for code in self.reasons},
            "checks_not_run": [dataclasses.asdict(step) for step in self.not_run],
            "checked_at": _when(self.checked_at),
        }


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _credentials(credentials: Credentials | None) -> Json:
    if credentials is None:
        return {"present": None, "state": "not_checked", "codes": []}
    statement = credentials.statement
    return {
        "present": credentials.present,
        "state": credentials.state,
        "codes": list(credentials.codes),
        "ours": credentials.ours,
        "byte_bound": credentials.bound,
        "laundered": credentials.laundered,
        "imitation": credentials.imitation,
        "action": None if statement is None else statement.action,
        "generator": credentials.generator,
        "issuer": credentials.issuer,
        "signed_at": credentials.signed_at,
        "timestamp": credentials.timestamp,
        "revocation": credentials.revocation,
        "summary": list(credentials.summary),
    }


def _consent(consent: ConsentAtRelease) -> Json:
    return {
        "id": consent.id,
        "state_then": consent.state_then,
        "state_now": consent.state_now,
        "assurance": consent.assurance,
        "simulated": consent.simulated,
        "ended_at": _when(consent.ended_at),
    }
