"""How much a cell may change before it can be heard: masking, after Johnston.

J. D. Johnston, "Transform coding of audio signals using perceptual noise criteria", IEEE JSAC 6(2),
1988: energies in critical bands (Zwicker's edges) are spread with Schroeder's function; the noise
that they mask lies 14.5 + z dB below where the frame is tonal and 5.5 dB below where it is noise,
and in between by the spectral flatness; never under the threshold in quiet (Terhardt's formula).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.sound.arrays import Cells, Power
from provenance.watermark.sound.grid import BINS, HIGH_EDGES, LOW_EDGES, RATE, WINDOW

_EDGES_HZ = np.concatenate(
    [
        [0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700],
        [3150, 3700, 4400, 5300, 6400, 8001],  # the last one ends beyond what is analysed
    ]
)
_FULL_SCALE_SPL_DB = 96.0
"""Sound pressure of a full-scale sine: what 16-bit sound is usually taken to play at."""
_FULL_SCALE_ENERGY = WINDOW * WINDOW / 8.0
_MOST_TONAL_DB = -60.0
_MAX_DB = 6.0


def limits_db(power: Power) -> Cells:
    """Return by how many dB each band may be made louder in each frame, 0 to 6.

    Args:
        power: energies, (n, BINS), of sound at full scale 1.

    Returns:
        (n, BANDS).
    """
    critical = power @ _critical()
    spread = critical @ _spreading().T
    tonal = _tonality(power)[:, None]
    z = np.arange(1, critical.shape[1] + 1)
    offset_db = tonal * (14.5 + z) + (1 - tonal) * 5.5
    masked = np.maximum(spread * 10 ** (-offset_db / 10), _quiet())
    amplitude = np.sqrt(masked / np.maximum(critical, 1e-12))
    limits = np.minimum(20 * np.log10(1 + amplitude), _MAX_DB)
    chosen: Cells = limits[:, _band_of_cell()].astype(np.float32)
    return chosen


def _tonality(power: Power) -> NDArray[np.float64]:
    heard = power[:, _bin(300) : _bin(7500)].astype(np.float64) + 1e-10
    flatness_db: NDArray[np.float64] = 10 * (
        np.log10(heard).mean(axis=1) - np.log10(heard.mean(axis=1))
    )
    tonal: NDArray[np.float64] = np.clip(flatness_db / _MOST_TONAL_DB, 0.0, 1.0)
    return tonal


def _bin(hz: float) -> int:
    return round(hz * WINDOW / RATE)


def _critical() -> NDArray[np.float64]:
    """Return which critical band each bin belongs to, (BINS, bands), 1 or 0."""
    hz = np.arange(BINS) * RATE / WINDOW
    band = np.searchsorted(_EDGES_HZ, hz, side="right") - 1
    return np.eye(len(_EDGES_HZ) - 1)[band]


def _spreading() -> NDArray[np.float64]:
    """Return Schroeder's function, normalised so that an even spectrum stays as it is."""
    bands = np.arange(len(_EDGES_HZ) - 1)
    distance = bands[:, None] - bands[None] + 0.474
    level_db = 15.81 + 7.5 * distance - 17.5 * np.sqrt(1 + distance**2)
    gain = 10 ** (level_db / 10)
    even: NDArray[np.float64] = gain / gain.sum(axis=1, keepdims=True)
    return even


def _quiet() -> NDArray[np.float64]:
    """Return the energy of each critical band at the threshold in quiet."""
    khz = (_EDGES_HZ[:-1] + _EDGES_HZ[1:]) / 2000
    spl = 3.64 * khz**-0.8 - 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz**4
    return np.asarray(_FULL_SCALE_ENERGY * 10 ** ((spl - _FULL_SCALE_SPL_DB) / 10))


def _band_of_cell() -> NDArray[np.intp]:
    centres = (LOW_EDGES + HIGH_EDGES) / 2
    return np.searchsorted(_EDGES_HZ, centres, side="right") - 1
