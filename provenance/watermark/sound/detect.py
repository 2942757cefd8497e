"""Looking for the mark of one key in sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.payload import Payload
from provenance.watermark.sound import bounds
from provenance.watermark.sound.arrays import Power
from provenance.watermark.sound.grid import CELL, RATE
from provenance.watermark.sound.layout import PERIOD, Layout
from provenance.watermark.sound.reading import Reading, read
from provenance.watermark.sound.samples import checked, checked_rate, to_analysis
from provenance.watermark.sound.search import HOP, Place, Search, Speed
from provenance.watermark.sound.spans import Span, spans
from provenance.watermark.sound.spectrum import power

MAX_SECONDS = 120.0
LEAST_SECONDS = 1.0
_BLOCK = PERIOD * CELL // HOP
_AS_MARKED = (Speed(pitch=1.0, tempo=1.0),)
_STEP = 0.003
_FACTORS = [float(np.exp(step * _STEP)) for step in range(-35, 36)]
_OTHER = tuple(Speed(pitch=p, tempo=t) for f in _FACTORS for p, t in ((f, f), (1.0, f)))
_READ_AS_MARKED = 2
_READ_OTHERWISE = 4
_BLOCKS_OTHERWISE = 3
DECODED = 2 * (_READ_AS_MARKED + _READ_OTHERWISE)
"""Each place is read from its block and, if there is more sound, from all of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundDetection:
    """The outcome of one search.

    Attributes:
        found: whether the statistic of the short or of the full id reached its threshold and the
            tag is right.
        short_id: the first 32 bits of the payload, if found.
        payload: the payload, if all 64 bits are certain.
        confidence: the statistic T of the level found, or the highest one of a short id; see
            `provenance.watermark.sound.bounds`.
        threshold: what T must reach at this level for a false-positive rate of at most 1e-9.
        speed: how many times faster than when marked the sound plays.
        offset: where in the plan of the mark the sound starts, in seconds of the marked sound.
        spans: (start, end) in seconds of the examined sound, the parts that carry the mark.
        level: "short", "full" or None.
    """

    found: bool
    short_id: int | None
    payload: Payload | None
    confidence: float
    threshold: float
    speed: float
    offset: float
    spans: tuple[Span, ...]
    level: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """What was read, and where as seen from the beginning of the sound."""

    reading: Reading
    place: Place


