"""Watermark keys: one for each epoch and modality, out of one master secret.

An epoch key can be revealed after its epoch without harm to any other: HKDF is one-way and its
outputs are independent. Its commitment is published when the epoch begins, so that a key revealed
later can be checked to be the one that was used.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from provenance.watermark.errors import BadKey

KEY_BYTES = 32
_SALT = b"cameo-watermark-epoch/v1"


def epoch_key(master: bytes, epoch: int, modality: str) -> bytes:
    """Derive the key of one epoch and modality.

    Args:
        master: the master secret, at least 32 bytes.
        epoch: the number of the epoch, 0 or more.
        modality: "video", "image" or "sound".

    Returns:
        32 bytes.

    Raises:
        BadKey: if the master is short or the epoch is negative.
    """
    if len(master) < KEY_BYTES:
        raise BadKey(f"a master secret has at least {KEY_BYTES} bytes, not {len(master)}")
    if epoch < 0:
        raise BadKey(f"an epoch is 0 or more, not {epoch}")
    info = f"{modality}\n{epoch}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=_SALT, info=info).derive(master)


def key_commitment(key: bytes) -> str:
    """Return the hex digest that is published before an epoch key is revealed."""
    return hashlib.sha256(b"cameo-watermark-commitment/v1\n" + checked_key(key)).hexdigest()


def checked_key(key: bytes) -> bytes:
    """Return the key if it has the form of an epoch key.

    Raises:
        BadKey: if it does not have 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise BadKey(f"an epoch key has {KEY_BYTES} bytes, not {len(key)}")
    return key
