"""Ed25519 keys: which are safe to register, and whether a signature is theirs."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent.errors import BadSignature, UnsafeKey

PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

# Points of small order, with the sign bit cleared. Under such a key a signature can be made that
# fits every message, so a "person" registered with it would have signed whatever anybody likes.
# OpenSSL accepts them; we do not. The last three are the field prime p less one, p, and p plus one.
_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


def check_raw_key(public_key: bytes) -> None:
    """Check a raw Ed25519 public key.

    Raises:
        UnsafeKey: If it is no key, or one under which anybody can make signatures.
    """
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise UnsafeKey("wrong length")
    if public_key[:-1] + bytes([public_key[-1] & 0x7F]) in _SMALL_ORDER:
        raise UnsafeKey("a point of small order")


def verify_raw(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Check a signature (RFC 8032).

    Raises:
        BadSignature: If it does not fit, or the key is no point of the curve.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as cause:
        raise BadSignature from cause
