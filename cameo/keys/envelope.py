"""Small values sealed under a key: header, nonce, ciphertext, tag in one byte string."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cameo.keys.errors import BadKey, MalformedSeal, SealBroken

HEADER: Final = b"CMS\x01"
"""Starts every sealed value; its last byte is the version."""
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
OVERHEAD: Final = len(HEADER) + NONCE_BYTES + TAG_BYTES


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Seal `plaintext`.

    Args:
        key: 32 bytes. At most 2**32 values may be sealed under one key (random 96-bit nonces).
        plaintext: Any bytes; its length shows.
        aad: What the value is and whose, such as ``template|<id>|face|<version>``. Not stored:
            who unseals must know it, so a value cannot stand in for another.

    Raises:
        BadKey: If the key is not 32 bytes.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    return HEADER + nonce + _cipher(key).encrypt(nonce, plaintext, HEADER + aad)


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """The plaintext of a sealed value.

    Raises:
        BadKey: If the key is not 32 bytes.
        MalformedSeal: If `sealed` is no sealed value of a known version.
        SealBroken: If it was changed, or sealed with another key or another `aad`.
    """
    cipher = _cipher(key)
    if not sealed.startswith(HEADER) or len(sealed) < OVERHEAD:
        raise MalformedSeal
    nonce, body = sealed[len(HEADER) : len(HEADER) + NONCE_BYTES], sealed[-_body_bytes(sealed) :]
    try:
        return cipher.decrypt(nonce, body, HEADER + aad)
    except InvalidTag as cause:
        raise SealBroken from cause


def _body_bytes(sealed: bytes) -> int:
    return len(sealed) - len(HEADER) - NONCE_BYTES


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise BadKey
    return AESGCM(key)
