"""Data keys in a folder, wrapped by a key-encryption key (KEK) in a file beside them.

Meant for one machine. Who can read the folder can read everything: back the ``kek`` file up apart
from ``deks/``, and keep backups of ``deks/`` no longer than the bound on erasure that you state. A
destroyed key can be read again from a backup that holds both.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cameo.keys.errors import BadName, ContextMismatch, KeyDestroyed, KeyStoreBroken, UnknownKey
from cameo.keys.files import create_once, is_there, private_folder, read_private, shred
from cameo.keys.provider import DEK_BYTES, DekId

KEK_BYTES: Final = 32
MAX_CONTEXT: Final = 512

_KEK_FILE: Final = "kek"
_DEK_ID: Final = re.compile(r"dek_[0-9a-f]{32}")
_MAGIC: Final = b"cameo-dek/v1\n"
_NONCE_BYTES: Final = 12
_WRAPPED_BYTES: Final = len(_MAGIC) + _NONCE_BYTES + DEK_BYTES + 16


class LocalKeyProvider:
    """A `KeyProvider` over a folder.

    ``kek`` holds 32 random bytes (mode 0600, made on first use), ``deks/<id>`` a wrapped key each,
    ``deks/<id>.destroyed`` marks a key that is gone.

    Args:
        folder: Made with mode 0700 where it does not exist.

    Raises:
        InsecurePermissions: If others than the owner may read the folder or the KEK.
        KeyStoreBroken: If the folder cannot be used or the KEK is damaged.
    """

    def __init__(self, folder: Path) -> None:
        private_folder(folder)
        self._deks = private_folder(folder / "deks")
        kek = read_private(folder / _KEK_FILE)
        if kek is None:
            kek = self._new_kek(folder / _KEK_FILE)
        if len(kek) != KEK_BYTES:
            raise KeyStoreBroken("the KEK file is damaged")
        self._wrapper = AESGCM(kek)

    def create(self, context: str) -> DekId:
        """Make a fresh random key for `context`; see `KeyProvider.create`."""
        dek_id = DekId("dek_" + secrets.token_hex(16))
        # A random 96-bit nonce under one KEK is safe far beyond 2**30 keys; the AAD ties the
        # wrapped key to its id and purpose, so files cannot be exchanged for one another.
        nonce = secrets.token_bytes(_NONCE_BYTES)
        wrapped = self._wrapper.encrypt(
            nonce, secrets.token_bytes(DEK_BYTES), _aad(dek_id, context)
        )
        data = _MAGIC + nonce + wrapped
        if create_once(self._deks / dek_id, data) != data:
            raise KeyStoreBroken("a fresh key id was already taken")
        return dek_id

    def open(self, dek_id: DekId, context: str) -> bytes:
        """The key, 32 bytes; see `KeyProvider.open`."""
        path = self._path(dek_id)
        aad = _aad(dek_id, context)
        data = read_private(path)
        # The mark is looked at last: a key that is destroyed while its file is being read, or whose
        # file came back from a backup, stays closed.
        if is_there(_mark(path)):
            raise KeyDestroyed(dek_id)
        if data is None:
            raise UnknownKey(dek_id)
        if len(data) != _WRAPPED_BYTES or not data.startswith(_MAGIC):
            raise KeyStoreBroken(f"{dek_id} is damaged")
        body = data[len(_MAGIC) :]
        try:
            return self._wrapper.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], aad)
        except InvalidTag as cause:
            raise ContextMismatch(dek_id) from cause

    def destroy(self, dek_id: DekId) -> None:
        """Overwrite and remove the key; see `KeyProvider.destroy`."""
        path = self._path(dek_id)
        mark = _mark(path)
        if not is_there(mark) and not is_there(path):
            raise UnknownKey(dek_id)
        # The mark is on the disk before the key is touched: after a crash in between the key
        # counts as destroyed, and a second call finishes the work.
        create_once(mark, b"")
        shred(path)

    def _path(self, dek_id: DekId) -> Path:
        if _DEK_ID.fullmatch(dek_id) is None:
            raise BadName("dek id")
        return self._deks / dek_id

    def _new_kek(self, path: Path) -> bytes:
        # A new KEK beside old keys would hide that the old KEK is lost. The keys are looked for
        # first: where another process has just made both, its KEK is then there to be read.
        orphans = any(_DEK_ID.fullmatch(found.name) for found in self._deks.iterdir())
        kek = read_private(path)
        if kek is None and orphans:
            raise KeyStoreBroken("the KEK file is missing, but there are keys that it wrapped")
        return kek or create_once(path, secrets.token_bytes(KEK_BYTES))


def _mark(path: Path) -> Path:
    return path.with_name(path.name + ".destroyed")


def _aad(dek_id: DekId, context: str) -> bytes:
    if not 0 < len(context) <= MAX_CONTEXT or not context.isprintable():
        raise BadName("context")
    return _MAGIC + dek_id.encode() + b"\n" + context.encode()
