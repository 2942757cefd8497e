"""Large files encrypted in segments, so that a range can be read without reading the rest.

The STREAM construction with AES-256-GCM: the plaintext is cut into segments of 64 KiB, each sealed
under a nonce that holds its number and whether it is the last. Every file has a key of its own,
derived from the given key, a random salt in the header, and the `aad`.

    with SegmentedWriter(path, key, aad=b"clip|clip_01|media") as writer:
        writer.write(data)
    with SegmentedReader(path, key, aad=b"clip|clip_01|media") as reader:
        part = reader.read_range(1_000_000, 4096)

Layout: 4 bytes header, 32 bytes salt, then per segment its ciphertext and a 16-byte tag.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cameo.keys.errors import BadKey, BadRange, Closed, KeyStoreBroken, MalformedSeal, SealBroken
from cameo.keys.files import FILE_MODE, sync_folder, temporary_beside

HEADER: Final = b"CMF\x01"
"""Starts every segmented file; its last byte is the version."""
SALT_BYTES: Final = 32
SEGMENT_BYTES: Final = 65_536
"""Plaintext bytes of every segment but the last."""
TAG_BYTES: Final = 16
KEY_BYTES: Final = 32

_START: Final = len(HEADER) + SALT_BYTES
_SEALED_BYTES: Final = SEGMENT_BYTES + TAG_BYTES
_INFO: Final = b"cameo-segmented/v1\n"
_MAX_SEGMENTS: Final = 1 << 32


class RangeSource(Protocol):
    """Encrypted bytes that can be read in any order: a file, an object in a store.

    Its methods may be called from many threads and raise `KeyStoreBroken` for every failure.
    """

    def size(self) -> int:
        """How many bytes there are; does not change while a reader is open."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """The bytes ``[offset, offset + length)``; fewer only at the end."""
        ...

    def close(self) -> None:
        """Let go of what was opened; may be called twice."""
        ...


class FileSource:
    """A `RangeSource` over a local file. Reads from many threads do not disturb each other."""

    def __init__(self, path: Path) -> None:
        with _wrapped():
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._open = True

    def size(self) -> int:
        """How many bytes the file has."""
        with _wrapped():
            return os.fstat(self._descriptor).st_size

    def read(self, offset: int, length: int) -> bytes:
        """The bytes at `offset`."""
        with _wrapped():
            return os.pread(self._descriptor, length, offset)

    def close(self) -> None:
        """Close the file."""
        if self._open:
            self._open = False
            os.close(self._descriptor)


class SegmentedWriter:
    """Writes one segmented file beside its place and moves it there when it is whole.

    Used as a context manager: leaving without an error commits, leaving with one discards. Until
    then nothing is at `path`; what was there before stays.

    Args:
        path: Where the file shall be. Its folder exists.
        key: 32 bytes.
        aad: What the file is and whose; not stored, see `cameo.keys.envelope.seal`.

    Raises:
        BadKey: If the key is not 32 bytes.
        KeyStoreBroken: If the file cannot be written.
    """

    def __init__(self, path: Path, key: bytes, *, aad: bytes) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        self._cipher = _file_cipher(key, salt, aad)
        self._path = path
        self._temporary = temporary_beside(path)
        self._buffer = bytearray()
        self._number = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with _wrapped():
            self._file = os.fdopen(os.open(self._temporary, flags, FILE_MODE), "wb")
            self._file.write(HEADER + salt)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add plaintext.

        Raises:
            Closed: If the file was committed or discarded.
            KeyStoreBroken: If it cannot be written.
        """
        if self._file.closed:
            raise Closed
        self._buffer += data
        done = 0
        # A full segment is written only when more follows it: the last one must carry its mark.
        while len(self._buffer) - done > SEGMENT_BYTES:
            self._emit(bytes(self._buffer[done : done + SEGMENT_BYTES]), last=False)
            done += SEGMENT_BYTES
        del self._buffer[:done]

    def commit(self) -> None:
        """Write the last segment and move the file into place; it is then on the disk.

        Raises:
            Closed: If the file was committed or discarded.
            KeyStoreBroken: If it cannot be written; nothing is then at `path`.
        """
        if self._file.closed:
            raise Closed
        try:
            self._emit(bytes(self._buffer), last=True)
            with _wrapped():
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                self._temporary.replace(self._path)
                sync_folder(self._path.parent)
        except KeyStoreBroken:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove what was written; may be called twice."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file.closed:
            return
        if kind is None:
            self.commit()
        else:
            self.discard()

    def _emit(self, plaintext: bytes, *, last: bool) -> None:
        if self._number >= _MAX_SEGMENTS:
            raise KeyStoreBroken("too many segments")
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), plaintext, None)
        self._number += 1
        with _wrapped():
            self._file.write(sealed)


