"""Stretches of speech: from frame-wise probabilities, and long ones cut where they are quietest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cameo.likeness.arrays import LIKENESS_RATE, Samples

_ON = 0.5
_OFF = 0.35
_SHORTEST_S = 0.10
_GAP_S = 0.07  # pauses shorter than this do not part two words
_PAD_S = 0.05
_LONGEST_DIGIT_S = 0.95
_SHORTEST_DIGIT_S = 0.18
_HOP_S = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """From `start_s` to `end_s`, in seconds from the beginning of the sound."""

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end_s - self.start_s


def spoken(samples16k: Samples, segments: Sequence[Segment]) -> Samples:
    """Returns the speech without the pauses."""
    parts = [
        samples16k[round(s.start_s * LIKENESS_RATE) : round(s.end_s * LIKENESS_RATE)]
        for s in segments
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def merge(probabilities: npt.NDArray[np.floating], step_s: float, total_s: float) -> list[Segment]:
    """Turns frame-wise speech probabilities into padded segments that do not overlap.

    Args:
        probabilities: (n,) in [0, 1].
        step_s: seconds a frame.
        total_s: seconds of the sound; no segment ends later.
    """
    raw: list[list[float]] = []
    start: float | None = None
    for i, p in enumerate(np.append(probabilities, 0.0)):
        if start is None and p >= _ON:
            start = i * step_s
        elif start is not None and p < _OFF:
            if raw and start - raw[-1][1] < _GAP_S:
                raw[-1][1] = i * step_s
            else:
                raw.append([start, i * step_s])
            start = None
    kept = [pair for pair in raw if pair[1] - pair[0] >= _SHORTEST_S]
    padded: list[Segment] = []
    for i, (begin, end) in enumerate(kept):
        lower = (kept[i - 1][1] + begin) / 2 if i else 0.0
        upper = (end + kept[i + 1][0]) / 2 if i + 1 < len(kept) else total_s
        padded.append(
            Segment(start_s=max(lower, begin - _PAD_S), end_s=min(upper, end + _PAD_S, total_s))
        )
    return padded


def cut_long(
    samples: Samples, rate: int, segments: list[Segment], expected_count: int
) -> list[Segment]:
    """Cuts the longest segments at their quietest inner moment until there are enough.

    People run digits together: "four-nine" is one stretch of speech. Only stretches longer than a
    single digit lasts are cut, and only while fewer than `expected_count` pieces are there.
    """
    pieces = list(segments)
    while len(pieces) < expected_count:
        longest = max(pieces, key=lambda piece: piece.seconds, default=None)
        if longest is None or longest.seconds < _LONGEST_DIGIT_S:
            return pieces
        at = _quietest(samples, rate, longest)
        i = pieces.index(longest)
        pieces[i : i + 1] = [
            Segment(start_s=longest.start_s, end_s=at),
            Segment(start_s=at, end_s=longest.end_s),
        ]
    return pieces


def _quietest(samples: Samples, rate: int, segment: Segment) -> float:
    hop = max(1, round(_HOP_S * rate))
    first = round((segment.start_s + _SHORTEST_DIGIT_S) * rate)
    last = round((segment.end_s - _SHORTEST_DIGIT_S) * rate)
    inner = np.asarray(samples[first:last], dtype=np.float64)
    frames = inner[: inner.size // hop * hop].reshape(-1, hop)
    loudness = np.sqrt((frames**2).mean(axis=1))
    smooth = np.convolve(loudness, np.ones(5) / 5, mode="same")
    smooth[:2] = smooth[-2:] = np.inf
    return (first + (int(np.argmin(smooth)) + 0.5) * hop) / rate
