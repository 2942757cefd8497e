"""The kinds of array that the heads are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
"""Numbers in cm, degrees or linear light; the compiled loops are given float32."""
Ints = npt.NDArray[np.int32]
"""Vertex and triangle numbers."""
Bytes = npt.NDArray[np.uint8]
"""Materials, flags and 8-bit pictures."""
Frame = npt.NDArray[np.uint8]
"""A picture (H, W, 3), RGB."""
