"""It is one person's face throughout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cameo.likeness.arrays import Vector
from cameo.likeness.checks.check import Check, judged, not_made
from cameo.likeness.faces import FaceEngine

_LEAST_VECTORS = 3


def check_same_face(engine: FaceEngine, vectors: Sequence[Vector]) -> Check:
    """Fails where the face of two successive vectors is not the typical one.

    Held against the medoid, not the mean: the mean of two people lies near enough to both. One odd
    vector (a blurred picture) is forgiven, two in a row are not. Figure: the worst such pair.

    Args:
        engine: gave the vectors.
        vectors: of near-frontal looks, in order of time.
    """
    if len(vectors) < _LEAST_VECTORS:
        return not_made("same_face", "Too few pictures face the camera.", "capture.no_face")
    table = np.array([[engine.similarity(a, b) for b in vectors] for a in vectors])
    medoid = int(np.argmax(np.median(table, axis=1)))
    to_medoid = table[medoid]
    pairs = np.maximum(to_medoid[:-1], to_medoid[1:])
    figure = float(pairs.min())
    return judged(
        "same_face",
        figure >= engine.accept,
        figure=figure,
        limit=engine.accept,
        detail=f"{len(vectors)} pictures compared by {engine.name}.",
        code="capture.changed_face",
    )
