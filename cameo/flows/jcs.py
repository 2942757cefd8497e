"""Canonical JSON (RFC 8785) for files that leave the service: one form for one content.

    data = dump({"format": "cameo-bundle/v1", ...})
    content = load(data, most=1 << 20)         # refuses every other spelling of it

The values are texts, lists, objects, truth values, null and whole numbers of 0 to 2**53 - 1; names
of members are ASCII. In these bounds the scheme is what Python's own encoder writes with sorted
names and without blanks: ASCII sorts alike in all encodings, and no number needs the rules of
ECMAScript. So the canonical form of a part is the same bytes inside a file and by itself.
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

MOST: Final = 2**53 - 1
"""The largest whole number that every reader of JSON takes for the same."""


class JcsError(ValueError):
    """The bytes are not JSON of the kind that is read here."""


class OtherSpellingError(JcsError):
    """The bytes are JSON, but not in its canonical form."""


def dump(value: Any) -> bytes:
    """The canonical form of `value`.

    Raises:
        JcsError: It holds what has none here, such as half a surrogate pair.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return text.encode()
    except (TypeError, ValueError, RecursionError) as cause:
        raise JcsError("a value has no canonical form") from cause


def load(data: bytes, *, most: int) -> Any:
    """The content that `data` is the canonical form of.

    Args:
        data: What somebody sent.
        most: How many bytes are looked at.

    Raises:
        OtherSpellingError: It is another form of it: blanks, another order, a member twice, an
            escape that is not needed.
        JcsError: It is too large, or no JSON of the kind that is read here.
    """
    if len(data) > most:
        raise JcsError(f"more than {most} bytes")
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except JcsError:
        raise
    except (ValueError, RecursionError) as cause:
        raise JcsError("not JSON") from cause
    if dump(value) != data:
        raise OtherSpellingError("not in canonical form")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A member twice is gone here, and the comparison with the bytes finds that it was there.
    if not all(name.isascii() for name, _ in pairs):
        raise JcsError("a member's name")
    return dict(pairs)


def _whole(text: str) -> int:
    # The length first: reading a number of a million digits takes its time.
    if len(text) > len(str(MOST)) or not 0 <= int(text) <= MOST:
        raise JcsError("a number out of range")
    return int(text)


def _refuse(_text: str) -> NoReturn:
    raise JcsError("a number that is not whole")
