"""Why a flow refuses. The web layer maps each code to a status in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class FlowError(Exception):
    """The service cannot do that."""

    code: ClassVar[str] = "request.refused"

    def __init__(self, detail: str = "", *, extra: Mapping[str, Any] | None = None) -> None:
        text = (type(self).__doc__ or "").strip()
        super().__init__(detail or text)
        self.extra = dict(extra or {})
        """Further members of the problem document (RFC 9457), JSON values."""


class InvalidRequestError(FlowError):
    """The request says something that cannot be used."""

    code = "request.invalid"


class NotAuthenticatedError(FlowError):
    """No valid API key or session came with the request; send it as `Authorization: Bearer KEY`."""

    code = "auth.required"


class SignupClosedError(FlowError):
    """This service creates accounts by invitation only; ask its operator."""

    code = "auth.signup_closed"


class AdultsOnlyError(FlowError):
    """A cameo is for adults who declare to be 18 or older."""

    code = "person.adult_required"


class HandleError(FlowError):
    """A handle is 3 to 30 of a-z, 0-9, `_`, `.`, `-`; first a letter, last no `.` or `-`."""

    code = "person.handle"


class KeyExistsError(FlowError):
    """You had a key before: let one of your keys add this one, or recover if you lost them all."""

    code = "key.exists"


class NoKeyYetError(FlowError):
    """You have registered no key yet, so there is nothing to recover; register your first one."""

    code = "key.none"


class KeyNotEffectiveError(FlowError):
    """This key was recovered and still waits; it can sign withdrawals, and nothing else yet."""

    code = "key.not_effective"


class KeyNeedsEnrolmentError(FlowError):
    """This key goes back to a recovery: enrol anew with it, it signs only withdrawals till then."""

    code = "key.needs_enrolment"


class KeyRevokedError(FlowError):
    """This key was revoked and signs nothing any more; use another one of yours, or recover."""

    code = "key.revoked"


class KeyNotPendingError(FlowError):
    """There is no recovery to cancel: this key is not one that waits. You can revoke it."""

    code = "key.not_pending"


class RecoveryPendingError(FlowError):
    """A recovery is under way already; cancel it first, or wait for it."""

    code = "key.recovery_pending"


class TooManyKeysError(FlowError):
    """You have ten keys, which is the most; revoke one first."""

    code = "key.too_many"


class CeremonyError(FlowError):
    """This challenge was used, has expired, or was drawn for something else; ask for a new one."""

    code = "session.challenge"


class SignInRefusedError(FlowError):
    """Nobody here has that passkey; use another one, or your API key."""

    code = "session.refused"


class CounterError(FlowError):
    """This passkey's counter went back, as if it had been copied; use another key, revoke this."""

    code = "session.counter"


class PasskeySessionError(FlowError):
    """Sign in with a passkey for this; an API key does not suffice."""

    code = "session.passkey_required"


class NoKeyError(FlowError):
    """Register a key first: the digits of a challenge are derived from it."""

    code = "enrolment.no_key"


class EnrolmentErasedError(FlowError):
    """Your cameo was erased while this capture was being judged; ask for a new challenge."""

    code = "enrolment.erased"


class ErasurePendingError(FlowError):
    """Your cameo waits for its destruction; enrol anew when that is done (see `cameo erase`)."""

    code = "cameo.erasure_pending"


class NoCameoError(FlowError):
    """There is no cameo: nothing was enrolled, or it was erased already."""

    code = "cameo.none"


class NotConfirmedError(FlowError):
    """To confirm, repeat your own handle; nothing was erased."""

    code = "cameo.not_confirmed"


class HoldError(FlowError):
    """That hold is set already, or there is none to lift."""

    code = "hold.unchanged"


class DisplayNameError(FlowError):
    """That display name is a known person's, character's or work's; choose your own."""

    code = "person.display_name"


class AlreadyMarkedError(FlowError):
    """This file carries a mark or credentials of this service already; it is not stamped again."""

    code = "stamp.already_ours"


class DeletedError(FlowError):
    """This video was deleted by its maker or by a person in it."""

    code = "video.deleted"


class ChallengeUsedError(FlowError):
    """This challenge was answered before; ask for a new one."""

    code = "challenge.used"


class ReplayedCaptureError(FlowError):
    """This very recording was sent before; record a new one for the new challenge."""

    code = "capture.replayed"


class LockedOutError(FlowError):
    """Too many captures were refused; try again in 24 hours."""

    code = "challenge.locked_out"


class CaptureRefusedError(FlowError):
    """The capture does not answer its challenge."""

    code = "capture.refused"

    def __init__(self, code: str, detail: str, *, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail, extra=extra)
        self.code = code  # type: ignore[misc]


class NotEnrolledError(FlowError):
    """Enrol a face and a voice before you sign a consent."""

    code = "consent.not_enrolled"


class NoConsentError(FlowError):
    """Sign a consent of your own before you permit others."""

    code = "consent.none_of_own"


class StaleDocumentError(FlowError):
    """This document is not the one that was prepared last; prepare it again and sign that."""

    code = "consent.stale_document"


class SelfGrantError(FlowError):
    """A grant is for somebody else; you need none for yourself."""

    code = "consent.self_grant"


class UnknownHandleError(FlowError):
    """Nobody here has that handle."""

    code = "reference.unknown_handle"


class PromptBlockedError(FlowError):
    """The prompt asks for something that is not made here."""

    code = "moderation.blocked"


class BrokenEvidenceError(FlowError):
    """What is stored is not what its person signed; nothing is made with it. Tell the operator."""

    code = "consent.evidence_broken"


class ConsentRefusedError(FlowError):
    """A person in the clip has not agreed to this."""

    code = "consent.refused"

    def __init__(self, reasons: Sequence[str], people: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(extra={"reasons": list(reasons), "people": [dict(p) for p in people]})
        self.reasons = tuple(reasons)


class DailyLimitError(FlowError):
    """The daily limit of generations is used up; it frees itself within 24 hours."""

    code = "quota.daily_limit"


class NotReadyError(FlowError):
    """The video is not finished yet."""

    code = "video.not_ready"


class WithdrawnError(FlowError):
    """A person in this video has withdrawn their consent; it is no longer served."""

    code = "video.withdrawn"


class HeldError(FlowError):
    """A person in this video has paused, or their cameo is frozen; it is held back meanwhile."""

    code = "video.held"


class ApprovalNeededError(FlowError):
    """People in this video see each one before it is shared; they are asked now."""

    code = "video.approval_needed"


class VideoFailedError(FlowError):
    """The video was not made; its use was given back."""

    code = "video.failed"


class OutputBlockedError(FlowError):
    """The picture that came out shows somebody who did not agree."""

    code = "output.blocked"


class CannotMarkError(FlowError):
    """The file cannot carry a mark, so nothing was published."""

    code = "stamp.cannot_mark"


class NoPromiseKeyError(FlowError):
    """This service was set up without a key to promise with."""

    code = "log.no_promise_key"


class WitnessUnreachableError(FlowError):
    """The witness did not answer."""

    code = "log.witness_unreachable"


class WitnessRefusedError(FlowError):
    """The witness did not cosign the log's head."""

    code = "log.witness_refused"


class WitnessConflictError(FlowError):
    """The witness cosigned another tree of this log: it was shown a second view."""

    code = "log.witness_conflict"
