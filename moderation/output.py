"""The output path: whose faces came out, and what is said.

A generator may draw a person whom nobody asked for. So what comes out is checked again: every face
that is large enough to be recognised must match a person whose consent this request has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from moderation.decision import Decision, Outcome, Reason
from moderation.errors import MatcherFailedError
from moderation.text import Moderator

Frame: TypeAlias = npt.NDArray[np.uint8]
Vector: TypeAlias = npt.NDArray[np.float32]
Box: TypeAlias = tuple[float, float, float, float]

MIN_SIDE_PX = 48
"""Default side below which a face is not compared: recognisers are not made for smaller ones."""
CONFIRM_WITHIN_S = 1.0
"""How far away in time a doubtful face may be confirmed."""
SAME_PLACE = 0.3
"""Least overlap (intersection over union) of two boxes that are the same face."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FaceHit:
    """A face in a frame.

    Attributes:
        box: `(x0, y0, x1, y1)` in pixels of the frame.
        vector: the recogniser's vector of this face.
    """

    box: Box
    vector: Vector


class FaceMatcher(Protocol):
    """Finds and compares faces. May be called from one thread at a time only."""

    def faces(self, frame: Frame) -> Sequence[FaceHit]:
        """Return every face in an RGB frame `(H, W, 3)`, in any order.

        Must be deterministic, must not change the frame, and must raise rather than leave a found
        face out because it could not be embedded: a missing face counts as no face.
        """
        ...

    def similarity(self, left: Vector, right: Vector) -> float:
        """Return how alike two vectors are: higher is more alike, on the threshold's scale."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class AllowedFace:
    """A person whose consent this request has.

    Attributes:
        person_id: who it is.
        templates: at least one vector of the matcher's recogniser.
        threshold: least similarity to any template at which a face is this person.
        doubtful: least similarity at which a face may still be this person, in a blink or a word;
            such a face counts only where the same person is recognised at the same place within
            `CONFIRM_WITHIN_S`. None leaves no room for doubt.
    """

    person_id: str
    templates: tuple[Vector, ...]
    threshold: float
    doubtful: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FaceMiss:
    """A face that matched nobody.

    Attributes:
        second: time of the frame.
        box: where in the frame.
        nearest: the allowed person that it came nearest to its threshold, or None without a cast.
        similarity: to that person's best template, or None without a cast.
    """

    second: float
    box: Box
    nearest: str | None
    similarity: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputDecision:
    """What the check of the frames found.

    Attributes:
        decision: `allow` or `block`.
        reasons: at most one of each code; its detail gives the count and the first second.
        misses: every face that matched nobody, in order of time.
        frames: frames that were looked at.
        faces: faces that were compared.
        faces_too_small: faces that were found and not compared.
        people: ids of allowed people who were seen.
    """

    decision: Outcome
    reasons: tuple[Reason, ...]
    misses: tuple[FaceMiss, ...]
    frames: int
    faces: int
    faces_too_small: int
    people: frozenset[str]


def check_frames(
    frames: Iterable[tuple[float, Frame]],
    allowed: Sequence[AllowedFace],
    matcher: FaceMatcher,
    min_side_px: float = MIN_SIDE_PX,
) -> OutputDecision:
    """Return whether only consenting people are to be seen.

    Fails closed: no frames at all, or a matcher that raises, blocks as `output.not_checked`, and a
    similarity that is no number matches nobody. One unknown face in one frame is enough to block; a
    face in doubt (see `AllowedFace.doubtful`) is unknown unless frames nearby confirm it.

    Args:
        frames: `(second, frame)` sampled over the whole clip, each frame RGB uint8 `(H, W, 3)`.
        allowed: the cast; empty when nobody may be seen.
        matcher: finds and compares faces.
        min_side_px: faces whose longer side is shorter than this are counted, not compared.
    """
    tally = _Tally(allowed, matcher, min_side_px)
    failure = ""
    try:
        for second, frame in frames:
            tally.look(second, frame)
    except MatcherFailedError as error:
        failure = str(error)
    if not tally.frames and not failure:
        failure = "no frames"
    return tally.decision(failure)


def check_transcript(
    text: str,
    moderator: Moderator,
    consented_names: Collection[str] = frozenset(),
    handles: Collection[str] = frozenset(),
) -> Decision:
    """Return the decision about spoken lines: the text path, on what is said.

    It reads spellings, not sounds: a name said through a homophone ("pick a chew") passes here
    until the phonetic comparison exists.
    """
    return moderator.moderate(text, consented_names, handles)


class _Tally:
    """Counts what is seen, frame by frame."""

    def __init__(
        self, allowed: Sequence[AllowedFace], matcher: FaceMatcher, min_side_px: float
    ) -> None:
        self._allowed = allowed
        self._matcher = matcher
        self._min_side_px = min_side_px
        self._misses: list[FaceMiss] = []
        self._open: list[bool] = []  # for each miss, whether it may be confirmed
        self._seen: list[tuple[float, Box, str]] = []
        self._people: set[str] = set()
        self._small = 0
        self._faces = 0
        self.frames = 0

    def look(self, second: float, frame: Frame) -> None:
        """Compare every large enough face of a frame.

        Raises:
            MatcherFailedError: the matcher raised.
        """
        self.frames += 1
        try:
            for face in self._matcher.faces(frame):
                self._compare(second, face)
        except Exception as error:
            raise MatcherFailedError(f"{type(error).__name__} at {second:.2f} s") from error

    def _compare(self, second: float, face: FaceHit) -> None:
        x0, y0, x1, y1 = face.box
        if max(x1 - x0, y1 - y0) < self._min_side_px:
            self._small += 1
            return
        self._faces += 1
        nearest, similarity, margin = None, None, -np.inf
        for person in self._allowed:
            best = max(self._matcher.similarity(t, face.vector) for t in person.templates)
            if best >= person.threshold:
                self._people.add(person.person_id)
                self._seen.append((second, face.box, person.person_id))
                return
            if best - person.threshold > margin:
                nearest, similarity = person, best
                margin = best - person.threshold
        self._misses.append(
            FaceMiss(
                second=second,
                box=face.box,
                nearest=None if nearest is None else nearest.person_id,
                similarity=similarity,
            )
        )
        self._open.append(_in_doubt(nearest, similarity))

    def _confirmed(self, miss: FaceMiss, in_doubt: bool) -> bool:
        return in_doubt and any(
            person == miss.nearest
            and abs(second - miss.second) <= CONFIRM_WITHIN_S
            and _overlap(box, miss.box) >= SAME_PLACE
            for second, box, person in self._seen
        )

    def _unknown(self) -> list[FaceMiss]:
        return [
            miss
            for miss, in_doubt in zip(self._misses, self._open, strict=True)
            if not self._confirmed(miss, in_doubt)
        ]

    def decision(self, failure: str) -> OutputDecision:
        """Return the verdict; a non-empty failure blocks whatever was seen."""
        reasons: list[Reason] = []
        unknown = self._unknown()
        if unknown:
            first = min(miss.second for miss in unknown)
            detail = f"{len(unknown)} unknown, first at {first:.2f} s"
            reasons.append(Reason(code="output.unknown_face", detail=detail))
        if failure:
            reasons.append(Reason(code="output.not_checked", detail=failure))
        return OutputDecision(
            decision="block" if reasons else "allow",
            reasons=tuple(reasons),
            misses=tuple(sorted(unknown, key=lambda miss: miss.second)),
            frames=self.frames,
            faces=self._faces,
            faces_too_small=self._small,
            people=frozenset(self._people),
        )


def _in_doubt(person: AllowedFace | None, similarity: float | None) -> bool:
    if person is None or person.doubtful is None or similarity is None:
        return False
    return similarity >= person.doubtful


def _overlap(left: Box, right: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(left[2], right[2]) - max(left[0], right[0])
    height = min(left[3], right[3]) - max(left[1], right[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (left, right)]
    return width * height / (sum(areas) - width * height)
