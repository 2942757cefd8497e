"""The mouth moves while there is sound: a hint, never decisive.

Over real clips of three seconds even a trained lip-sync measure errs in a third of cases; this one
is simpler. It is reported so that a reviewer can see it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cameo.likeness.arrays import LIKENESS_RATE, Samples
from cameo.likeness.checks.check import Check, judged, not_made
from cameo.likeness.survey import Survey

NAME = "mouth_moves_with_speech"
LEAST_CORRELATION = 0.1
_SMALLEST_EYES = 28.0  # pixels between the eyes; smaller mouths are a few pixels of noise
_STEP_S = 0.04
_WIDTH = 9  # steps of smoothing: words, not vibrations
_LAGS = range(-5, 6)


def check_lips(survey: Survey, samples16k: Samples) -> Check:
    """Correlates mouth movement and loudness. Figure: the best over lags of +-0.2 s."""
    sizes = [look.faces[0].eye_distance for look in survey.with_face]
    if not sizes or float(np.median(sizes)) < _SMALLEST_EYES:
        return not_made(NAME, "The face is too small to see the mouth.", required=False)
    if not samples16k.size or float(np.abs(samples16k).max()) <= 0.0 or len(survey.mouth) < 10:
        return not_made(NAME, "There is no sound or no mouth to compare.", required=False)
    grid = np.arange(0.0, min(survey.seconds, samples16k.size / LIKENESS_RATE), _STEP_S)
    movement = _smooth(np.interp(grid, survey.mouth[:, 0], _capped(survey.mouth[:, 1])))
    loudness = _smooth(_envelope(samples16k, grid))
    figure = max(_correlation(movement, loudness, lag) for lag in _LAGS)
    return judged(
        NAME,
        figure >= LEAST_CORRELATION,
        figure=figure,
        limit=LEAST_CORRELATION,
        detail="Correlation of mouth movement with loudness; a hint that never decides alone.",
        code="capture.mouth_unrelated",
        required=False,
    )


def _capped(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.minimum(values, np.percentile(values, 95)))


def _smooth(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.convolve(values, np.ones(_WIDTH) / _WIDTH, mode="same"))


def _envelope(samples: Samples, grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    edges = np.append(grid, grid[-1] + _STEP_S) if grid.size else grid
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    at = np.minimum((edges * LIKENESS_RATE).astype(int), samples.size)
    mean = np.diff(power[at]) / np.maximum(1, np.diff(at))
    return np.asarray(np.sqrt(np.maximum(0.0, mean)))


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], lag: int) -> float:
    x = a[max(0, lag) : a.size + min(0, lag)]
    y = b[max(0, -lag) : b.size + min(0, -lag)]
    if x.size < 3 or x.std() <= 0 or y.std() <= 0:
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])
