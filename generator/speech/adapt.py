"""Bring synthetic speech nearer to a voice: pitch, liveliness, vocal tract, colour and tempo.

All of it is one pass of WORLD analysis and synthesis; phones keep their order and move only with
the tempo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from generator.speech.profile import band_centres, mean_envelope, mel
from generator.speech.values import Raw
from generator.speech.world import pyworld

FRAME_MS = 5.0
F0_FLOOR, F0_CEILING = 60.0, 600.0
F0_LIMIT = 21.0  # semitones that the median may move
SPREAD_LIMITS = (0.5, 1.8)
ENVELOPE_LIMIT = 3.0  # nepers of power, 13 dB: beyond that it is the room, not the voice


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Target:
    """Where to move a voice; what is None stays as the engine has it."""

    f0_hz: float | None = None  # median over voiced frames
    f0_spread: float | None = None  # standard deviation in semitones
    formant: float = 1.0  # stretches the envelope in frequency; below 1 is a longer vocal tract
    envelope: npt.NDArray[np.float32] | None = None  # see `profile.mean_envelope`
    tempo: float = 1.0  # above 1 is faster

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        moved = (self.f0_hz, self.f0_spread, self.envelope)
        return any(x is not None for x in moved) or self.formant != 1.0 or self.tempo != 1.0


def adapt(raw: Raw, target: Target) -> Raw:
    """Move speech towards ``target``.

    Args:
        raw: speech as the engine gave it.
        target: where to move it; pitch moves by at most 21 semitones, the mean envelope by
            at most 13 dB in a band.

    Returns:
        New speech at the same rate, ``1 / tempo`` as long. Deterministic: WORLD's noise restarts
        from the same state at every synthesis.
    """
    if not target.changes:
        return raw
    mono = np.ascontiguousarray(raw.samples, dtype=np.float64)
    coarse, times = pyworld.dio(
        mono, raw.rate, f0_floor=F0_FLOOR, f0_ceil=F0_CEILING, frame_period=FRAME_MS
    )
    f0 = pyworld.stonemask(mono, coarse, times, raw.rate)
    spectrum = pyworld.cheaptrick(mono, f0, times, raw.rate)
    noise = pyworld.d4c(mono, f0, times, raw.rate)
    voiced = f0 > 0.0
    if voiced.any():
        spectrum, noise = _tract(spectrum, target.formant), _tract(noise, target.formant)
        if target.envelope is not None:
            spectrum = _colour(spectrum, voiced, raw.rate, target.envelope)
        f0 = _pitch(f0, voiced, target)
    made = pyworld.synthesize(f0, spectrum, noise, raw.rate, FRAME_MS / target.tempo)
    length = round(mono.shape[0] / target.tempo)
    samples = np.pad(made, (0, max(0, length - made.shape[0])))[:length]
    phones = tuple(
        replace(p, start_s=p.start_s / target.tempo, end_s=p.end_s / target.tempo)
        for p in raw.phones
    )
    return Raw(samples=samples, rate=raw.rate, phones=phones)


def _pitch(
    f0: npt.NDArray[np.float64], voiced: npt.NDArray[np.bool_], target: Target
) -> npt.NDArray[np.float64]:
    log = 12.0 * np.log2(f0[voiced])
    low, middle, high = np.percentile(log, (16.0, 50.0, 84.0))
    goal, scale = middle, 1.0
    if target.f0_hz is not None:
        goal = np.clip(12.0 * np.log2(target.f0_hz), middle - F0_LIMIT, middle + F0_LIMIT)
    if target.f0_spread is not None and high > low:
        scale = float(np.clip(2.0 * target.f0_spread / (high - low), *SPREAD_LIMITS))
    moved = np.zeros_like(f0)
    moved[voiced] = 2.0 ** ((np.clip((log - middle) * scale, -12.0, 12.0) + goal) / 12.0)
    return moved


def _tract(spectrum: npt.NDArray[np.float64], formant: float) -> npt.NDArray[np.float64]:
    """Stretch the frequency axis: what was at f comes to lie at ``formant * f``."""
    if formant == 1.0:
        return spectrum
    bins = spectrum.shape[1]
    at = np.minimum(np.arange(bins) / formant, bins - 1.0)
    below = np.minimum(at.astype(int), bins - 2)
    share = at - below
    mixed = (1.0 - share) * spectrum[:, below] + share * spectrum[:, below + 1]
    return np.ascontiguousarray(mixed)


def _colour(
    spectrum: npt.NDArray[np.float64],
    voiced: npt.NDArray[np.bool_],
    rate: int,
    envelope: npt.NDArray[np.float32],
) -> npt.NDArray[np.float64]:
    gap = envelope.astype(np.float64) - mean_envelope(spectrum, voiced, rate)
    gap = np.clip(gap, -ENVELOPE_LIMIT, ENVELOPE_LIMIT)
    at = mel(np.linspace(0.0, rate / 2.0, spectrum.shape[1]))
    return np.ascontiguousarray(spectrum * np.exp(np.interp(at, band_centres(), gap))[None, :])
