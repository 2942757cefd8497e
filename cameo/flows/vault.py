"""The vault: what is kept, kept encrypted. Keys, sealed values and sealed files in one hand.

Every person's enrolment and every clip has a key of its own, bound to a context, so that destroying
one key ends one thing and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cameo.flows.workspace import Workspace
from cameo.keys.envelope import seal, unseal
from cameo.keys.errors import KeyDestroyed, KeyEpochGone, UnknownKey
from cameo.keys.provider import DekId, KeyProvider
from cameo.keys.segmented import SegmentedReader, SegmentedWriter
from cameo.store.files import Files
from cameo.store.records import ClipRecord

_BLOCK: Final = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Vault:
    """Seals and unseals; nothing else in the flows touches a data key."""

    keys: KeyProvider
    files: Files
    work: Workspace
    """Where plaintext lies while it is worked on."""

    def new_key(self, context: str) -> str:
        """Make a data key bound to `context`."""
        return str(self.keys.create(context))

    def destroy(self, dek_id: str) -> None:
        """Destroy a data key; what it locks can never be read again. Twice is no error."""
        with suppress(UnknownKey, KeyDestroyed):
            self.keys.destroy(DekId(dek_id))

    def opens(self, dek_id: str, context: str) -> bool:
        """Whether a data key can still be had."""
        try:
            self.keys.open(DekId(dek_id), context)
        except (UnknownKey, KeyDestroyed, KeyEpochGone):
            return False
        return True

    def seal(self, dek_id: str, context: str, label: str, plaintext: bytes) -> bytes:
        """Seal a small value under a key; `label` says what it is and is needed to open it."""
        return seal(self.keys.open(DekId(dek_id), context), plaintext, _aad(context, label))

    def unseal(self, dek_id: str, context: str, label: str, sealed: bytes) -> bytes:
        """Open a small value.

        Raises:
            KeyDestroyed: the key is gone.
            SealBroken: it was changed, or is another value.
        """
        return unseal(self.keys.open(DekId(dek_id), context), sealed, _aad(context, label))

    def put(self, dek_id: str, context: str, name: str, plaintext: bytes) -> None:
        """Seal a value into the object `name`."""
        self.files.put(name, self.seal(dek_id, context, name, plaintext))

    def get(self, dek_id: str, context: str, name: str) -> bytes:
        """Open the object `name` that `put` sealed."""
        sealed = self.files.read(name, 0, self.files.size(name))
        return self.unseal(dek_id, context, name, sealed)

    def put_file(self, dek_id: str, context: str, name: str, source: Path) -> str:
        """Seal a file in segments into the object `name`; returns the plaintext's SHA-256."""
        key = self.keys.open(DekId(dek_id), context)
        digest = hashlib.sha256()
        with self.work.folder() as folder:
            sealed = folder / "sealed"
            with (
                source.open("rb") as plain,
                SegmentedWriter(sealed, key, aad=_aad(context, name)) as writer,
            ):
                while block := plain.read(_BLOCK):
                    digest.update(block)
                    writer.write(block)
            self.files.put(name, sealed)
        return digest.hexdigest()

    @contextmanager
    def open_file(self, dek_id: str, context: str, name: str) -> Iterator[SegmentedReader]:
        """Open the object that `put_file` sealed, for ranges."""
        key = self.keys.open(DekId(dek_id), context)
        with SegmentedReader(_Object(self.files, name), key, aad=_aad(context, name)) as reader:
            yield reader

    def forget_clip(self, clip: ClipRecord) -> None:
        """Destroy a clip's key and delete what it locked."""
        if clip.dek_id is not None:
            self.destroy(clip.dek_id)
        self.files.delete_all(clip_folder(clip.id))


class _Object:
    """`cameo.keys.segmented.RangeSource` over an object."""

    def __init__(self, files: Files, name: str) -> None:
        self._files, self._name = files, name
        self._size = files.size(name)

    def size(self) -> int:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        return self._files.read(self._name, offset, length)

    def close(self) -> None:
        return


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def clip_folder(clip_id: str) -> str:
    """Where a clip's objects lie."""
    return f"clips/{clip_id}"


def media_name(clip_id: str) -> str:
    """The finished, signed file of a clip."""
    return f"{clip_folder(clip_id)}/media"


def _aad(context: str, label: str) -> bytes:
    return f"{context}|{label}".encode()
