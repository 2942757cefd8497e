"""Which container a file is, as far as one that can carry credentials goes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SIGNED: Final = (
    "video/mp4",
    "image/jpeg",
    "image/png",
    "image/webp",
    "audio/wav",
    "audio/mpeg",
    "audio/flac",
    "audio/mp4",
)
"""The kinds of files that are signed; each round trip is tested."""
BMFF: Final = frozenset({"video/mp4", "audio/mp4"})
"""Of these, those in the container of MP4, parts of which the C2PA hash leaves out."""

_HEAD: Final = 16
_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"%PDF", "application/pdf"),
)
_RIFF: Final = {b"AVI ": "video/avi", b"WAVE": "audio/wav", b"WEBP": "image/webp"}


def sniff(path: Path) -> str | None:
    """Tell the media type from a file's first bytes, never from its name.

    Args:
        path: Any file.

    Returns:
        The media type, or None for containers that carry no credentials (Matroska, MPEG-PS...).

    Raises:
        OSError: If the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    return next((kind for begin, kind in _BEGINNINGS if head.startswith(begin)), None)
