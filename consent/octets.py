"""Byte strings in JSON: base64 in its one spelling."""

from __future__ import annotations

import base64
import binascii

from consent.errors import MalformedEvidence


def to_base64(data: bytes) -> str:
    """`data` as base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str, shortest: int, longest: int) -> bytes:
    """The bytes that `text` spells.

    Raises:
        MalformedEvidence: If it is not base64, another spelling than ours, or not of that length.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise MalformedEvidence("not base64") from cause
    # Base64 can spell the same bytes in more than one way; only ours is read.
    if not shortest <= len(data) <= longest or to_base64(data) != text:
        raise MalformedEvidence("not base64 of the right length")
    return data
