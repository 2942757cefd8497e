"""What a monitor may find besides what the order of a log must hold (`provenance.log.history`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SECOND_VIEW: Final = "log.second_view"
WENT_BACK: Final = "log.went_back"
ENTRIES_DIFFER: Final = "log.entries_differ"
NOT_COSIGNED: Final = "log.not_cosigned"
BROKEN_PROMISE: Final = "log.broken_promise"
UNKNOWN_KEY: Final = "log.unknown_key"
KEY_MISSING: Final = "log.key_missing"
USED_WHILE_PAUSED: Final = "log.used_while_paused"
USED_AFTER_WITHDRAWAL: Final = "log.used_after_withdrawal"
NOT_OPENED: Final = "log.not_opened"
OPENING_DIFFERS: Final = "log.opening_differs"
NOT_IN_LOG: Final = "log.not_in_log"
WRONG_REFERENCE: Final = "log.wrong_reference"
REFERENCE_CHANGED: Final = "log.reference_changed"

ALARMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        SECOND_VIEW: "the log signed two trees and does not show that one continues the other",
        WENT_BACK: "the log shows a smaller tree than it showed before",
        ENTRIES_DIFFER: "the entries that the log serves are not those of the tree that it signed",
        NOT_COSIGNED: "a witness that was named did not cosign what the log shows",
        BROKEN_PROMISE: "a withdrawal that was promised is not in the log after its time",
        UNKNOWN_KEY: "a key was registered under your reference that you did not name as yours",
        KEY_MISSING: "a key that you named is not registered under the reference you were told",
        USED_WHILE_PAUSED: "you were used between your pause and its end",
        USED_AFTER_WITHDRAWAL: "you were used under a consent or grant that you had withdrawn",
        NOT_OPENED: "an entry under your reference was not opened to you",
        OPENING_DIFFERS: "what you were told of an entry is not what it commits to",
        NOT_IN_LOG: "an entry that you were told of is not in the log under your reference",
        WRONG_REFERENCE: "the reference that you were told is not made from your id and the salt",
        REFERENCE_CHANGED: "your reference is another one than before, and no erasure is logged",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """Something that a monitor found."""

    code: str
    """A code of `ALARMS`, of `provenance.log.history.REASONS`, or of a `LogError`."""
    detail: str = ""
    index: int | None = None
    """The entry concerned, where there is one."""
    ref: str | None = None
    """The reference of the person concerned, where there is one."""
    notes: tuple[str, ...] = ()
    """Signed notes that prove it to others."""
