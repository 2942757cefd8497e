"""The seven verdicts and the exit codes that other programs rely on."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

Integrity = Literal["authentic", "recovered", "tampered", "none"]
"""What the bytes or the picture prove, whatever became of the consents since."""


class Verdict(StrEnum):
    """One word for a file.

    `UNREADABLE` says that no verdict could be reached: the file is no media, or a check that the
    verdict rests on did not run. The report's reasons tell which.
    """

    AUTHENTIC = "authentic"
    RECOVERED = "recovered"
    NOT_OURS = "not_ours"
    TAMPERED = "tampered"
    MARK_MISMATCH = "mark_mismatch"
    WITHDRAWN = "withdrawn"
    UNREADABLE = "unreadable"

    @property
    def exit_code(self) -> int:
        """The exit code of `cameo verify`; fixed, other programs call it."""
        return _EXIT_CODES[self]


_EXIT_CODES: Final = {
    Verdict.AUTHENTIC: 0,
    Verdict.UNREADABLE: 2,
    Verdict.RECOVERED: 3,
    Verdict.NOT_OURS: 4,
    Verdict.TAMPERED: 5,
    Verdict.MARK_MISMATCH: 6,
    Verdict.WITHDRAWN: 7,
}
