"""Strict reading of JSON values: exactly these members, exactly these types."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, TypeVar

from cameo.flows import jcs

_T = TypeVar("_T")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Shapes:
    """Reads values; whatever is of another shape raises `error`."""

    error: Callable[[str], Exception]

    def members(self, value: Any, *names: str) -> dict[str, Any]:
        """An object with these members and no others."""
        if not isinstance(value, dict) or value.keys() != set(names):
            self.wrong("members")
        return value

    def items(self, value: Any, read: Callable[[Any], _T], *, most: int) -> tuple[_T, ...]:
        """A list of at most so many values."""
        if not isinstance(value, list) or len(value) > most:
            self.wrong("a list")
        found: Sequence[Any] = value
        return tuple(read(item) for item in found)

    def text(self, value: Any) -> str:
        """A text."""
        return value if isinstance(value, str) else self.wrong("a text")

    def whole(self, value: Any) -> int:
        """A whole number."""
        # A JSON true is an int to Python; another reader of the file would not agree.
        return value if type(value) is int else self.wrong("a number")

    def flag(self, value: Any) -> bool:
        """A truth value."""
        return value if isinstance(value, bool) else self.wrong("a truth value")

    def word(self, value: Any, words: Sequence[str]) -> str:
        """One of these words."""
        return value if value in words and isinstance(value, str) else self.wrong("a word")

    def hash(self, value: Any) -> bytes:
        """32 bytes in lower-case hex."""
        if _HASH.fullmatch(self.text(value)) is None:
            self.wrong("a hash")
        return bytes.fromhex(value)

    def octets(self, value: Any) -> bytes:
        """Bytes in the one spelling of base64 (RFC 4648, section 4)."""
        try:
            data = base64.b64decode(self.text(value), validate=True)
        except (binascii.Error, ValueError):
            self.wrong("base64")
        return data if base64.b64encode(data).decode() == value else self.wrong("base64")

    def object(self, value: Any) -> bytes:
        """An object of any members, as its canonical bytes."""
        return jcs.dump(value) if isinstance(value, dict) else self.wrong("an object")

    def time(self, value: Any) -> datetime:
        """A moment in whole seconds, in UTC."""
        try:
            moment = datetime.strptime(self.text(value), _TIME).replace(tzinfo=UTC)
        except ValueError:
            self.wrong("a time")
        return moment if time_text(moment) == value else self.wrong("a time")

    def wrong(self, what: str) -> NoReturn:
        """Refuse."""
        raise self.error(what)


def time_text(moment: datetime) -> str:
    """A moment in whole seconds, in UTC, as `Shapes.time` reads it."""
    return moment.astimezone(UTC).strftime(_TIME)
