"""What the liveness checks, comparisons and templates need from a face model.

Sides: an unmirrored camera shows the person's own left on the image's right. When people turn
their head to their own left, the nose moves toward the image's right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from cameo.likeness.arrays import Box, Frame, Points, Vector

Layout = Literal["dlib5", "arcface5"]
_SAME_PLACE = 0.35


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectedFace:
    """One face in one picture.

    Attributes:
        box: in pixels of the picture that was given; may reach outside it.
        points5: (5, 2) float32 in the same pixels, in the order that `layout` names.
        score: the detector's own confidence, higher is surer; comparable within one engine only.
        layout: "dlib5" = image-right eye outer and inner corner, image-left eye outer and inner
            corner, nose base; "arcface5" = image-left eye centre, image-right eye centre, nose
            tip, image-left and image-right mouth corner.
    """

    box: Box
    points5: Points
    score: float
    layout: Layout = "dlib5"

    @property
    def width(self) -> float:
        """Width of the box in pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.box[3] - self.box[1]

    @property
    def eyes(self) -> tuple[Points, Points]:
        """Centres of the image-left and the image-right eye, each of shape (2,)."""
        p = self.points5
        if self.layout == "dlib5":
            left, right = (p[2] + p[3]) / 2, (p[0] + p[1]) / 2
        else:
            left, right = p[0], p[1]
        return np.asarray(left, dtype=np.float32), np.asarray(right, dtype=np.float32)

    @property
    def nose(self) -> Points:
        """The nose point, shape (2,)."""
        at = 4 if self.layout == "dlib5" else 2
        return np.asarray(self.points5[at], dtype=np.float32)

    def overlaps(self, other: DetectedFace) -> bool:
        """Tells whether the two boxes are much the same place: intersection over union >= .35."""
        a, b = self.box, other.box
        across = min(a[2], b[2]) - max(a[0], b[0])
        down = min(a[3], b[3]) - max(a[1], b[1])
        shared = max(0.0, across) * max(0.0, down)
        union = self.width * self.height + other.width * other.height - shared
        return shared >= _SAME_PLACE * union

    @property
    def eye_distance(self) -> float:
        """Distance between the eye centres in pixels; never below one."""
        left, right = self.eyes
        return max(1.0, float(np.linalg.norm(right - left)))


@runtime_checkable
class FaceEngine(Protocol):
    """Finds faces and tells how alike two of them are.

    Implementations load their models when constructed, from local files only, and never open a
    network connection. All methods are deterministic and may be called from several threads.
    """

    @property
    def name(self) -> str:
        """Identifies the recogniser: vectors of engines with different names do not compare."""
        ...

    @property
    def accept(self) -> float:
        """Similarity from which two faces count as the same person."""
        ...

    @property
    def retry(self) -> float:
        """Similarity from which another try is worth asking for; at most `accept`."""
        ...

    def detect(
        self, frame: Frame, *, thorough: bool = False, near: DetectedFace | None = None
    ) -> list[DetectedFace]:
        """Finds faces, largest first, in the pixels of the frame given.

        May look at a smaller copy for speed. `thorough` also looks for small faces and may be
        several times slower. `near` is where a face was a moment ago: a find that would be too
        doubtful elsewhere may count there. A picture without faces gives an empty list, never an
        error.
        """
        ...

    def embed(self, frame: Frame, face: DetectedFace) -> Vector:
        """Returns the identity vector, float32, always of the same length.

        The face must come from this engine's `detect` on the same frame.
        """
        ...

    def similarity(self, a: Vector, b: Vector) -> float:
        """Returns how alike two vectors are; higher is more alike; symmetric."""
        ...
