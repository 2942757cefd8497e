"""Taking fingerprints and deciding whether two show the same content.

Two rules, both of which must hold:

- of the places that both clips say something about, and of the changes where enough of them are
  compared, at least `THRESHOLD` have equal signs. Asking for both keeps apart two scenes in front
  of one background, where the places agree and the changes do not;
- the equal signs are too many for chance: were signs to agree with `CHANCE` (unrelated clips do in
  about half, up to 0.6 in scenes of one kind, as skies are above and faces in the middle), the
  probability of so many at any of the alignments tried would be under 1e-6. A place that stands
  still counts once, however many seconds it lasts.

False accepts, measured on the 306 ordered pairs of 18 clips of 3 to 5 s (9 real ones, 3 further
excerpts of them, 6 synthetic): whole copies score 0.51 on average with deviation 0.056, at most
0.67; a normal tail beyond `THRESHOLD` would be about 1e-8. With a random crop geometry, where fewer
places are compared, 0.60 with 0.048, at most 0.81. None of the 612 agreed, which by itself bounds
the rate only at 0.5% (95%). Two clips that share a still background and in which hardly anything
moves are alike to this fingerprint.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import picture, register
from provenance.fingerprint.picture import BINS_PER_SECOND
from provenance.fingerprint.values import Fingerprint, Signs
from provenance.watermark.geometry import Geometry

THRESHOLD = 0.82
CHANCE = 0.6
_EVIDENCE = math.log(1e6)
_ENOUGH_CHANGES = 16
_LEAST_OVERLAP = 0.75
_EARLIER = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """The outcome of a comparison.

    Attributes:
        agrees: whether the two show the same content.
        score: share of the compared signs that are equal at the best alignment, 0 to 1; the
            lower one of places and changes.
        threshold: the score from which they agree.
        seconds_compared: how many seconds lay side by side.
        offset_s: where in the reference the candidate starts, in seconds; negative if it
            starts before the reference.
        reason: "fingerprint.agrees", "fingerprint.differs" or
            "fingerprint.too_little_information".
    """

    agrees: bool
    score: float
    threshold: float
    seconds_compared: float
    offset_s: float
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundMark:
    """Where and when a copy shows the marked clip.

    Attributes:
        geometry: how the marked picture lies in the copy; None if that is not known.
        start: when the copy begins to show it, in seconds of the copy.
        end: when it ends.
        speed: marked seconds in a second of the copy.
    """

    geometry: Geometry | None = None
    start: float = 0.0
    end: float = math.inf
    speed: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Alignment:
    score: float
    compared: int
    evidence: float
    seconds: int
    offset: float


def fingerprint(frames: Iterable[NDArray[np.uint8]], fps: float) -> Fingerprint:
    """Take the fingerprint of a clip; frames are read once and not kept.

    Args:
        frames: luma planes of one size, (H, W), uint8.
        fps: frames a second.

    Raises:
        NothingToFingerprint: if there are no frames or the rate is not positive.
    """
    taken = picture.strip(frames, fps)
    signs = picture.signs(picture.seconds(taken.pictures, 0, BINS_PER_SECOND))
    return Fingerprint.from_signs(signs, taken.size)


def agreement(reference: Fingerprint, candidate: Fingerprint) -> Agreement:
    """Compare two fingerprints; either may be the longer one.

    Alignment is by whole seconds. A copy that was cropped or turned, or whose start was cut by part
    of a second, is better served by `recognise`.
    """
    return _outcome(_alignments(reference.signs(), candidate.signs(), 0.0))


def recognise(
    reference: Fingerprint,
    frames: Iterable[NDArray[np.uint8]],
    fps: float,
    mark: FoundMark | None = None,
) -> Agreement:
    """Compare a fingerprint with a clip, aligned by quarter seconds and by where its mark lies.

    Args:
        reference: the fingerprint that was taken at release.
        frames: luma planes of the copy, (H, W), uint8; read once.
        fps: frames a second of the copy.
        mark: where and when the detector found the mark in the copy, if it did.

    Raises:
        NothingToFingerprint: if there are no frames or the rate is not positive.
        CannotCarry: if a geometry is given for a reference that is too small for any mark.
    """
    if mark is None or mark.geometry is None:
        return _outcome(_within(reference.signs(), picture.strip(frames, fps).pictures, None))
    expected = reference.signs()
    found: list[_Alignment] = []
    taken = picture.strip(_during(frames, fps, mark), fps / mark.speed)
    for pictures, shown in register.laid_out(taken, reference.size, mark.geometry):
        found += _within(expected, pictures, shown)
    return _outcome(found)


def _during(
    frames: Iterable[NDArray[np.uint8]], fps: float, mark: FoundMark
) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames that carry the mark."""
    for number, frame in enumerate(frames):
        if mark.start - _EARLIER <= number / fps < mark.end:
            yield frame


