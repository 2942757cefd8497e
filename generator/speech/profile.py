"""How a voice sounds on average, measured from a recording: pitch, liveliness and colour.

A profile steers the embedded engines towards a person's voice. It is a coarse likeness (we say
"voice-adapted"), yet it is measured from biometric material and is to be kept like it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from generator.request import VoiceProfile
from generator.speech.errors import TooLittleVoiceError
from generator.speech.world import pyworld

BANDS = 24
LOWEST_HZ = 100.0
HIGHEST_HZ = 7600.0
ANALYSIS_RATE = 16_000
MIN_VOICED_S = 1.0
LONGEST_S = 20
FRAME_MS = 5.0
F0_FLOOR, F0_CEILING = 65.0, 500.0


def mel(hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Map Hz to mel (O'Shaughnessy's formula)."""
    return 1127.0 * np.log1p(np.asarray(hz, dtype=np.float64) / 700.0)


def band_centres() -> npt.NDArray[np.float64]:
    """Return the centres, in mel, of the 24 bands, evenly spaced from 100 Hz to 7.6 kHz."""
    return np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), BANDS)


def measure_profile(samples: npt.NDArray[np.floating], rate: int) -> VoiceProfile:
    """Measure a voice from speech of one person.

    Args:
        samples: mono in [-1, 1], shape (N,); ten seconds are plenty, the first twenty are used.
        rate: Hz.

    Returns:
        Median F0 in Hz; spread in semitones as a standard deviation, estimated from the 16th
        and 84th percentile so that octave errors weigh little; the mean log power envelope of the
        voiced frames on `band_centres`, its own mean removed, so that loudness does not matter.
        Recordings below 16 kHz lack the upper bands and give no envelope.

    Raises:
        TooLittleVoiceError: less than one second of it is voiced.
    """
    mono = np.asarray(samples, dtype=np.float64)[: LONGEST_S * rate]
    if mono.ndim != 1 or mono.size < rate * MIN_VOICED_S or not np.isfinite(mono).all():
        raise TooLittleVoiceError
    if rate != ANALYSIS_RATE:
        step = int(np.gcd(rate, ANALYSIS_RATE))
        mono = resample_poly(mono, ANALYSIS_RATE // step, rate // step)
    mono = np.ascontiguousarray(mono)
    f0, times = pyworld.harvest(
        mono, ANALYSIS_RATE, f0_floor=F0_FLOOR, f0_ceil=F0_CEILING, frame_period=FRAME_MS
    )
    voiced = (f0 > 0.0) & _loud(mono, times)
    if voiced.sum() * FRAME_MS / 1000.0 < MIN_VOICED_S:
        raise TooLittleVoiceError
    low, middle, high = np.percentile(12.0 * np.log2(f0[voiced]), (16.0, 50.0, 84.0))
    envelope = None
    if rate >= ANALYSIS_RATE:
        spectrum = pyworld.cheaptrick(mono, f0, times, ANALYSIS_RATE)
        envelope = mean_envelope(spectrum, voiced, ANALYSIS_RATE)
    return VoiceProfile(
        f0_hz=float(2.0 ** (middle / 12.0)), f0_spread=float(high - low) / 2.0, envelope=envelope
    )


def mean_envelope(
    spectrum: npt.NDArray[np.float64], voiced: npt.NDArray[np.bool_], rate: int
) -> npt.NDArray[np.float32]:
    """Average log power of the voiced frames on the 24 bands, its own mean removed.

    Args:
        spectrum: WORLD's power envelope, shape (frames, bins) from 0 Hz to rate / 2.
        voiced: which frames count, shape (frames,).
        rate: Hz.

    Returns:
        float32 (24,), natural logarithm of power.
    """
    mean = np.log(spectrum[voiced] + 1e-16).mean(axis=0)
    at = mel(np.linspace(0.0, rate / 2.0, mean.shape[0]))
    centres = band_centres()
    width = centres[1] - centres[0]
    weights = np.maximum(0.0, 1.0 - np.abs(at[None, :] - centres[:, None]) / width)
    bands = (weights @ mean) / weights.sum(axis=1)
    flat: npt.NDArray[np.float32] = (bands - bands.mean()).astype(np.float32)
    return flat


def _loud(mono: npt.NDArray[np.float64], times: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Keep frames within 30 dB of the loudest: hum and echo between words are not the voice."""
    window = int(0.025 * ANALYSIS_RATE)
    power = np.convolve(mono**2, np.ones(window) / window, mode="same")
    at = np.minimum((times * ANALYSIS_RATE).astype(int), mono.shape[0] - 1)
    frames: npt.NDArray[np.float64] = power[at]
    return frames > 1e-3 * max(float(frames.max()), 1e-9)
