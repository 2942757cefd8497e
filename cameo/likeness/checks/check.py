"""The value that every check gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["passed", "failed", "not_checked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check of a capture.

    Attributes:
        name: stable, for programs.
        status: "not_checked" where it could not be made; that is never a pass.
        figure: what was measured, in the unit that `detail` names; None where nothing was.
        limit: what `figure` is held against.
        detail: one sentence for people.
        code: reason code of a failure, None otherwise.
        required: whether the verdict needs it; a check that is not required is a hint.
    """

    name: str
    status: Status
    figure: float | None
    limit: float | None
    detail: str
    code: str | None = None
    required: bool = True

    @property
    def stands(self) -> bool:
        """Whether the verdict can be positive as far as this check goes."""
        return self.status == "passed" or not self.required

    def to_json(self) -> dict[str, object]:
        """Returns plain values, the figure rounded to four places."""
        return {
            "name": self.name,
            "status": self.status,
            "figure": None if self.figure is None else round(self.figure, 4),
            "limit": self.limit,
            "detail": self.detail,
            "code": self.code,
            "required": self.required,
        }


def judged(
    name: str,
    passed: bool,
    *,
    figure: float,
    limit: float,
    detail: str,
    code: str,
    required: bool = True,
) -> Check:
    """Returns a check that was made: passed, or failed with its code."""
    return Check(
        name=name,
        status="passed" if passed else "failed",
        figure=figure,
        limit=limit,
        detail=detail,
        code=None if passed else code,
        required=required,
    )


def not_made(name: str, detail: str, code: str | None = None, *, required: bool = True) -> Check:
    """Returns a check that could not be made."""
    return Check(
        name=name,
        status="not_checked",
        figure=None,
        limit=None,
        detail=detail,
        code=code,
        required=required,
    )
