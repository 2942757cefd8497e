"""As much of DER as time stamps need: writing values, and walking untrusted ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from provenance.credentials.errors import CredentialError

MAX_VALUE_BYTES: Final = 64 * 1024

INTEGER: Final = 0x02
BOOLEAN: Final = 0x01
OCTETS: Final = 0x04
OID: Final = 0x06
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31


class MalformedDer(CredentialError):
    """The bytes are no DER of the expected shape."""

    code: ClassVar[str] = "credentials.malformed_der"


@dataclass(frozen=True, slots=True)
class Value:
    """One DER value: its tag, its contents, and itself as encoded."""

    tag: int
    body: bytes
    whole: bytes


def encode(tag: int, *parts: bytes) -> bytes:
    """Encode a value whose contents are the parts in a row."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(value: int) -> bytes:
    """Encode an integer of 0 or more."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """Encode an object identifier."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, (arc & 0x7F) | 0x80)
        out += bytes(septets)
    return encode(OID, bytes(out))


def set_of(*parts: bytes) -> bytes:
    """The contents of a SET OF in DER's order."""
    return b"".join(sorted(parts))


def read(data: bytes) -> tuple[Value, bytes]:
    """Read one value with a one-byte tag.

    Returns:
        The value and what follows it.

    Raises:
        MalformedDer: If the bytes end early or a length is over 64 KiB.
    """
    if len(data) < 2:
        raise MalformedDer("a value ends early")
    size, begin = data[1], 2
    if size & 0x80:
        width = size & 0x7F
        begin = 2 + width
        size = int.from_bytes(data[2:begin], "big")
        if not 1 <= width <= 3:
            raise MalformedDer("a length is too long")
    end = begin + size
    if size > MAX_VALUE_BYTES or end > len(data):
        raise MalformedDer("a value ends early or is too large")
    return Value(data[0], data[begin:end], data[:end]), data[end:]


def children(value: Value, tag: int) -> list[Value]:
    """The values inside a value of the given tag.

    Raises:
        MalformedDer: If the tag is another or the contents are malformed.
    """
    if value.tag != tag:
        raise MalformedDer(f"tag {value.tag:#x} where {tag:#x} was expected")
    found, rest = [], value.body
    while rest:
        child, rest = read(rest)
        found.append(child)
    return found
