"""Names for the arrays that the mark works on."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Luma: TypeAlias = NDArray[np.uint8]
"""One luma plane, (H, W), limited range as in the yuv420p file (16 black, 235 white)."""

Plane: TypeAlias = NDArray[np.float32]
"""A real-valued picture, (H, W)."""

Vector: TypeAlias = NDArray[np.float32]
"""A real-valued sequence, (N,)."""

Bits: TypeAlias = NDArray[np.uint8]
"""Zeros and ones, (N,)."""

Indices: TypeAlias = NDArray[np.int64]
"""Positions in another array."""
