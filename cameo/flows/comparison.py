"""What the faces of two enrolments say to a contest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cameo.flows.errors import FlowError
from cameo.flows.likenesses import Likenesses
from cameo.keys.errors import KeysError
from cameo.likeness.errors import LikenessError
from cameo.store.records import EnrolmentRecord
from cameo.store.rights import ContestState

_FACE: Final = "face"


class FaceComparer(Protocol):
    """Compares face templates as `cameo.flows.enrol` keeps them."""

    @property
    def accept(self) -> float:
        """Similarity from which two faces count as the same person."""
        ...

    @property
    def retry(self) -> float:
        """Similarity below which they count as two people; at most `accept`."""
        ...

    def similarity(self, one: bytes, other: bytes) -> float:
        """How alike the faces of two templates are.

        Raises:
            LikenessError: they are of different engines, or none.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Opens two face templates, compares them, and forgets them."""

    likenesses: Likenesses
    faces: FaceComparer

    def judge(
        self, mine: EnrolmentRecord, contested: Sequence[EnrolmentRecord]
    ) -> tuple[ContestState, float | None]:
        """The state that a contest moves to, and the similarity; the closest of several counts.

        A face that was declared to be synthetic shows nobody, so against one that was not it can
        at most be left to the operator. So is what cannot be compared.
        """
        alike: list[tuple[float, EnrolmentRecord]] = []
        try:
            face = self.likenesses.part(mine, _FACE)
            for other in contested:
                theirs = self.likenesses.part(other, _FACE)
                alike.append((self.faces.similarity(face, theirs), other))
        except (LikenessError, KeysError, FlowError):
            return "doubtful", None
        if not alike:
            return "lapsed", None
        similarity, closest = max(alike, key=lambda pair: pair[0])
        if similarity < self.faces.retry:
            return "not_matched", similarity
        weak = mine.simulated and not closest.simulated
        sure = similarity >= self.faces.accept and not weak
        return ("matched" if sure else "doubtful"), similarity
