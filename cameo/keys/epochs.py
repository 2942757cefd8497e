"""The key-encryption keys (KEKs) of the epochs, one private file each, named by its number.

The unwrapped KEKs of living epochs are remembered in memory; one whose file is gone is forgotten at
the next look, so a process that runs for months does not keep an ended epoch open.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cameo.keys.errors import KeyStoreBroken
from cameo.keys.files import (
    TEMPORARY,
    create_once,
    is_there,
    names_in,
    private_folder,
    read_private,
    remove_temporary,
    shred,
    shred_aside,
)

KEK_BYTES: Final = 32
AT_ONCE: Final = 0
"""The end of an epoch of which nobody knows when it began."""

_MAGIC: Final = b"cameo-kek/v1\n"
_LAYOUT: Final = struct.Struct(f">{len(_MAGIC)}sQ{KEK_BYTES}s32s")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_ENDED: Final = ".ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Epoch:
    """One epoch that lives."""

    number: int
    ends: int
    """When the next one begins at the latest, in seconds since 1970."""
    kek: AESGCM = field(repr=False)


class Epochs:
    """The epochs in a folder. Numbers rise; the newest is the one that wraps.

    `begin`, `end` and `tidy` want one caller at a time among all processes; the rest does not.

    Raises:
        InsecurePermissions: If others than the owner may read the folder or a KEK.
        KeyStoreBroken: If the folder cannot be used or a KEK is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)
        self._known: dict[int, Epoch] = {}

    def numbers(self) -> list[int]:
        """The epochs that live, the newest last."""
        return sorted(int(name) for name in names_in(self._folder) if _NUMBER.fullmatch(name))

    def newest(self) -> Epoch:
        """The epoch that wraps now."""
        numbers = self.numbers()
        while numbers:
            # One that has ended since the list was read has a successor already.
            found = self.get(numbers[-1])
            if found is not None:
                return found
            numbers = self.numbers()
        raise KeyStoreBroken("there is no KEK")

    def get(self, number: int) -> Epoch | None:
        """An epoch that lives; None for one that has ended or never was."""
        known = self._known.get(number)
        if known is not None and is_there(self._path(number)):
            return known
        for gone in [each for each in list(self._known) if not is_there(self._path(each))]:
            self._known.pop(gone, None)
        return self._load(number)

    def begin(self, ends: int) -> Epoch:
        """Make the next epoch; when this returns, its KEK is on the disk."""
        number = max(self.numbers(), default=0) + 1
        kek = secrets.token_bytes(KEK_BYTES)
        data = _LAYOUT.pack(_MAGIC, ends, kek, _check(number, ends, kek))
        if create_once(self._path(number), data) != data:
            raise KeyStoreBroken("the number of a new epoch was already taken")
        return Epoch(number=number, ends=ends, kek=AESGCM(kek))

    def end(self, number: int) -> None:
        """Overwrite and remove a KEK; what it wrapped and was not wrapped anew is gone."""
        shred_aside(self._path(number), self._folder / f".{number}{_ENDED}")
        self._known.pop(number, None)

    def tidy(self) -> None:
        """Finish what a crash interrupted."""
        for name in names_in(self._folder):
            if name.endswith(_ENDED):
                shred(self._folder / name)
            elif name.endswith(TEMPORARY):
                remove_temporary(self._folder / name)

    def _path(self, number: int) -> Path:
        return self._folder / str(number)

    def _load(self, number: int) -> Epoch | None:
        path = self._path(number)
        data = read_private(path)
        if data is None:
            return None
        epoch = _parsed(number, data)
        if epoch is not None:
            self._known[number] = epoch
        elif is_there(path):
            raise KeyStoreBroken(f"the KEK of epoch {number} is damaged")
        # Otherwise it was ended while it was read.
        return epoch


def _parsed(number: int, data: bytes) -> Epoch | None:
    if len(data) != _LAYOUT.size or not data.startswith(_MAGIC):
        return None
    _, ends, kek, check = _LAYOUT.unpack(data)
    if check != _check(number, ends, kek):
        return None
    return Epoch(number=number, ends=ends, kek=AESGCM(kek))


def _check(number: int, ends: int, kek: bytes) -> bytes:
    # A damaged KEK would make every key under it look like one that nobody needs any more. The
    # digest lies beside the KEK itself and tells nothing to who cannot read that anyway.
    return hashlib.sha256(_MAGIC + struct.pack(">QQ", number, ends) + kek).digest()
