"""Which kinds of files are written, so that a copy keeps the kind of its source.

Only kinds that can carry credentials: the C2PA library signs all of these, and neither Ogg nor
Matroska nor a bare AAC stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from cameo.media.decode import Probe
from cameo.media.errors import UnsignableMediaError

Name = Literal["mp4", "png", "jpeg", "webp", "wav", "flac", "mp3", "m4a"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileKind:
    """A kind of file that is written.

    Attributes:
        name: for code.
        suffix: of a file's name.
        media_type: what it is served as, and what its manifest says.
    """

    name: Name
    suffix: str
    media_type: str


MP4: Final = FileKind(name="mp4", suffix=".mp4", media_type="video/mp4")
PNG: Final = FileKind(name="png", suffix=".png", media_type="image/png")
JPEG: Final = FileKind(name="jpeg", suffix=".jpg", media_type="image/jpeg")
WEBP: Final = FileKind(name="webp", suffix=".webp", media_type="image/webp")
WAV: Final = FileKind(name="wav", suffix=".wav", media_type="audio/wav")
FLAC: Final = FileKind(name="flac", suffix=".flac", media_type="audio/flac")
MP3: Final = FileKind(name="mp3", suffix=".mp3", media_type="audio/mpeg")
M4A: Final = FileKind(name="m4a", suffix=".m4a", media_type="audio/mp4")

KINDS: Final = (MP4, PNG, JPEG, WEBP, WAV, FLAC, MP3, M4A)
_STILLS: Final = {"png": PNG, "apng": PNG, "mjpeg": JPEG, "webp": WEBP}  # by FFmpeg's decoder
_SOUNDS: Final = {"wav": WAV, "flac": FLAC, "mp3": MP3, "mov": M4A}  # by FFmpeg's container


def kind_of(facts: Probe) -> FileKind:
    """The kind in which a marked and signed copy of a file is written.

    A film becomes MP4 whatever it was, for its picture is encoded anew anyway.

    Raises:
        UnsignableMediaError: a picture or sound of a kind that cannot be signed.
    """
    if facts.kind == "video":
        return MP4
    if facts.kind == "image":
        found = next((_STILLS[name] for name in facts.codecs if name in _STILLS), None)
        wanted = "PNG, JPEG or WebP"
    else:
        found = _SOUNDS.get(facts.container.split(",", maxsplit=1)[0])
        wanted = "FLAC, WAV, MP3 or M4A"
    if found is None:
        raise UnsignableMediaError(
            f"a file of the kind {facts.container} cannot carry credentials: convert it to {wanted}"
        )
    return found
