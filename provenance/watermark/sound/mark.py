"""Writing the mark into sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.errors import CannotCarry
from provenance.watermark.sound import embedding, reading
from provenance.watermark.sound.arrays import Samples
from provenance.watermark.sound.bounds import short_threshold
from provenance.watermark.sound.detect import DECODED
from provenance.watermark.sound.grid import RATE
from provenance.watermark.sound.layout import Layout
from provenance.watermark.sound.payload import to_words
from provenance.watermark.sound.samples import checked, checked_rate, from_analysis, to_analysis
from provenance.watermark.sound.spectrum import SYNTHESIS_HOP, Spectra, spectra

DEFAULT_SNR_DB = 22.2
_LEAST_SNR_DB = 15.0
_MOST_SNR_DB = 40.0
_ALLOWANCE_DB = 0.1
_TRIALS = 3
_MARGIN = 0.5
_SILENT = 1e-7
_LEAST_S = 1.0
_NOTHING = 2.0**-24
"""Less than a step of 24 bits: filters ring on for ever, digital silence stays silent."""


class SoundMark:
    """Writes one payload into sound of one rate.

    All channels are changed by the same factors, so that any mix of them carries the mark too.
    """

    def __init__(self, key: bytes, payload: int, rate: int, snr_db: float = DEFAULT_SNR_DB) -> None:
        """Prepare the mark.

        Args:
            key: the epoch key of modality "sound", 32 bytes.
            payload: 64-bit number to carry; its first 32 bits are the short id.
            rate: samples a second, 8000 to 192000.
            snr_db: the least ratio of the energies of sound and change, over the whole sound, 15
                to 40 dB.

        Raises:
            BadKey: if the key does not have 32 bytes.
            BadPayload: if the payload does not fit 64 bits.
            BadSound: if the rate is not supported.
            CannotCarry: if the ratio leaves no room for a mark, or asks for an audible one.
        """
        if not _LEAST_SNR_DB <= snr_db <= _MOST_SNR_DB:
            raise CannotCarry(f"the ratio is {snr_db} dB, not {_LEAST_SNR_DB} to {_MOST_SNR_DB}")
        self.rate = checked_rate(rate)
        self._snr_db = snr_db
        self._layout = Layout.of(key)
        self._signs = self._layout.signs(*to_words(key, payload))

    def embed(self, samples: NDArray[np.floating]) -> Samples:
        """Return the sound with the mark in it, of the same shape.

        Args:
            samples: float32 at full scale 1, (N,), (N, 2) or (N, 6).

        Raises:
            BadSound: if the samples have another form or are not finite.
            CannotCarry: if there is too little sound to hold a mark that can be found again.
        """
        sound = checked(samples)
        if not len(sound) or float(np.abs(sound).max()) < _SILENT:
            raise CannotCarry("the sound is silent")
        if len(sound) < _LEAST_S * self.rate:
            raise CannotCarry(f"it lasts less than {_LEAST_S} s")
        slow = to_analysis(sound, self.rate)
        channels = [spectra(np.ascontiguousarray(channel), SYNTHESIS_HOP) for channel in slow.T]
        added = self._added(channels, slow, _mean_energy(sound) * len(slow))
        self._check(slow + added)
        change = from_analysis(added, self.rate, len(sound))
        change[np.abs(change) < _NOTHING] = 0.0
        # Where a sample would pass full scale it stays at it: that costs the mark that sample only.
        scale = np.maximum(np.abs(sound), np.float32(1.0))
        marked: Samples = np.clip(sound + change, -scale, scale)
        return marked.reshape(samples.shape)

    def _added(self, channels: list[Spectra], slow: Samples, energy: float) -> Samples:
        """Return the change at the analysis rate, brought to the wanted ratio to an energy."""
        plan = embedding.Plan.of(self._layout, self._signs, embedding.cell_count(len(slow)))
        wanted = self._snr_db + _ALLOWANCE_DB
        strength = 1.0
        for _ in range(_TRIALS):
            parts = embedding.difference(channels, plan, len(slow), strength)
            added = np.stack(parts, axis=1)
            changed = _mean_energy(added) * len(added)
            excess = 10 * np.log10(max(changed, 1e-30) / energy) + wanted
            if excess <= 0:
                return added
            strength *= 10 ** (-(excess + _ALLOWANCE_DB) / 20)
        return added * np.float32(10 ** (-excess / 20))

    def _check(self, marked: Samples) -> None:
        """Read the mark back from the best stretch, as a detector would that knows the place."""
        best = reading.best_short(self._layout, self._signs, marked)
        least = short_threshold(DECODED) + _MARGIN
        if best < least:
            seconds = len(marked) / RATE
            raise CannotCarry(
                f"its {seconds:.1f} s hold too little sound: "
                f"the mark would reach {best:.1f} and {least:.1f} is needed"
            )


def _mean_energy(sound: Samples) -> float:
    """Return the mean over time of the squares, summed over the channels."""
    return float(np.sum(np.square(sound, dtype=np.float64))) / len(sound)
