"""Putting the mark into sound, where it can carry one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from provenance.watermark.errors import CannotCarry
from provenance.watermark.sound import BadSound, SoundMark

MOST_DB: Final = 100.0

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MarkedSound:
    """Sound, marked or as it was.

    Attributes:
        samples: as they were given, with the mark where it can be carried.
        snr_db: the ratio of the sound to its change; None where there is no mark.
        absent: why there is no mark; None where there is one.
    """

    samples: Samples
    snr_db: float | None = None
    absent: str | None = None


def marked_sound(samples: Samples, rate: int, key: bytes, payload: int) -> MarkedSound:
    """Mark sound if it can carry a mark; how well it is heard again, a reading must tell."""
    try:
        marked = SoundMark(key, payload, rate).embed(samples)
    except CannotCarry as error:
        return MarkedSound(samples=samples, absent=str(error))
    except BadSound as error:
        return MarkedSound(samples=samples, absent=f"cannot carry a mark because {error}")
    return MarkedSound(samples=marked, snr_db=_snr_db(samples, marked))


def _snr_db(before: Samples, after: Samples) -> float:
    energy = float(np.sum(np.square(before, dtype=np.float64)))
    change = float(np.sum(np.square(after.astype(np.float64) - before)))
    return min(MOST_DB, 10 * math.log10(max(energy, 1e-30) / max(change, 1e-30)))