class SegmentedReader:
    """Reads ranges of a segmented file.

    Opening checks the last segment, so the size is authentic before anything is told about it, and
    a file that was cut is refused at once. Every other segment is checked when it is read.

    Args:
        source: A path, or any `RangeSource`; closed with the reader.
        key: 32 bytes.
        aad: As given to the writer.

    Raises:
        BadKey: If the key is not 32 bytes.
        MalformedSeal: If it is no segmented file of a known version.
        SealBroken: If the file was cut or changed, or written with another key or `aad`.
        KeyStoreBroken: If it cannot be read.
    """

    def __init__(self, source: Path | RangeSource, key: bytes, *, aad: bytes) -> None:
        _check_key(key)
        self._source: RangeSource = FileSource(source) if isinstance(source, Path) else source
        try:
            self._open(key, aad)
        except BaseException:
            self._source.close()
            raise

    @property
    def size(self) -> int:
        """How many bytes of plaintext there are."""
        return self._size

    def read_range(self, start: int, length: int) -> bytes:
        """The plaintext ``[start, start + length)``, cut at the end of the file.

        Raises:
            BadRange: If `start` or `length` is negative.
            SealBroken: If a segment was changed.
            KeyStoreBroken: If it cannot be read.
        """
        return b"".join(self.iter_range(start, length))

    def iter_range(self, start: int, length: int) -> Iterator[bytes]:
        """The same in pieces of at most 64 KiB, each checked before it is handed out."""
        if start < 0 or length < 0:
            raise BadRange
        return self._pieces(start, min(start + length, self._size))

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, key: bytes, aad: bytes) -> None:
        total = self._source.size()
        head = self._source.read(0, _START)
        if len(head) != _START or not head.startswith(HEADER) or total < _START + TAG_BYTES:
            raise MalformedSeal
        self._cipher = _file_cipher(key, head[len(HEADER) :], aad)
        sealed = total - _START
        self._segments = -(-sealed // _SEALED_BYTES)
        self._size = sealed - self._segments * TAG_BYTES
        self._last = self._unsealed(self._segments - 1)
        # Only a file without content may end with an empty segment: one plaintext, one layout.
        if not self._last and self._segments > 1:
            raise SealBroken("an empty last segment")

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        position = start
        while position < end:
            number, skip = divmod(position, SEGMENT_BYTES)
            last = number == self._segments - 1
            segment = self._last if last else self._unsealed(number)
            piece = segment[skip : skip + end - position]
            position += len(piece)
            yield piece

    def _unsealed(self, number: int) -> bytes:
        sealed = self._source.read(_START + number * _SEALED_BYTES, _SEALED_BYTES)
        nonce = _nonce(number, last=number == self._segments - 1)
        try:
            plaintext = self._cipher.decrypt(nonce, sealed, None)
        except InvalidTag as cause:
            raise SealBroken(f"segment {number}") from cause
        if number < self._segments - 1 and len(plaintext) != SEGMENT_BYTES:
            raise SealBroken(f"segment {number} is short")
        return plaintext


def _nonce(number: int, *, last: bool) -> bytes:
    # 96 bits: the number, then the mark. Unique within a file; the key is the file's own.
    return number.to_bytes(11, "big") + bytes([last])


def _file_cipher(key: bytes, salt: bytes, aad: bytes) -> AESGCM:
    _check_key(key)
    # Prefix and header have a fixed length, so the info of two files is equal only if the aad is.
    info = _INFO + HEADER + aad
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(key))


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise BadKey


@contextlib.contextmanager
def _wrapped() -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise KeyStoreBroken(cause.strerror or "input or output failed") from cause
