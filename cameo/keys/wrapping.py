"""The stored form of a data key: its epoch, its purpose, and the key sealed under the epoch's KEK.

The purpose is the SHA-256 of the context, so that a key can be wrapped anew by who does not know
its context, and still opens for that context alone.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cameo.keys.errors import BadName, ContextMismatch, KeyDamaged
from cameo.keys.provider import DEK_BYTES, DekId

MAX_CONTEXT: Final = 512
UNBOUND: Final = bytes(32)
"""The purpose of a key whose context is not known; see `cameo.keys.adoption`."""

_MAGIC: Final = b"cameo-dek/v2\n"
_NONCE_BYTES: Final = 12
_LAYOUT: Final = struct.Struct(f">{len(_MAGIC)}sQ32s{_NONCE_BYTES}s{DEK_BYTES + 16}s")


@dataclass(frozen=True, kw_only=True, slots=True)
class WrappedKey:
    """A data key as it is stored."""

    dek_id: DekId
    epoch: int
    purpose: bytes
    nonce: bytes
    sealed: bytes


def purpose_of(context: str) -> bytes:
    """What stands for a context in the stored form.

    Raises:
        BadName: If it is not 1 to 512 printable characters.
    """
    if not 0 < len(context) <= MAX_CONTEXT or not context.isprintable():
        raise BadName("context")
    return hashlib.sha256(context.encode()).digest()


def wrap(kek: AESGCM, key: bytes, *, dek_id: DekId, epoch: int, purpose: bytes) -> bytes:
    """The stored form of `key` under the KEK of `epoch`."""
    # A random 96-bit nonce under one KEK is safe far beyond 2**30 keys, and every epoch has a KEK
    # of its own. The AAD ties the wrapped key to its id, epoch and purpose, so files cannot be
    # exchanged for one another.
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = kek.encrypt(nonce, key, _aad(dek_id, epoch, purpose))
    return _LAYOUT.pack(_MAGIC, epoch, purpose, nonce, sealed)


def parse(dek_id: DekId, data: bytes) -> WrappedKey:
    """Read a stored form; nothing in it is authentic before `unwrap`.

    Raises:
        KeyDamaged: If it is none of a known version.
    """
    if len(data) != _LAYOUT.size or not data.startswith(_MAGIC):
        raise KeyDamaged(dek_id)
    _, epoch, purpose, nonce, sealed = _LAYOUT.unpack(data)
    return WrappedKey(dek_id=dek_id, epoch=epoch, purpose=purpose, nonce=nonce, sealed=sealed)


def unwrap(kek: AESGCM, wrapped: WrappedKey) -> bytes:
    """The key.

    Raises:
        ContextMismatch: If the stored form was changed, is that of another key, or was wrapped
            under another KEK.
    """
    aad = _aad(wrapped.dek_id, wrapped.epoch, wrapped.purpose)
    try:
        return kek.decrypt(wrapped.nonce, wrapped.sealed, aad)
    except InvalidTag as cause:
        raise ContextMismatch(wrapped.dek_id) from cause


def _aad(dek_id: DekId, epoch: int, purpose: bytes) -> bytes:
    # Every part has a fixed length.
    return _MAGIC + epoch.to_bytes(8, "big") + purpose + dek_id.encode()
