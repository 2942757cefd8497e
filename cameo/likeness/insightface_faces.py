"""Faces by InsightFace models from a local folder, on the CPU; nothing is ever downloaded.

InsightFace's own weights are for non-commercial research: whoever installs a folder of models
needs the right to use them. This module ships none.
"""

from __future__ import annotations

import hashlib
import threading
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from cameo.likeness.arrays import Frame, Points, Vector, unit
from cameo.likeness.errors import ModelBrokenError, ModelMissingError
from cameo.likeness.faces import DetectedFace

_PROVIDERS = ["CPUExecutionProvider"]
_DETECTOR_SIDES = (320, 640)
# Where ArcFace recognisers expect eyes, nose tip and mouth corners in their square picture.
_TEMPLATE_SIDE = 112
_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]], dtype=np.float32
)  # fmt: skip


class InsightFaces:
    """A `FaceAnalysis` folder: one SCRFD-like detector and one ArcFace-like recogniser.

    Similarity is the cosine of the unit vectors. The thresholds fit the MobileFaceNet "y1" model;
    another recogniser may need others.
    """

    def __init__(
        self,
        folder: Path,
        *,
        accept: float = 0.40,
        retry: float = 0.35,
        min_score: float = 0.5,
        detector_side: int = 320,
    ) -> None:
        """Loads the models of the folder.

        Args:
            folder: holds the .onnx files (or a model package with its manifest).
            accept: cosine from which two faces count as the same person.
            retry: cosine from which another try is worth asking for.
            min_score: detections below this confidence are dropped.
            detector_side: pixels; 320 or 640. The side of the square that the detector looks at.

        Raises:
            ModelMissingError: the folder, the detector or the recogniser is not there.
            ModelBrokenError: a model could not be loaded.
        """
        if not folder.is_dir() or not any(folder.glob("*.onnx")):
            raise ModelMissingError(
                f"No .onnx models in {folder}; put a detector and a recogniser there."
            )
        self._analysis = _load(folder, min_score, detector_side)
        if "recognition" not in self._analysis.models:
            raise ModelMissingError(f"No face recogniser among the models in {folder}; add one.")
        self._recogniser = self._analysis.models["recognition"]
        path = Path(self._recogniser.model_file)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        self.name = f"insightface-{path.stem}-{digest}"
        self.accept = accept
        self.retry = retry
        self._side = detector_side
        self._lock = threading.Lock()

    def detect(
        self,
        frame: Frame,
        *,
        thorough: bool = False,
        near: DetectedFace | None = None,  # noqa: ARG002 - this detector needs no such help
    ) -> list[DetectedFace]:
        """See `FaceEngine.detect`; `thorough` looks at a larger copy, `near` changes nothing."""
        bgr = np.ascontiguousarray(frame[:, :, ::-1])
        side = max(_DETECTOR_SIDES) if thorough else self._side
        with self._lock:
            boxes, points = self._analysis.det_model.detect(bgr, input_size=(side, side))
        if points is None:
            return []
        faces = [
            DetectedFace(
                box=(float(b[0]), float(b[1]), float(b[2]), float(b[3])),
                points5=np.asarray(p, dtype=np.float32),
                score=float(b[4]),
                layout="arcface5",
            )
            for b, p in zip(boxes, points, strict=True)
        ]
        return sorted(faces, key=lambda face: face.width, reverse=True)

    def embed(self, frame: Frame, face: DetectedFace) -> Vector:
        """See `FaceEngine.embed`; of length one."""
        side = int(self._recogniser.input_size[0])
        turn = _alignment(face.points5, _TEMPLATE * (side / _TEMPLATE_SIDE))
        bgr = np.ascontiguousarray(frame[:, :, ::-1])
        aligned = cv2.warpAffine(bgr, turn, (side, side))
        with self._lock:
            vector = self._recogniser.get_feat(aligned)
        return unit(np.asarray(vector, dtype=np.float32).ravel())

    def similarity(self, a: Vector, b: Vector) -> float:
        """The cosine of the angle between two vectors."""
        return float(unit(a) @ unit(b))


def _load(folder: Path, min_score: float, side: int) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations inside the library, not ours to fix
            from insightface.app import FaceAnalysis  # noqa: PLC0415 - heavy, optional engine

            # An existing folder given as the name is used in place; a bare name would be fetched.
            analysis = FaceAnalysis(
                name=str(folder.resolve()),
                providers=_PROVIDERS,
                allowed_modules=["detection", "recognition"],
            )
            analysis.prepare(
                ctx_id=-1, det_thresh=min_score, det_size=[(s, s) for s in _sides(side)]
            )
    except AssertionError as error:
        raise ModelMissingError(
            f"No face detector among the models in {folder}; add one."
        ) from error
    except Exception as error:
        raise ModelBrokenError(f"{folder}: {error}") from error
    return analysis


def _alignment(points: Points, wanted: Points) -> npt.NDArray[np.float64]:
    """Returns the (2, 3) turn, scale and shift that brings the points nearest to those wanted."""
    rows = []
    for x, y in points.astype(np.float64):
        rows += [[x, -y, 1.0, 0.0], [y, x, 0.0, 1.0]]
    (a, b, dx, dy), *_ = np.linalg.lstsq(
        np.array(rows), wanted.astype(np.float64).ravel(), rcond=None
    )
    return np.array([[a, -b, dx], [b, a, dy]])


def _sides(side: int) -> list[int]:
    return sorted({side, *_DETECTOR_SIDES})
