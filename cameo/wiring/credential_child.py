"""The process that reads Content Credentials: ``python -I -m cameo.wiring.credential_child``.

One JSON object on standard input names the file and the trust settings; the answer on standard
output is one document of `cameo.wiring.credential_codec`. The process holds no secret: trust is
made of certificates, its environment is empty, it can write no file, its memory and CPU time are
bounded, and its parent kills it after a deadline. Any exit but 0 means that nothing was read.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import struct
import sys
from pathlib import Path
from typing import BinaryIO, Final

from cameo.wiring.credential_codec import encode
from provenance.credentials.reader import CredentialReader
from provenance.credentials.trust import TrustSettings

TOO_MANY_BOXES: Final = 3
MAX_BOXES: Final = 20_000
_MEMORY_BYTES: Final = 2 * 1024**3
_CPU_SECONDS: Final = 15
_HEADER: Final = struct.Struct(">I4s")
# Those that the library looks into.
_PARENTS: Final = frozenset(
    b"moov trak mdia minf stbl dinf edts udta tref mvex moof traf mfra meta schi".split()
)
_META_FLAGS: Final = 4  # bytes of version and flags before the boxes in `meta`


def main() -> int:
    """Read one file; 0, or `TOO_MANY_BOXES`."""
    _bound_process()
    task = json.load(sys.stdin.buffer)
    path = Path(os.fsdecode(base64.b64decode(task["path"])))
    trust = TrustSettings(
        own_roots_pem=base64.b64decode(task["own_roots_pem"]),
        time_roots_pem=base64.b64decode(task["time_roots_pem"]),
        foreign_roots_pem=base64.b64decode(task["foreign_roots_pem"]),
        soft_binding_algorithms=tuple(task["soft_binding_algorithms"]),
    )
    if has_too_many_boxes(path):
        return TOO_MANY_BOXES
    sys.stdout.buffer.write(encode(CredentialReader(trust).read(path)))
    return 0


def _bound_process() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def has_too_many_boxes(path: Path, limit: int = MAX_BOXES) -> bool:
    """Whether an MP4 file has more boxes than may be read, nested ones included.

    The library's time grows with their square, so this spares most of the CPU limit. It is no
    bound by itself: a file that it counts otherwise than the library does ends at that limit.

    Args:
        path: Any file. At most `limit` headers are read, each once.
        limit: The most boxes that are accepted.
    """
    try:
        with path.open("rb") as file:
            return _count(file, file.seek(0, 2), limit) > limit
    except OSError:
        return False  # the reader says so in its own words


def _count(file: BinaryIO, length: int, limit: int) -> int:
    count, spans = 0, [(0, length)]
    while spans and count <= limit:
        offset, end = spans.pop()
        box = _box_at(file, offset, end)
        if box is None:
            continue
        kind, header, size = box
        count += 1
        spans.append((offset + size, end))
        if kind in _PARENTS:
            inner = offset + header + (_META_FLAGS if kind == b"meta" else 0)
            spans.append((inner, min(offset + size, end)))
    return count


def _box_at(file: BinaryIO, offset: int, end: int) -> tuple[bytes, int, int] | None:
    """Kind, header and size in bytes of the box at an offset, or None where none begins."""
    if offset + _HEADER.size > end:
        return None
    file.seek(offset)
    head = file.read(16)
    if len(head) < _HEADER.size:
        return None
    size, kind = _HEADER.unpack_from(head)
    header = _HEADER.size
    if size == 1 and len(head) == 16:
        size, header = int.from_bytes(head[8:], "big"), 16
    elif size == 0:
        size = end - offset
    return (kind, header, size) if size >= header else None


if __name__ == "__main__":
    sys.exit(main())
