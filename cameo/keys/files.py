"""Small private files: created once, whole or not at all, readable by their owner only."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cameo.keys.errors import InsecurePermissions, KeyStoreBroken

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
MAX_BYTES: Final = 1 << 20
"""No private file is larger than 1 MiB."""
TEMPORARY: Final = ".tmp"
"""How the names of files end that are not yet in their place."""

_OTHERS: Final = 0o077


def private_folder(path: Path) -> Path:
    """`path`, made as a folder of mode 0700 where it does not exist.

    Raises:
        InsecurePermissions: If it is there and others than its owner may enter or change it.
        KeyStoreBroken: If it cannot be made.
    """
    with _wrapped():
        if not path.is_dir():
            path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            sync_folder(path.parent)
        _check_owner(path.stat(), path)
    return path


def read_private(path: Path) -> bytes | None:
    """The content of a private file; None where there is none.

    Raises:
        InsecurePermissions: If others than its owner may read or change it, or it is a link.
        KeyStoreBroken: If it cannot be read.
    """
    with _wrapped():
        try:
            # A link could lead to a file that somebody else controls.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(descriptor)
            _check_owner(status, path)
            if status.st_size > MAX_BYTES:
                raise KeyStoreBroken(f"{path.name} is too large")
            return os.read(descriptor, status.st_size)
        finally:
            os.close(descriptor)


def is_there(path: Path) -> bool:
    """Whether something has this name, be it private or not.

    Raises:
        KeyStoreBroken: If it cannot be found out.
    """
    with _wrapped():
        return os.path.lexists(path)


def names_in(folder: Path) -> list[str]:
    """The names of everything in a folder, in no order.

    Raises:
        KeyStoreBroken: If it cannot be read.
    """
    with _wrapped(), os.scandir(folder) as found:
        return [entry.name for entry in found]


def create_once(path: Path, data: bytes) -> bytes:
    """Create a private file with `data`, or leave the one that is there.

    Of any number of processes that call this at once, one wins and all return its content. A reader
    never sees a part of it, and when this returns it is on the disk.

    Returns:
        What the file holds: `data`, or what another put there first.

    Raises:
        InsecurePermissions: If the file that is there is not private.
        KeyStoreBroken: If it cannot be written.
    """
    with _wrapped(), _written(temporary_beside(path), data) as temporary:
        try:
            # A link is made only if the name is free, and the file behind it is already whole.
            os.link(temporary, path)
        except FileExistsError:
            pass
        else:
            sync_folder(path.parent)
            return data
    present = read_private(path)
    if present is None:
        raise KeyStoreBroken(f"{path.name} was removed while it was made")
    return present


def replace_private(path: Path, data: bytes) -> None:
    """Put a private file with `data` in the place of what is there, at once.

    Raises:
        KeyStoreBroken: If it cannot be written.
    """
    with _wrapped(), _written(temporary_beside(path), data) as temporary:
        temporary.replace(path)
        sync_folder(path.parent)


def replace_through(path: Path, data: bytes, temporary: Path) -> None:
    """As `replace_private`, by way of a name that the caller knows and nobody else uses now.

    So the caller can find and shred what a crash leaves under that name. The exchange lasts through
    a power cut only after `sync_folder`; until then one of the two contents is there, whole.

    Raises:
        KeyStoreBroken: If it cannot be written.
    """
    shred(temporary)
    with _wrapped(), _written(temporary, data):
        temporary.replace(path)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock file alone among all threads and processes; waits for it.

    It ends with the process that holds it, whatever ends that.

    Raises:
        KeyStoreBroken: If it cannot be locked.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with _wrapped():
        descriptor = os.open(path, flags, FILE_MODE)
    with _locked(descriptor):
        yield


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold one file alone among those who call this; yields whether there is one.

    Nobody else who replaces or removes the file under this lock does so meanwhile.

    Raises:
        KeyStoreBroken: If it cannot be locked.
    """
    while True:
        with _wrapped():
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                descriptor = -1
        if descriptor < 0:
            yield False
            return
        with _locked(descriptor):
            # What was waited for may have put another file into its place, or none.
            if _is_at(descriptor, path):
                yield True
                return


def shred(path: Path) -> bool:
    """Overwrite a file and remove it.

    The overwriting reaches the file's blocks on file systems that write in place. On others (copy
    on write, flash, snapshots, backups) the old bytes may stay until they are reused.

    Returns:
        Whether there was a file.

    Raises:
        KeyStoreBroken: If it cannot be overwritten or removed.
    """
    with _wrapped():
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            os.write(descriptor, secrets.token_bytes(os.fstat(descriptor).st_size))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    return True


def shred_aside(path: Path, aside: Path) -> None:
    """As `shred`, but the file leaves its name first: nobody finds it there half overwritten.

    What a crash leaves is under the name `aside`, for the caller to shred.

    Raises:
        KeyStoreBroken: If it is not there, or cannot be overwritten or removed.
    """
    with _wrapped():
        path.replace(aside)
        sync_folder(path.parent)
    shred(aside)


def remove_temporary(path: Path) -> None:
    """Remove what a crash left under a temporary name.

    It is not overwritten: the name may be the second one of a file that has reached its place.

    Raises:
        KeyStoreBroken: If it cannot be removed.
    """
    with _wrapped():
        path.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make what was created, renamed or removed in a folder last through a power cut.

    Raises:
        KeyStoreBroken: If the disk refuses.
    """
    with _wrapped():
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def temporary_beside(path: Path) -> Path:
    """A free name in the folder of `path`, not readable as the name of anything kept there."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}{TEMPORARY}")


@contextlib.contextmanager
def _written(temporary: Path, data: bytes) -> Iterator[Path]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """The lock of an open file, and the end of both."""
    try:
        with _wrapped():
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # A forked child shares the open file: closing alone would leave the lock with it.
            with _wrapped():
                fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    with _wrapped():
        try:
            there = path.lstat()
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(descriptor), there)


def _check_owner(status: os.stat_result, path: Path) -> None:
    if status.st_mode & _OTHERS:
        raise InsecurePermissions(f"{path.name} has mode {stat.S_IMODE(status.st_mode):04o}")
    if status.st_uid != os.geteuid():
        raise InsecurePermissions(f"{path.name} belongs to another user")


@contextlib.contextmanager
def _wrapped() -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise KeyStoreBroken(cause.strerror or "input or output failed") from cause