def _within(
    expected: Signs, pictures: picture.Pictures, shown: picture.Pictures | None
) -> list[_Alignment]:
    """Align pictures with the reference at every quarter of a second."""
    found: list[_Alignment] = []
    for start in range(min(BINS_PER_SECOND, len(pictures))):
        signs = picture.signs(picture.seconds(pictures, start, BINS_PER_SECOND), shown)
        found += _alignments(expected, signs, start / BINS_PER_SECOND)
    return found


def _alignments(reference: Signs, candidate: Signs, skipped: float) -> list[_Alignment]:
    """Slide the candidate along the reference; three quarters of the shorter must overlap.

    Args:
        reference: (n, 2, 9, 16).
        candidate: (m, 2, 9, 16).
        skipped: seconds of the candidate before its first entry.
    """
    least = max(1, math.ceil(_LEAST_OVERLAP * min(len(reference), len(candidate))))
    found = []
    for shift in range(least - len(candidate), len(reference) - least + 1):
        ours = reference[max(0, shift) : shift + len(candidate)]
        theirs = candidate[max(0, -shift) : max(0, -shift) + len(ours)]
        if not len(ours):
            continue
        product = ours * theirs
        found.append(
            _Alignment(
                score=_score(product),
                compared=_distinct(product),
                evidence=_evidence(product),
                seconds=len(ours),
                offset=shift - skipped,
            )
        )
    return found


def _score(product: Signs) -> float:
    places, changes = product[:, 0], product[:, 1]
    if np.count_nonzero(changes) < _ENOUGH_CHANGES:
        return _share_equal(product)
    if not places.any():
        return _share_equal(changes)
    return min(_share_equal(places), _share_equal(changes))


def _share_equal(product: NDArray[np.int8]) -> float:
    compared = int(np.count_nonzero(product))
    return int(np.count_nonzero(product > 0)) / compared if compared else 0.0


def _distinct(product: Signs) -> int:
    """Count what was compared, a place once however many seconds it stands still.

    A still picture repeats itself every second, and repetition is no evidence.
    """
    places = np.count_nonzero(product[:, 0].any(axis=0))
    changes = np.count_nonzero(product[:, 1])
    return int(places + changes)


def _evidence(product: Signs) -> float:
    """Return the Chernoff exponent of so many equal signs under `CHANCE`."""
    share = _share_equal(product)
    if share <= CHANCE:
        return 0.0
    divergence = share * math.log(share / CHANCE)
    if share < 1.0:
        divergence += (1 - share) * math.log((1 - share) / (1 - CHANCE))
    return _distinct(product) * divergence


def _outcome(found: list[_Alignment]) -> Agreement:
    """Report the best alignment among those that compare enough to convince at all."""
    if not found:
        found = [_Alignment(score=0.0, compared=0, evidence=0.0, seconds=0, offset=0.0)]
    needed = _EVIDENCE + math.log(len(found))
    able = [a for a in found if a.compared * -math.log(CHANCE) >= needed]
    best = max(able or found, key=lambda a: (_convinces(a, needed), a.score, a.evidence))
    agrees = _convinces(best, needed)
    reason = "agrees" if agrees else "differs" if able else "too_little_information"
    return Agreement(
        agrees=agrees,
        score=best.score,
        threshold=THRESHOLD,
        seconds_compared=float(best.seconds),
        offset_s=best.offset,
        reason=f"fingerprint.{reason}",
    )


def _convinces(alignment: _Alignment, needed: float) -> bool:
    return alignment.score >= THRESHOLD and alignment.evidence >= needed
