"""Objects by name: a folder now, S3 by the same interface later. What is put here is ciphertext."""

from __future__ import annotations

from pathlib import Path

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore

from cameo.store.errors import NotFoundError as MissingError
from cameo.store.errors import UnavailableError


class Files:
    """A folder of objects. Names are relative paths; ``..`` is refused."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._store = LocalStore(prefix=str(folder), automatic_cleanup=True)

    def put(self, name: str, content: bytes | Path) -> None:
        """Store an object whole; it replaces one of that name, which a repeated step relies on.

        Raises:
            UnavailableError: it was not stored.
        """
        try:
            obstore.put(self._store, name, content)
        except (BaseError, OSError) as error:
            raise UnavailableError(f"cannot store {name}") from error

    def size(self, name: str) -> int:
        """How many bytes an object has.

        Raises:
            MissingError: there is none of that name.
        """
        try:
            return int(obstore.head(self._store, name)["size"])
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingError(f"no object {name}") from error
        except BaseError as error:
            raise UnavailableError(f"cannot read {name}") from error

    def read(self, name: str, offset: int, length: int) -> bytes:
        """The bytes ``[offset, offset + length)``, cut at the object's end."""
        end = min(offset + length, self.size(name))
        if end <= offset:
            return b""
        try:
            return bytes(obstore.get_range(self._store, name, start=offset, end=end))
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingError(f"no object {name}") from error
        except BaseError as error:
            raise UnavailableError(f"cannot read {name}") from error

    def exists(self, name: str) -> bool:
        """Whether there is an object of that name."""
        try:
            self.size(name)
        except MissingError:
            return False
        return True

    def delete(self, name: str) -> None:
        """Delete one object; none is no error."""
        try:
            obstore.delete(self._store, [name])
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise UnavailableError(f"cannot delete {name}") from error

    def delete_all(self, prefix: str) -> None:
        """Delete every object below a prefix; none is no error."""
        try:
            for batch in obstore.list(self._store, prefix=prefix):
                obstore.delete(self._store, [entry["path"] for entry in batch])
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise UnavailableError(f"cannot delete {prefix}") from error
