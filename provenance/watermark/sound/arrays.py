"""Names for the arrays that the mark in sound works on."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""Sound, (N,) or (N, channels); full scale is -1 to 1."""

Power: TypeAlias = NDArray[np.float32]
"""Energy for each frame and frequency bin, (frames, bins), summed over the channels."""

Cells: TypeAlias = NDArray[np.float32]
"""One value for each time and band, (times, BANDS)."""