class SoundDetector:
    """Looks for the marks of one epoch key."""

    def __init__(self, key: bytes, keys_tried: int = 1) -> None:
        """Prepare the templates.

        Args:
            key: the epoch key of modality "sound", 32 bytes.
            keys_tried: how many keys the caller tries on one sound; the thresholds account for it.

        Raises:
            BadKey: if the key does not have 32 bytes.
        """
        self._layout = Layout.of(key)
        self._search = Search(self._layout)
        self._short = bounds.short_threshold(DECODED, keys_tried)
        self._full = bounds.full_threshold(DECODED, keys_tried)

    def detect(self, samples: NDArray[np.floating], rate: int) -> SoundDetection:
        """Search sound; of more than two minutes, the first two.

        The sound is first taken to play as it was marked. If nothing is found, speeds from 0.9 to
        1.1 are searched, with the pitch changed alike or kept.

        Args:
            samples: float32 at full scale 1, (N,), (N, 2) or (N, 6).
            rate: samples a second, 8000 to 192000.

        Raises:
            BadSound: if samples or rate are not as said.
        """
        sound = checked(samples)[: round(MAX_SECONDS * checked_rate(rate))]
        if len(sound) < LEAST_SECONDS * rate:
            return self._nothing(0.0)
        found = power(to_analysis(sound, rate), HOP)
        highest = 0.0
        best: _Found | None = None
        for candidate in self._readings(found):
            highest = max(highest, candidate.reading.short_statistic)
            level = self._level(candidate.reading)
            if level == "full":
                return self._outcome(found, candidate)
            if level == "short" and best is None:
                best = candidate
            elif best is not None:
                break
        return self._outcome(found, best) if best else self._nothing(highest)

    def _readings(self, found: Power) -> Iterator[_Found]:
        """Decode the most promising places; at most `DECODED` of them."""
        starts = _block_starts(len(found))
        yield from self._read(found, starts, _AS_MARKED, _READ_AS_MARKED)
        chosen = starts[:: -(-len(starts) // _BLOCKS_OTHERWISE)]
        yield from self._read(found, chosen, _OTHER, _READ_OTHERWISE)

    def _read(
        self, found: Power, starts: list[int], speeds: tuple[Speed, ...], most: int
    ) -> Iterator[_Found]:
        places = [
            (place, start)
            for start in starts
            for place in self._search.places(found[start : start + _BLOCK], speeds)[:most]
        ]
        ranked = sorted(places, key=lambda entry: -entry[0].score)
        for place, start in ranked[:most]:
            block = found[start : start + _BLOCK]
            near = self._search.refined(block, place, _around(place.speed, len(block)))
            moved = _moved(near, start)
            yield _Found(reading=self._decoded(block, near), place=moved)
            if len(block) < len(found):
                whole = self._search.refined(found, moved, _around(near.speed, len(found)))
                yield _Found(reading=self._decoded(found, whole), place=whole)

    def _decoded(self, found: Power, place: Place) -> Reading:
        cells = self._search.cells(found, place)
        return read(self._layout, self._layout.votes(cells, place.first))

    def _level(self, reading: Reading) -> str | None:
        if reading.payload is not None and reading.full_statistic >= self._full:
            return "full"
        if reading.short_id is not None and reading.short_statistic >= self._short:
            return "short"
        return None

    def _outcome(self, found: Power, best: _Found) -> SoundDetection:
        reading, place = best.reading, best.place
        full = self._level(reading) == "full"
        signs = self._layout.signs(*reading.words)
        if not full:
            signs[len(signs) // 2 :] = 0.0
        cells = self._search.cells(found, place)
        return SoundDetection(
            found=True,
            short_id=reading.short_id,
            payload=reading.payload if full else None,
            confidence=reading.full_statistic if full else reading.short_statistic,
            threshold=self._full if full else self._short,
            speed=place.speed.tempo,
            offset=_offset_s(place),
            spans=spans(self._layout, signs, cells, place),
            level="full" if full else "short",
        )

    def _nothing(self, highest: float) -> SoundDetection:
        return SoundDetection(
            found=False,
            short_id=None,
            payload=None,
            confidence=highest,
            threshold=self._short,
            speed=1.0,
            offset=0.0,
            spans=(),
            level=None,
        )


def _block_starts(frames: int) -> list[int]:
    """Return where blocks of one period start, half a period apart, in frames."""
    return list(range(0, max(1, frames - _BLOCK // 2), _BLOCK // 2))


def _around(speed: Speed, frames: int) -> list[Speed]:
    """Return speeds close to one, so close that they drift by a quarter of a cell at most."""
    reach = _STEP / 2 * min(1.0, _BLOCK / frames)
    factors = [1.0 + reach * step / 2 for step in range(-2, 3)]
    kept = speed.pitch == 1.0
    return [Speed(pitch=1.0 if kept else speed.pitch * f, tempo=speed.tempo * f) for f in factors]


def _moved(place: Place, start: int) -> Place:
    """Return the place as seen from the beginning of the sound, not of the block at `start`."""
    steps = start * HOP * place.speed.tempo * place.steps / CELL
    begin = place.first * place.steps - place.skip - round(steps)
    first = -(-begin // place.steps)
    return replace(place, first=first % PERIOD, skip=-begin % place.steps)


def _offset_s(place: Place) -> float:
    begin = (place.first - place.skip / place.steps) % PERIOD
    return float(begin * CELL / RATE)
