"""How the C2SP texts spell bytes and numbers: each in one way, so equal things are equal texts."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def to_base64(data: bytes) -> str:
    """Standard base64 (RFC 4648, section 4) with padding."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes | None:
    """The bytes that `text` spells; None where it is not their one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if to_base64(data) == text else None


def from_decimal(text: str) -> int | None:
    """A number from 0 to 10**19 - 1 without leading zeros; None where `text` is none."""
    return int(text) if _NUMBER.fullmatch(text) else None
