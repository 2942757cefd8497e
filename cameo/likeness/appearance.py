"""The picture of a person that a generator works from: frontal, sharp, mouth closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cameo.likeness.arrays import Box, Frame, Points
from cameo.likeness.container import array_bytes, array_from, pack, unpack
from cameo.likeness.dlib_faces import FivePoints
from cameo.likeness.errors import MalformedTemplateError, NoFaceError
from cameo.likeness.faces import DetectedFace
from cameo.likeness.mouth import mouth_patch
from cameo.likeness.segments import Segment
from cameo.likeness.survey import Look, Survey

SIDE = 512
FACE_SHARE = 0.45  # of the crop's width
_FACE_MIDDLE = 0.48  # of the crop's height
_MOST_YAW = 10.0
_KIND = "appearance"
# dlib's landmark model expects the box of dlib's own detector: about this many eye distances wide.
_DLIB_BOX = 2.4
_SPEECH_MARGIN_S = 0.15
_OPEN_MOUTH = 0.55  # of the skin's brightness: darker pixels are the inside of a mouth


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Appearance:
    """A head-and-shoulders crop.

    Attributes:
        image: RGB uint8 (512, 512, 3).
        points5: (5, 2) float32 in the crop, always in dlib's order: image-right eye outer and inner
            corner, image-left eye outer and inner corner, nose base.
        box: the face in the crop, about 45% of its width.
    """

    image: Frame
    points5: Points
    box: Box

    def to_bytes(self) -> bytes:
        """Returns the byte form (a PNG inside); the caller encrypts it."""
        _, png = cv2.imencode(".png", np.ascontiguousarray(self.image[:, :, ::-1]))
        parts = {"png": png.tobytes(), "points5": array_bytes(self.points5.astype(np.float32))}
        return pack(_KIND, {"box": [float(v) for v in self.box]}, parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Appearance:
        """Reads what `to_bytes` wrote.

        Raises:
            MalformedTemplateError: anything else.
        """
        head, parts = unpack(_KIND, data)
        points, box = array_from(parts.get("points5"), 2), head.get("box")
        if points.shape != (5, 2) or not isinstance(box, list) or len(box) != 4:
            raise MalformedTemplateError("wrong points or box.")
        if not all(isinstance(v, int | float) and np.isfinite(v) for v in box):
            raise MalformedTemplateError("wrong box.")
        image = _picture(parts.get("png", b""))
        return cls(image=image, points5=points, box=(box[0], box[1], box[2], box[3]))


def _picture(png: bytes) -> Frame:
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise MalformedTemplateError("no picture inside.")
    try:
        bgr = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise MalformedTemplateError("unreadable picture.") from error
    if bgr is None or bgr.shape != (SIDE, SIDE, 3):
        raise MalformedTemplateError("unreadable picture or wrong size.")
    return np.ascontiguousarray(bgr[:, :, ::-1])


def best_appearance(survey: Survey, speech: Sequence[Segment], points: FivePoints) -> Appearance:
    """Picks the look that is most frontal, silent, closed-mouthed and sharp, and crops it.

    Args:
        survey: of the capture.
        speech: when somebody speaks; pictures in silence are preferred.
        points: dlib's landmarks, for engines whose own five points lie elsewhere.

    Raises:
        NoFaceError: no look shows a face.
    """
    looks = survey.with_face
    if not looks:
        raise NoFaceError
    facing = [look for look in looks if abs(look.yaw) <= _MOST_YAW]
    pool = facing or [min(looks, key=lambda look: abs(look.yaw))]
    sharp = float(np.median([_sharpness(look) for look in pool]))
    # Most looks of a capture are not blinks, so what is usual for this face is an open eye.
    open_eyes = float(np.percentile([_eye_contrast(look) for look in pool], 75))
    best = min(pool, key=lambda look: _flaws(look, speech, sharp) + _closed_eyes(look, open_eyes))
    return crop(best.frame, best.faces[0], points)


def crop(frame: Frame, face: DetectedFace, points: FivePoints) -> Appearance:
    """Cuts the 512-pixel square around a face; what lies outside the picture repeats its edge."""
    box, five = _as_dlib(frame, face, points)
    scale = FACE_SHARE * SIDE / max(1.0, box[2] - box[0])
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    shift = np.array([SIDE / 2, _FACE_MIDDLE * SIDE]) - scale * middle
    move = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    image = cv2.warpAffine(
        np.ascontiguousarray(frame), move, (SIDE, SIDE), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    left, top, right, bottom = box
    return Appearance(
        image=np.asarray(image, dtype=np.uint8),
        points5=(five * scale + shift).astype(np.float32),
        box=(
            float(left * scale + shift[0]),
            float(top * scale + shift[1]),
            float(right * scale + shift[0]),
            float(bottom * scale + shift[1]),
        ),
    )


def _as_dlib(frame: Frame, face: DetectedFace, points: FivePoints) -> tuple[Box, Points]:
    if face.layout == "dlib5":
        return face.box, face.points5
    left, right = face.eyes
    middle = (left + right) / 2 + 0.45 * (face.nose - (left + right) / 2)
    half = _DLIB_BOX * face.eye_distance / 2
    x, y = float(middle[0]), float(middle[1])
    box = (x - half, y - half, x + half, y + half)
    return box, points.find(np.ascontiguousarray(frame), box)


def _sharpness(look: Look) -> float:
    left, top, right, bottom = (max(0, round(v)) for v in look.faces[0].box)
    face = look.grey[top:bottom, left:right]
    return float(cv2.Laplacian(face, cv2.CV_64F).var()) if face.size else 0.0


def _eye_contrast(look: Look) -> float:
    """Contrast around the eyes, the weaker of both: white and iris of an open one stand out."""
    face = look.faces[0]
    wide, high = 0.22 * face.eye_distance, 0.13 * face.eye_distance
    contrasts = []
    for x, y in face.eyes:
        left, right = max(0, round(x - wide)), max(0, round(x + wide))
        top, bottom = max(0, round(y - high)), max(0, round(y + high))
        patch = look.grey[top:bottom, left:right]
        contrasts.append(float(patch.std()) if patch.size else 0.0)
    return min(contrasts)


def _closed_eyes(look: Look, typical: float) -> float:
    """About two for shut eyes, 0 for eyes as open as they usually are."""
    return 5.0 * max(0.0, 0.9 - _eye_contrast(look) / max(1e-6, typical))


def _flaws(look: Look, speech: Sequence[Segment], typical_sharpness: float) -> float:
    """Sums up what is wrong with a look; the weights make each flaw's usual worst about one."""
    speaking = any(
        s.start_s - _SPEECH_MARGIN_S <= look.at <= s.end_s + _SPEECH_MARGIN_S for s in speech
    )
    patch = mouth_patch(look.grey, look.faces[0])
    dark = float((patch < _OPEN_MOUTH * np.percentile(patch, 75)).mean())
    blur = max(0.0, 1.0 - _sharpness(look) / max(1e-6, typical_sharpness))
    return abs(look.yaw) / _MOST_YAW + 0.7 * speaking + 4.0 * dark + 2.0 * blur
