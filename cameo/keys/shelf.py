"""The files of the data keys: ``deks/<id>`` is a wrapped key, ``destroyed/<id>`` marks one as gone.

Marks lie apart from the keys: putting old key files back takes no mark away, and marks may be
copied and put together freely, since none is ever removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cameo.keys.errors import BadName, KeyStoreBroken, UnknownKey
from cameo.keys.files import (
    create_once,
    held,
    is_there,
    names_in,
    private_folder,
    read_private,
    replace_through,
    shred,
    sync_folder,
)
from cameo.keys.provider import DekId

DEK_ID: Final = re.compile(r"dek_[0-9a-f]{32}")
_NEXT: Final = ".next"


class Shelf:
    """Keeps, replaces and removes key files; knows nothing of what is in them.

    Raises:
        BadName: If an id is none; it never reaches the disk.
        InsecurePermissions: If others than the owner may read the folders or a file.
        KeyStoreBroken: If they cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._deks = private_folder(folder / "deks")
        self._marks = private_folder(folder / "destroyed")

    def ids(self) -> list[DekId]:
        """The ids of all key files that are there."""
        return [DekId(name) for name in names_in(self._deks) if DEK_ID.fullmatch(name)]

    def add(self, dek_id: DekId, data: bytes) -> None:
        """Put a new key file there; it is then on the disk."""
        if create_once(self._path(dek_id), data) != data:
            raise KeyStoreBroken("a fresh key id was already taken")

    def read(self, dek_id: DekId) -> bytes | None:
        """A key file; None where there is none."""
        return read_private(self._path(dek_id))

    def is_destroyed(self, dek_id: DekId) -> bool:
        """Whether the key was destroyed, whatever files are there."""
        return is_there(self._mark(dek_id))

    def mark(self, dek_id: DekId) -> None:
        """Note for good that the key is destroyed."""
        create_once(self._mark(dek_id), b"")

    def destroy(self, dek_id: DekId) -> None:
        """Mark a key as destroyed, then overwrite and remove its file; may be called again.

        Raises:
            UnknownKey: If there is neither file nor mark.
        """
        if not self.is_destroyed(dek_id) and not is_there(self._path(dek_id)):
            raise UnknownKey(dek_id)
        # The mark is on the disk before the key is touched: after a crash in between the key
        # counts as destroyed, and a second call finishes the work.
        self.mark(dek_id)
        self.remove(dek_id)

    def remove(self, dek_id: DekId) -> None:
        """Overwrite and remove a key file, and the copy that an interrupted exchange left."""
        # An exchange that is under way ends first; a later one finds the mark, or no file.
        with held(self._path(dek_id)):
            self._clear(dek_id)

    def exchange(self, dek_id: DekId, change: Callable[[bytes], bytes | None]) -> bool:
        """Replace a key file by what `change` makes of it; durable after `sync`.

        A key that is destroyed is not brought back: its file, where it is still there, is removed.

        Returns:
            Whether it was replaced; not where there is none, or `change` returns None.
        """
        path = self._path(dek_id)
        with held(path) as there:
            if there and self.is_destroyed(dek_id):
                self._clear(dek_id)
                return False
            data = read_private(path) if there else None
            fresh = None if data is None else change(data)
            if fresh is None:
                return False
            replace_through(path, fresh, self._next(dek_id))
            return True

    def sync(self) -> None:
        """Make exchanges last through a power cut."""
        sync_folder(self._deks)

    def _clear(self, dek_id: DekId) -> None:
        # The copy first: while the key's own file is there, whoever comes next looks here again.
        shred(self._next(dek_id))
        shred(self._path(dek_id))

    def _path(self, dek_id: DekId) -> Path:
        if DEK_ID.fullmatch(dek_id) is None:
            raise BadName("dek id")
        return self._deks / dek_id

    def _mark(self, dek_id: DekId) -> Path:
        return self._marks / self._path(dek_id).name

    def _next(self, dek_id: DekId) -> Path:
        path = self._path(dek_id)
        return path.with_name(f".{path.name}{_NEXT}")
