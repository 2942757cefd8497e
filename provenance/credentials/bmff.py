"""The top level of an MP4 file: where the manifest lies and which bytes no hash covers.

The hash in a C2PA manifest leaves out the `ftyp` box, `mfra` boxes and the manifest's own box.
Bytes changed or hidden there read as Trusted, so they are looked at here: the signed assertion
`org.cameo.container` carries the digest of `ftyp`, a second `ftyp` or manifest box, an `mfra`
box or bytes after the manifest's end are named, and the signature's padding must be zero.
What remains unhashed and unchecked: labels and lengths of some of the store's boxes and the
unsigned header of the signature (a time-stamp token lies there), some hundreds of bytes that no
player shows. A registry that archived the store compares it whole.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

MAX_BOXES: Final = 4096
MAX_STORE_BYTES: Final = 16 * 1024 * 1024
MAX_FTYP_BYTES: Final = 4096
_C2PA_UUID: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_STORE_PREFIX: Final = b"\0\0\0\0manifest\0"
_HEADER: Final = struct.Struct(">I4s")


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    """What the top level of an MP4 file shows.

    Attributes:
        ftyp_sha256: Hex digest of the first `ftyp` box, header included, or None.
        store: The manifest store (JUMBF) as embedded, cut where the file is cut; empty if none.
        store_too_large: Whether a manifest box is over the limit and was not read.
        anomalies: Codes `container.*` for bytes that no hash covers.
        complete: Whether the boxes end exactly where the file ends.
    """

    ftyp_sha256: str | None
    store: bytes
    store_too_large: bool
    anomalies: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    offset: int
    header: int
    size: int


def scan(path: Path) -> Container | None:
    """Read the top-level boxes.

    Args:
        path: Any file; it may be hostile. Only headers, `ftyp` and manifest boxes are read.

    Returns:
        What was found, or None if the file does not begin like an MP4 file.

    Raises:
        OSError: If the file cannot be read.
    """
    with path.open("rb") as file:
        length = file.seek(0, 2)
        boxes, complete = _boxes(file, length)
        if not boxes or boxes[0].kind not in {b"ftyp", b"moov", b"uuid", b"free", b"wide"}:
            return None
        manifests = [box for box in boxes if _is_manifest(file, box)]
        ftyps = [box for box in boxes if box.kind == b"ftyp"]
        store, too_large, odd = (
            _store(file, manifests[0], length) if manifests else (b"", False, False)
        )
        anomalies = [
            ("container.second_ftyp", len(ftyps) > 1),
            ("container.second_manifest", len(manifests) > 1),
            ("container.mfra", any(box.kind == b"mfra" for box in boxes)),
            ("container.bytes_after_manifest", odd),
            ("container.signature_padding", _padding_used(store)),
        ]
        return Container(
            ftyp_sha256=_digest(file, ftyps[0]) if ftyps else None,
            store=store,
            store_too_large=too_large,
            anomalies=tuple(code for code, present in anomalies if present),
            complete=complete,
        )


def _boxes(file: BinaryIO, length: int) -> tuple[list[_Box], bool]:
    boxes: list[_Box] = []
    offset = 0
    while offset < length and len(boxes) < MAX_BOXES:
        box = _box_at(file, offset, length)
        if box is None:
            return boxes, False
        boxes.append(box)
        offset += box.size
    return boxes, offset == length


def _box_at(file: BinaryIO, offset: int, length: int) -> _Box | None:
    file.seek(offset)
    head = file.read(16)
    if len(head) < 8:
        return None
    size, kind = _HEADER.unpack_from(head)
    header = 8
    if size == 1 and len(head) == 16:
        size, header = int.from_bytes(head[8:], "big"), 16
    elif size == 0:
        size = length - offset
    return _Box(kind, offset, header, size) if size >= header else None


def _is_manifest(file: BinaryIO, box: _Box) -> bool:
    if box.kind != b"uuid":
        return False
    file.seek(box.offset + box.header)
    return file.read(16) == _C2PA_UUID


def _store(file: BinaryIO, box: _Box, length: int) -> tuple[bytes, bool, bool]:
    """The store inside a manifest box, whether it is too large, whether bytes lie around it."""
    start = box.header + len(_C2PA_UUID)
    size = min(box.size, length - box.offset) - start
    if size > MAX_STORE_BYTES:
        return b"", True, False
    file.seek(box.offset + start)
    body = file.read(max(size, 0))
    skip = len(_STORE_PREFIX) + 8  # the purpose, then the offset of a Merkle box, zero here
    store = body[skip:]
    odd = not body.startswith(_STORE_PREFIX) or any(body[len(_STORE_PREFIX) : skip])
    return store, False, odd or int.from_bytes(store[:4], "big") != len(store)


def _padding_used(store: bytes) -> bool:
    """Whether the padding of a signature, which nothing signs, holds anything but zeros."""
    start = 0
    while (at := store.find(b"\x63pad", start)) >= 0:
        start = at + 4
        kind = store[start : start + 1]
        width = {b"\x58": 1, b"\x59": 2, b"\x5a": 4}.get(kind)
        if width is None:
            continue
        begin = start + 1 + width
        size = int.from_bytes(store[start + 1 : begin], "big")
        if store[begin : begin + size].strip(b"\0"):
            return True
    return False


def _digest(file: BinaryIO, box: _Box) -> str | None:
    if box.size > MAX_FTYP_BYTES:
        return None
    file.seek(box.offset)
    return hashlib.sha256(file.read(box.size)).hexdigest()
