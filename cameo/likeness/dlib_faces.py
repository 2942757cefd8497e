"""Faces by dlib: HOG detector, five points, ResNet with 128 numbers; weights from a PyPI package.

The package's 68-point model is not used: it was trained on photographs that exclude commercial
use. The five-point and ResNet models are in the public domain.
"""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np

from cameo.likeness.arrays import Box, Frame, Points, Vector
from cameo.likeness.errors import ModelBrokenError, ModelMissingError
from cameo.likeness.faces import DetectedFace

_POINTS_FILE = "shape_predictor_5_face_landmarks.dat"
_RECOGNISER_FILE = "dlib_face_recognition_resnet_model_v1.dat"
# The five points depend on where the box falls by a pixel or two; their median over slightly moved
# boxes does so much less, and head angles are read from them.
_NUDGES = ((0.0, 0.0), (-0.04, 0.0), (0.04, 0.0), (0.0, -0.04), (0.0, 0.04))
_DOUBTFUL = 0.5  # how much lower a score may be where a face was a moment ago


def packaged_models() -> Path:
    """Returns the folder of weights inside `face_recognition_models`, without importing it.

    Raises:
        ModelMissingError: the package is not installed.
    """
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or spec.origin is None:
        raise ModelMissingError("Install the package face_recognition_models.")
    return Path(spec.origin).parent / "models"


def _model_file(folder: Path, name: str) -> str:
    path = folder / name
    if not path.is_file():
        raise ModelMissingError(
            f"{name} is missing from {folder}; install face_recognition_models."
        )
    return str(path)


class FivePoints:
    """dlib's five-point landmark model alone: eye corners and nose base."""

    def __init__(self, models: Path | None = None) -> None:
        """Loads the landmark model.

        Args:
            models: folder of the weight files; None takes the installed package's.

        Raises:
            ModelMissingError: a weight file is not there.
            ModelBrokenError: it could not be read.
        """
        path = _model_file(models or packaged_models(), _POINTS_FILE)
        try:
            self._predictor = dlib.shape_predictor(path)
        except RuntimeError as error:
            raise ModelBrokenError(str(error)) from error

    def find(self, frame: Frame, box: Box) -> Points:
        """Returns the points (5, 2) float32 of the face in the box, in dlib's order."""
        width, height = box[2] - box[0], box[3] - box[1]
        found = []
        for dx, dy in _NUDGES:
            left, top = round(box[0] + dx * width), round(box[1] + dy * height)
            rectangle = dlib.rectangle(left, top, left + round(width) - 1, top + round(height) - 1)
            found.append([(p.x, p.y) for p in self._predictor(frame, rectangle).parts()])
        return np.median(np.asarray(found, dtype=np.float32), axis=0).astype(np.float32)


class DlibFaces:
    """The embedded face engine. Similarity is 1 - Euclidean distance of the 128-number vectors."""

    name = "dlib-resnet-v1"
    accept = 0.55
    retry = 0.50

    def __init__(
        self,
        models: Path | None = None,
        *,
        max_side: int = 640,
        min_score: float = 0.0,
        mirrored: bool = True,
    ) -> None:
        """Loads the three models.

        Args:
            models: folder of the weight files; None takes the installed package's.
            max_side: pixels; larger frames are looked at in a copy reduced to this longer side.
            min_score: detections below this HOG score are dropped.
            mirrored: vectors are the middle of the picture's and its mirror image's. Takes twice as
                long; vectors with and without compare.

        Raises:
            ModelMissingError: a weight file is not there.
            ModelBrokenError: it could not be read.
        """
        folder = models or packaged_models()
        self._points = FivePoints(folder)
        path = _model_file(folder, _RECOGNISER_FILE)
        try:
            self._recogniser = dlib.face_recognition_model_v1(path)
        except RuntimeError as error:
            raise ModelBrokenError(str(error)) from error
        self._detector = dlib.get_frontal_face_detector()
        self._max_side = max_side
        self._min_score = min_score
        self._mirrored = mirrored
        self._lock = threading.Lock()  # dlib's objects keep scratch buffers between calls

    def detect(
        self, frame: Frame, *, thorough: bool = False, near: DetectedFace | None = None
    ) -> list[DetectedFace]:
        """See `FaceEngine.detect`; finds faces down to about 80 pixels of the looked-at copy."""
        frame = np.ascontiguousarray(frame)
        scale = min(1.0, self._max_side / max(frame.shape[:2]))
        with self._lock:
            faces = self._look(frame, scale, 0, near)
            if thorough and not faces:
                faces = self._look(frame, min(1.0, 2 * scale), 1, near)
        return sorted(faces, key=lambda face: face.width, reverse=True)

    def _look(
        self, frame: Frame, scale: float, upsample: int, near: DetectedFace | None
    ) -> list[DetectedFace]:
        small = frame
        if scale < 1.0:
            small = np.asarray(
                cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            )
        lowest = self._min_score - (_DOUBTFUL if near is not None else 0.0)
        rectangles, scores, _ = self._detector.run(small, upsample, lowest)
        faces = []
        for r, score in zip(rectangles, scores, strict=True):
            box = (r.left() / scale, r.top() / scale, (r.right() + 1) / scale,
                   (r.bottom() + 1) / scale)  # fmt: skip
            points = self._points.find(frame, box)
            face = DetectedFace(box=box, points5=points, score=float(score))
            if score >= self._min_score or (near is not None and face.overlaps(near)):
                faces.append(face)
        return faces

    def embed(self, frame: Frame, face: DetectedFace) -> Vector:
        """See `FaceEngine.embed`; 128 numbers of no fixed length."""
        vector = self._describe(frame, face)
        if self._mirrored:
            other = self._describe(frame[:, ::-1], _mirrored(face, frame.shape[1]))
            vector = ((vector + other) / 2).astype(np.float32)
        return vector

    def _describe(self, frame: Frame, face: DetectedFace) -> Vector:
        shape = _as_dlib(face)
        with self._lock:
            vector = self._recogniser.compute_face_descriptor(np.ascontiguousarray(frame), shape)
        return np.asarray(vector, dtype=np.float32)

    def similarity(self, a: Vector, b: Vector) -> float:
        """1 - distance: .55 is dlib's distance .45. The distance itself is `1 - similarity`."""
        return 1.0 - float(np.linalg.norm(a.astype(np.float64) - b.astype(np.float64)))


def _mirrored(face: DetectedFace, width: int) -> DetectedFace:
    left, top, right, bottom = face.box
    points = face.points5[[2, 3, 0, 1, 4]].copy()
    points[:, 0] = width - 1 - points[:, 0]
    box = (width - right, top, width - left, bottom)
    return DetectedFace(box=box, points5=points, score=face.score)


def _as_dlib(face: DetectedFace) -> Any:
    left, top, right, bottom = (round(v) for v in face.box)
    points = [dlib.point(round(float(x)), round(float(y))) for x, y in face.points5]
    return dlib.full_object_detection(dlib.rectangle(left, top, right - 1, bottom - 1), points)
