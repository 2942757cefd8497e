"""What can be wrong with a file that somebody sent."""

from __future__ import annotations


class MediaError(Exception):
    """The media file cannot be used."""

    code = "media.unusable"


class UnreadableMediaError(MediaError):
    """The file is not a video, picture or sound that can be decoded."""

    code = "media.unreadable"


class TruncatedMediaError(MediaError):
    """The file ends before its content does; send the whole file."""

    code = "media.truncated"


class TooLongError(MediaError):
    """The file plays longer than is accepted here."""

    code = "media.too_long"


class TooLargeError(MediaError):
    """The file, or its picture, is larger than is accepted here."""

    code = "media.too_large"


class NoVideoError(MediaError):
    """The file has no moving picture."""

    code = "media.no_video"


class NoSoundError(MediaError):
    """The file has no sound track."""

    code = "media.no_sound"


class DecodeTimeoutError(MediaError):
    """Decoding took longer than is allowed and was stopped."""

    code = "media.timeout"


class UnsignableMediaError(MediaError):
    """Files of this kind cannot carry credentials; convert it to another kind first."""

    code = "media.unsignable"


def by_code(code: str) -> type[MediaError]:
    """The class that carries ``code``; the root class for a code that is not known."""
    known = {cls.code: cls for cls in MediaError.__subclasses__()}
    return known.get(code, MediaError)
