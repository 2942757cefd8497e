"""Why keys of the marks cannot be used, changed or revealed: one code each."""

from __future__ import annotations

from typing import ClassVar

from cameo.flows.errors import FlowError


class MarkError(FlowError):
    """The keys of the marks cannot be used so."""

    code: ClassVar[str] = "mark.refused"


class UnknownEpochError(MarkError):
    """There is no such epoch of the marks' keys, or it has not begun."""

    code = "mark.unknown_epoch"


class MarkSecretError(MarkError):
    """The secret of the marks is not the one whose keys were published; restore the right one."""

    code = "mark.secret_differs"


class EpochNotLoggedError(MarkError):
    """No signed head of the log shows this epoch yet, so nothing is marked under it; try again."""

    code = "mark.not_logged"


class PresentEpochError(MarkError):
    """The present epoch's keys are not revealed; rotate first, or say that they leaked."""

    code = "mark.present_epoch"


class EpochInUseError(MarkError):
    """Clips are still being made under this epoch; wait for them, or say that its keys leaked."""

    code = "mark.epoch_in_use"


class AlreadyRevealedError(MarkError):
    """The keys of this epoch are revealed already."""

    code = "mark.already_revealed"


class RevealedKeyError(MarkError):
    """The revealed keys are not those that were published when their epoch began."""

    code = "mark.revealed_differs"
