"""Single byte ranges (RFC 9110, section 14)."""

from __future__ import annotations

import re
from typing import Final

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class RangeNotSatisfiableError(Exception):
    """No byte of the content lies in the range."""


def requested_range(header: str | None, size: int) -> tuple[int, int] | None:
    """``[start, end)`` of what is asked for; none where the header is absent or not understood.

    What is not understood is to be ignored: other units, several ranges (RFC 9110, 14.2).

    Raises:
        RangeNotSatisfiableError: the range lies outside.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), size if last == "" else min(size, int(last) + 1)
    if start >= end:
        raise RangeNotSatisfiableError
    return start, end
