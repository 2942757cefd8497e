"""One pass over the pictures of a capture: faces, head angles and mouth movement."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from cameo.likeness.arrays import Frame, Grey
from cameo.likeness.capture import Capture
from cameo.likeness.errors import CaptureUnusableError
from cameo.likeness.faces import DetectedFace, FaceEngine
from cameo.likeness.mouth import MouthMeter
from cameo.likeness.pose import frontal, raw_yaw, smoothed

SAMPLED_FPS = 8.0
MOST_SECONDS = 45.0
LEAST_SECONDS = 2.0
_REMEMBERED_S = 1.0  # how long a lost face is looked for where it was
_MOST_FRAMES = int(MOST_SECONDS * 60) + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One sampled picture.

    Attributes:
        at: seconds.
        frame: RGB, reduced.
        grey: its luminance.
        faces: all faces found, largest first.
        yaw: degrees from the person's own frontal pose, positive to the person's left; NaN where
            no face was found.
    """

    at: float
    frame: Frame
    grey: Grey
    faces: tuple[DetectedFace, ...]
    yaw: float

    @property
    def face(self) -> DetectedFace | None:
        """The largest face, the person's."""
        return self.faces[0] if self.faces else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """All sampled pictures of a capture and the mouth's movement at its full rate.

    Attributes:
        looks: in order, about eight a second.
        seconds: time of the last picture.
        mouth: (m, 2) float64: seconds, movement of the lower face beyond that of the upper.
    """

    looks: tuple[Look, ...]
    seconds: float
    mouth: npt.NDArray[np.float64]

    @property
    def with_face(self) -> tuple[Look, ...]:
        """The looks in which a face was found."""
        return tuple(look for look in self.looks if look.faces)

    @property
    def yaws(self) -> npt.NDArray[np.float64]:
        """Degrees of each look, smoothed, NaN where no face was found."""
        return np.array([look.yaw for look in self.looks])


def survey(capture: Capture, engine: FaceEngine) -> Survey:
    """Samples the pictures and finds the faces in them.

    Raises:
        CaptureUnusableError: no pictures, shorter than 2 s or longer than 45 s.
    """
    taken: list[tuple[float, Frame, Grey, tuple[DetectedFace, ...]]] = []
    meter = MouthMeter()
    due, last, near_at = 0.0, 0.0, 0.0
    near: DetectedFace | None = None
    for count, (at, frame) in enumerate(capture.timed_frames()):
        if at > MOST_SECONDS or count >= _MOST_FRAMES:
            raise CaptureUnusableError(f"It is longer than {MOST_SECONDS:.0f} s.")
        last = at
        grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        if at + 1e-6 >= due:
            due = max(due + 1 / SAMPLED_FPS, at)
            faces = tuple(engine.detect(frame, near=near))
            taken.append((at, frame, grey, faces))
            if faces:
                near, near_at = faces[0], at
            elif at - near_at > _REMEMBERED_S:
                near = None
            meter.face(faces[0] if faces else None)
        meter.picture(at, grey)
    if last < LEAST_SECONDS:
        raise CaptureUnusableError(f"It is shorter than {LEAST_SECONDS:.0f} s.")
    yaws = _own_yaws([faces[0] if faces else None for _, _, _, faces in taken])
    return Survey(
        looks=tuple(
            Look(at=at, frame=frame, grey=grey, faces=faces, yaw=float(yaw))
            for (at, frame, grey, faces), yaw in zip(taken, yaws, strict=True)
        ),
        seconds=last,
        mouth=meter.movement(),
    )


def _own_yaws(faces: list[DetectedFace | None]) -> npt.NDArray[np.float64]:
    raw = np.array([raw_yaw(face) if face is not None else np.nan for face in faces])
    seen = raw[~np.isnan(raw)]
    if not seen.size:
        return raw
    return smoothed(raw - frontal(seen.tolist()))
