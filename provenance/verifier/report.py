"""The report that a verification yields."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime

from provenance.credentials.values import Credentials
from provenance.verifier.ports import Agreement, ConsentAtRelease, LogStatus, MarkFinding
from provenance.verifier.reasons import explain
from provenance.verifier.verdicts import Integrity, Verdict

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class NotRun:
    """A check that did not run.

    Attributes:
        check: Its name: `credentials`, `watermark`, `registry`, `fingerprint`, `consents`, `log`.
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
            "payload": _hex(self.payload),
            "watermark": _watermark(self.mark),
            "fingerprint": _fingerprint(self.agreement),
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


def _hex(payload: int | None) -> str | None:
    return None if payload is None else f"{payload:016x}"


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _watermark(mark: MarkFinding | None) -> Json:
    if mark is None:
        return {
            "checked": False,
            "found_in": [],
            "payload": None,
            "confidence": None,
            "threshold": None,
            "geometry": None,
        }
    return {
        "checked": True,
        "found_in": ["picture"] if mark.found else [],
        "payload": _hex(mark.payload),
        "confidence": float(mark.confidence),
        "threshold": float(mark.threshold),
        "geometry": _plain(mark.geometry),
    }


def _plain(geometry: object | None) -> object | None:
    if dataclasses.is_dataclass(geometry) and not isinstance(geometry, type):
        return {key: _number(value) for key, value in dataclasses.asdict(geometry).items()}
    return geometry


def _number(value: object) -> object:
    """A numpy scalar as the Python number that JSON knows."""
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def _fingerprint(agreement: Agreement | None) -> Json:
    if agreement is None:
        return {"checked": False, "agrees": None}
    return {
        "checked": True,
        "agrees": bool(agreement.agrees),
        "score": float(agreement.score),
        "threshold": float(agreement.threshold),
        "seconds_compared": float(agreement.seconds_compared),
        "offset_s": float(agreement.offset_s),
    }


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
