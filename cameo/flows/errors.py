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
    """No valid API key came with the request; send it as `Authorization: Bearer KEY`."""

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
    """You have a key; another one takes its place only after a new enrolment of yours."""

    code = "person.key_exists"


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


class AudienceError(FlowError):
    """That audience is not offered by this version; choose only_me, approved or everyone."""

    code = "consent.audience_unavailable"


class UnknownHandleError(FlowError):
    """Nobody here has that handle."""

    code = "reference.unknown_handle"


class PromptBlockedError(FlowError):
    """The prompt asks for something that is not made here."""

    code = "moderation.blocked"


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


class VideoFailedError(FlowError):
    """The video was not made; its use was given back."""

    code = "video.failed"


class OutputBlockedError(FlowError):
    """The picture that came out shows somebody who did not agree."""

    code = "output.blocked"


class CannotMarkError(FlowError):
    """The file cannot carry a mark, so nothing was published."""

    code = "stamp.cannot_mark"
