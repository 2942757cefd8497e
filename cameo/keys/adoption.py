"""Takes over a folder of the first layout, which had one KEK for ever in a file named ``kek``.

Its keys are wrapped anew under the newest epoch and the old KEK is destroyed, so that old copies of
``deks/`` end as those of every epoch do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from cameo.keys.epochs import KEK_BYTES, Epoch
from cameo.keys.errors import KeyStoreBroken
from cameo.keys.files import is_there, names_in, read_private, shred
from cameo.keys.provider import DEK_BYTES, DekId
from cameo.keys.shelf import DEK_ID, Shelf
from cameo.keys.wrapping import UNBOUND, wrap

_KEK_FILE: Final = "kek"
_MARK: Final = ".destroyed"
_MAGIC: Final = b"cameo-dek/v1\n"
_NONCE_BYTES: Final = 12
_BYTES: Final = len(_MAGIC) + _NONCE_BYTES + DEK_BYTES + 16


def is_first_layout(folder: Path) -> bool:
    """Whether a folder holds the one KEK of the first layout."""
    return is_there(folder / _KEK_FILE)


def adopt(folder: Path, shelf: Shelf, epoch: Epoch) -> None:
    """Take everything over; after a crash it is called again and goes on.

    Raises:
        InsecurePermissions: If a file is not private.
        KeyStoreBroken: If the old KEK is damaged, or something cannot be read or written.
    """
    kek = read_private(folder / _KEK_FILE)
    if kek is None or len(kek) != KEK_BYTES:
        raise KeyStoreBroken("the KEK file is damaged")
    for name in names_in(folder / "deks"):
        dek_id = DekId(name.removesuffix(_MARK))
        if name != dek_id and DEK_ID.fullmatch(dek_id):
            shelf.mark(dek_id)
            shred(folder / "deks" / name)
    for dek_id in shelf.ids():
        _adopt_key(shelf, dek_id, kek, epoch)
    shelf.sync()
    # Last: until here the old KEK opens what is not yet wrapped anew.
    shred(folder / _KEK_FILE)


def _adopt_key(shelf: Shelf, dek_id: DekId, kek: bytes, epoch: Epoch) -> None:
    def change(data: bytes) -> bytes | None:
        if len(data) != _BYTES or not data.startswith(_MAGIC):
            return None
        key = _unwrapped(kek, data[len(_MAGIC) :])
        return wrap(epoch.kek, key, dek_id=dek_id, epoch=epoch.number, purpose=UNBOUND)

    shelf.exchange(dek_id, change)


def _unwrapped(kek: bytes, body: bytes) -> bytes:
    """The key in a file of the first layout, unchecked.

    The tag is over the context, which was not stored. GCM encrypts in counter mode from block 2 on
    (NIST SP 800-38D, 7.1), so the key can be read without it. A file that was changed gives a key
    that opens nothing: what it locked is sealed, under its context, with a tag of its own.
    """
    nonce, sealed = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
    counter = nonce + (2).to_bytes(4, "big")
    return Cipher(AES(kek), CTR(counter)).decryptor().update(sealed[:DEK_BYTES])
