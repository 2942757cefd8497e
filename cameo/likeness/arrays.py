"""Names for the arrays that pass between the parts of the likeness package."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]
"""RGB picture, shape (H, W, 3)."""

Grey = npt.NDArray[np.uint8]
"""Luminance picture, shape (H, W)."""

Samples = npt.NDArray[np.float32]
"""Mono sound, shape (N,), in [-1, 1]."""

Vector = npt.NDArray[np.float32]
"""An embedding, shape (d,)."""

Points = npt.NDArray[np.float32]
"""Picture points (x, y) in pixels, shape (n, 2)."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels; right and bottom lie outside the box."""

LIKENESS_RATE = 16_000
"""Hz. The one sampling rate that voice engines and recognisers take."""


def unit(vector: npt.NDArray[np.floating]) -> Vector:
    """Returns the vector scaled to length one; a zero vector stays zero."""
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 0 else vector, dtype=np.float32)
