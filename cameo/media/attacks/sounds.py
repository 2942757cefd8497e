"""What happens to the sound; the picture stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from scipy import signal

from cameo.media.attacks import pace
from cameo.media.attacks.clip import F32, Clip

Step = Callable[[Clip], Clip]


def resampled(rate: int) -> Step:
    """Down to a rate and back: what lies above half of it is gone."""

    def work(samples: F32, own: int) -> F32:
        share = Fraction(rate, own)
        low = signal.resample_poly(samples, share.numerator, share.denominator, axis=0)
        back = signal.resample_poly(low, share.denominator, share.numerator, axis=0)
        return np.asarray(back[: len(samples)], dtype=np.float32)

    return _sounding(work)


def volume(factor: float) -> Step:
    """Louder or quieter, clipped at full scale."""
    return _sounding(lambda samples, _rate: np.clip(factor * samples, -1, 1).astype(np.float32))


def noisy(snr_db: float, seed: int = 21) -> Step:
    """White noise, so many decibels below the track's mean power."""

    def work(samples: F32, _rate: int) -> F32:
        level = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) * 10 ** (-snr_db / 20)
        noise = np.random.default_rng(seed).standard_normal(samples.shape, dtype=np.float32)
        return np.clip(samples + np.float32(level) * noise, -1, 1).astype(np.float32)

    return _sounding(work)


def trimmed(seconds: float, start: float = 0.31) -> Step:
    """A piece of some seconds of the sound alone."""

    def work(samples: F32, rate: int) -> F32:
        count = min(len(samples), round(seconds * rate))
        first = int((len(samples) - count) * start)
        return samples[first : first + count]

    return _sounding(work)


def faster(factor: float) -> Step:
    """At another speed, the pitch along with it, as a tape."""

    def work(samples: F32, _rate: int) -> F32:
        share = Fraction(1 / factor).limit_denominator(200)
        made = signal.resample_poly(samples, share.numerator, share.denominator, axis=0)
        return np.asarray(made, dtype=np.float32)

    return _sounding(work)


def tempo(factor: float) -> Step:
    """At another speed with the pitch kept, as players do."""
    return _sounding(lambda samples, rate: pace.tempo(samples, rate, factor))


def low_pass(hertz: float) -> Step:
    """What lies above a frequency is taken away, 48 dB an octave."""

    def work(samples: F32, rate: int) -> F32:
        sections = signal.butter(8, hertz, fs=rate, output="sos")
        return np.asarray(signal.sosfilt(sections, samples, axis=0), dtype=np.float32)

    return _sounding(work)


def echo(samples: F32, rate: int) -> F32:
    """A small room: two reflections, 83 and 147 ms later."""
    out = samples.copy()
    for delay, share in ((0.083, 0.45), (0.147, 0.25)):
        later = round(delay * rate)
        out[later:] += np.float32(share) * samples[: len(samples) - later]
    return np.clip(out, -1, 1).astype(np.float32)


def echoing(clip: Clip) -> Clip:
    """The clip with `echo`."""
    return _sounding(echo)(clip)


def mono(clip: Clip) -> Clip:
    """The mean of both channels on both."""
    return _sounding(lambda samples, _rate: samples.mean(axis=1, keepdims=True).repeat(2, axis=1))(
        clip
    )


def _sounding(work: Callable[[F32, int], F32]) -> Step:
    def step(clip: Clip) -> Clip:
        if clip.samples is None:
            return clip
        return clip.sounding(np.ascontiguousarray(work(clip.samples, clip.rate)))

    return step
