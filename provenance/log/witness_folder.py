"""A witness's folder: its key and its memory, made on first use.

with open_folder(path, "witness.example/w1") as folder:
    witness = Witness(folder.cosigner, logs, folder)

The two belong together. A folder must never be copied or brought back from a backup: a witness
that forgot what it cosigned would cosign a second view. Make a new folder, and so a new key.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from provenance.log.cosignature import Cosigner
from provenance.log.encoding import from_base64, to_base64
from provenance.log.errors import MalformedKey, MalformedState
from provenance.log.notes import SEED_BYTES, is_name

_KEY: Final = "key"
_HEADS: Final = "heads.json"
_LOCK: Final = "lock"
_SKEY_HEAD: Final = "PRIVATE+KEY"


class WitnessFolder:
    """`provenance.log.witness.WitnessState` in a file; get one from `open_folder`."""

    def __init__(self, path: Path, cosigner: Cosigner) -> None:
        self._heads = path / _HEADS
        self.cosigner = cosigner
        """The witness's key."""

    def load(self, origin: str) -> str | None:
        """The last note that was kept for this log.

        Raises:
            MalformedState: If the file is missing or cannot be read.
        """
        return self._read().get(origin)

    def store(self, origin: str, note: str) -> None:
        """Keep a note, durably."""
        write_durably(self._heads, json.dumps({**self._read(), origin: note}, ensure_ascii=False))

    def _read(self) -> dict[str, str]:
        try:
            heads = json.loads(self._heads.read_text(encoding="utf-8"))
        except (OSError, ValueError) as cause:
            raise MalformedState(_HEADS) from cause
        if not isinstance(heads, dict) or not all(isinstance(n, str) for n in heads.values()):
            raise MalformedState(_HEADS)
        return heads


@contextmanager
def open_folder(path: Path, name: str | None = None) -> Iterator[WitnessFolder]:
    """The folder, for one process at a time.

    Args:
        path: Made where it is missing, private.
        name: The witness's name, fixed on first use. None means the one that it has, or a name
            made from random digits.

    Raises:
        MalformedState: If the folder is in use, or its memory is gone while its key is there.
        MalformedKey: If the key file is none, or the witness has another name.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as cause:
            raise MalformedState("another witness uses this folder") from cause
        if not (path / _KEY).exists():
            _begin(path, name or f"cameo.local/witness-{secrets.token_hex(4)}")
        if not (path / _HEADS).exists():
            raise MalformedState(f"{_HEADS} is gone; a witness that forgot must not sign again")
        kept, seed = _read_key(path / _KEY)
        if name not in (None, kept):
            raise MalformedKey(f"this witness is {kept}")
        yield WitnessFolder(path, Cosigner(kept, seed))


def write_durably(path: Path, text: str) -> None:
    """Replace a file by one with this content, whole or not at all, and on the disk on return."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _begin(path: Path, name: str) -> None:
    if not is_name(name):
        raise MalformedKey("name")
    # The memory comes first: a key without one is refused, a memory without a key never signed.
    if not (path / _HEADS).exists():
        write_durably(path / _HEADS, "{}")
    seed = to_base64(secrets.token_bytes(SEED_BYTES))
    write_durably(path / _KEY, f"{_SKEY_HEAD}+{name}+{seed}\n")


def _read_key(path: Path) -> tuple[str, bytes]:
    head, _, rest = path.read_text(encoding="utf-8").strip().partition(f"{_SKEY_HEAD}+")
    name, _, encoded = rest.partition("+")
    seed = from_base64(encoded)
    if head or not is_name(name) or seed is None or len(seed) != SEED_BYTES:
        raise MalformedKey("the key file")
    return name, seed
