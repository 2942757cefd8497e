"""COSE keys of passkeys (RFC 9053): three kinds, each in one spelling and of a sound size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from webauthn.helpers import encode_cbor, parse_cbor
from webauthn.helpers.exceptions import WebAuthnException

from consent.ed25519 import check_raw_key
from consent.errors import UnsafeKey, UnsupportedKey

MAX_COSE_KEY_BYTES: Final = 600
"""Of RSA with 4096 bits, with room to spare."""
MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 4096

_KTY, _ALG = 1, 3
_COORDINATE_BYTES: Final = 32
_EXPONENT: Final = b"\x01\x00\x01"

_Key = Mapping[Any, Any]


def check_cose_key(public_key: bytes) -> None:
    """Check the public key of a passkey before it is registered, and whenever it is used.

    Raises:
        UnsupportedKey: If it is not for ES256 on P-256, EdDSA on Ed25519, or RS256.
        UnsafeKey: If it is another spelling of a key, no point of its curve, a point of small
            order, or RSA below 2048 bits.
    """
    if not 0 < len(public_key) <= MAX_COSE_KEY_BYTES:
        raise UnsafeKey("size")
    try:
        key = parse_cbor(public_key)
    except WebAuthnException as cause:
        raise UnsafeKey("not CBOR") from cause
    if not isinstance(key, dict):
        raise UnsafeKey("not a map")
    kind = (key.get(_KTY), key.get(_ALG))
    # Compared as text: to Python a CBOR `true` equals 1.
    check = _KINDS.get(repr(kind))
    if check is None:
        raise UnsupportedKey(repr(kind)[:40])
    # Made anew from what was checked: extra members, other orders and other lengths end here.
    if encode_cbor(check(key)) != public_key:
        raise UnsafeKey("another spelling")


def _p256(key: _Key) -> dict[int, object]:
    x, y = _octets(key, -2), _octets(key, -3)
    if not len(x) == len(y) == _COORDINATE_BYTES:
        raise UnsafeKey("a coordinate's length")
    try:
        EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), SECP256R1()
        ).public_key()
    except ValueError as cause:
        raise UnsafeKey("not on the curve") from cause
    return {_KTY: 2, _ALG: -7, -1: 1, -2: x, -3: y}


def _ed25519(key: _Key) -> dict[int, object]:
    x = _octets(key, -2)
    check_raw_key(x)
    return {_KTY: 1, _ALG: -8, -1: 6, -2: x}


def _rsa(key: _Key) -> dict[int, object]:
    modulus = _octets(key, -1)
    number = int.from_bytes(modulus, "big")
    if not MIN_RSA_BITS <= number.bit_length() <= MAX_RSA_BITS or not number & 1:
        raise UnsafeKey("RSA of that size")
    shortest = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return {_KTY: 3, _ALG: -257, -1: shortest, -2: _EXPONENT}


def _octets(key: _Key, label: int) -> bytes:
    value = key.get(label)
    if not isinstance(value, bytes):
        raise UnsafeKey("a member that is no byte string")
    return value


_KINDS: Final[Mapping[str, Callable[[_Key], dict[int, object]]]] = MappingProxyType(
    {"(2, -7)": _p256, "(1, -8)": _ed25519, "(3, -257)": _rsa}
)
