"""What a stamp demands of its own work before anything is signed."""

from __future__ import annotations

from typing import Final

from cameo.flows.errors import CannotMarkError
from cameo.flows.read_back import NOT_FOUND, NOT_RECOGNISED, Heard, Seen
from cameo.flows.stamp_marking import Written
from cameo.media.decode import Probe
from provenance.credentials.binding import MarkClaim

_SHORT_S: Final = 1.0
_SMALL: Final = 240


def demand_picture(seen: Seen, facts: Probe, written: Written) -> None:
    """Refuse a picture whose copies could not be recognised.

    Raises:
        CannotMarkError: why.
    """
    if not seen.recognisable:
        raise CannotMarkError(
            f"it cannot carry a mark because {NOT_RECOGNISED}: it is black, flat, or very small"
        )
    if seen.claim is None:
        why = _why_lost(facts, written)
        raise CannotMarkError(f"it cannot carry a mark because {why}: {NOT_FOUND}")


def _why_lost(facts: Probe, written: Written) -> str:
    """The likeliest reason, as far as it can be told."""
    if facts.kind == "video" and facts.seconds < _SHORT_S:
        return f"it is too short ({written.frames} frames)"
    if min(facts.width, facts.height) < _SMALL:
        return f"it is too small ({facts.width}x{facts.height})"
    return "it is too flat, or the encoder wipes the mark out"


def demand_sound(heard: Heard, facts: Probe) -> None:
    """Refuse a file of sound alone that could not be recognised: it has nothing else.

    Raises:
        CannotMarkError: why.
    """
    if facts.kind != "audio":
        return
    if heard.claim is None:
        raise CannotMarkError(f"it cannot carry a mark because {NOT_FOUND}")
    if not heard.recognisable:
        raise CannotMarkError(f"it cannot carry a mark because {NOT_RECOGNISED}")


def claims(seen: Seen | None, heard: Heard | None) -> tuple[MarkClaim, ...]:
    """The marks that were found again."""
    found = (seen.claim if seen else None, heard.claim if heard else None)
    return tuple(claim for claim in found if claim is not None)


def missing(heard: Heard | None, written: Written) -> tuple[str, ...]:
    """Which mark a file lacks, and why."""
    if written.silent_because is not None:
        return (f"sound: {written.silent_because}",)
    if heard is not None and heard.claim is None:
        return (f"sound: cannot carry a mark because {NOT_FOUND}",)
    return ()
