"""What can go wrong with synthetic people."""

from __future__ import annotations


class HeadsError(Exception):
    """Something about a synthetic person cannot be done."""

    code = "heads.error"


class UnknownPersonError(HeadsError):
    """Nobody of this name is in the cast of synthetic people."""

    code = "heads.unknown_person"


class BadPerformanceError(HeadsError):
    """A performance needs a positive frame rate, known sides and mouth openings from 0 to 1."""

    code = "heads.bad_performance"


class BadPictureError(HeadsError):
    """A picture needs a size of at least 16 by 16 and a background of that size."""

    code = "heads.bad_picture"
