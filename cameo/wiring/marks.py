"""The detectors that flows are given: every key at hand, the present one first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from provenance.verifier.findings import Finding
from provenance.verifier.ports import Luma
from provenance.watermark.detect import Detection, Detector
from provenance.watermark.sound import SoundDetection, SoundDetector

Source = Callable[[], tuple[bytes, ...]]


D = TypeVar("D")
F = TypeVar("F", bound=Finding)


@dataclass(frozen=True, slots=True)
class _Made(Generic[D]):
    keys: tuple[bytes, ...]
    detectors: tuple[D, ...]


class _Prepared(Generic[D]):
    """The detectors of some keys, made anew where the keys are others. Threads may share it."""

    def __init__(self, make: Callable[[bytes, int], D]) -> None:
        self._make = make
        self._made: _Made[D] = _Made((), ())

    def of(self, keys: tuple[bytes, ...]) -> tuple[D, ...]:
        made = self._made
        if made.keys != keys:
            found = tuple(self._make(key, len(keys)) for key in keys)
            made = self._made = _Made(keys, found)
        return made.detectors


class KeysDetector:
    """Searches pictures with each key until one finds its mark.

    The threshold of each search accounts for the number of keys, so that the bound on false
    reports holds for all of them together. Keys are asked for at each search: an epoch that begins
    while a service runs is tried from then on. Threads may share it.
    """

    def __init__(self, keys: Source, stills: Source = tuple) -> None:
        """Keep the sources.

        Args:
            keys: Gives the keys in the order in which they are tried, at least one; may raise, and
                then nothing is searched.
            stills: Gives keys that are tried on stills before the others, which a frame of a film
                is found with.
        """
        self._keys, self._still_keys = keys, stills
        self._films = _Prepared(_picture_detector)
        self._stills = _Prepared(_picture_detector)

    def detect(self, frames: Iterable[Luma], fps: float, /) -> Detection:
        """Search the frames under every key.

        Args:
            frames: Read once a key. An iterator that can be read only once is kept in memory where
                there are several keys: hand over what begins anew.
            fps: Frames a second; 0 for a still.
        """
        if fps:
            detectors = self._films.of(self._keys())
        else:
            detectors = self._stills.of((*self._still_keys(), *self._keys()))
        again = frames
        if len(detectors) > 1 and isinstance(frames, Iterator):
            again = tuple(frames)
        return _first(detector.detect(iter(again), fps) for detector in detectors)


class KeysSoundDetector:
    """Searches sound with each key until one finds its mark; as `KeysDetector`."""

    def __init__(self, keys: Source) -> None:
        """Keep the source: it gives at least one key, or raises."""
        self._keys = keys
        self._prepared = _Prepared(_sound_detector)

    def detect(self, samples: npt.NDArray[np.float32], rate: int, /) -> SoundDetection:
        """Search the samples under every key."""
        detectors = self._prepared.of(self._keys())
        return _first(detector.detect(samples, rate) for detector in detectors)


def _picture_detector(key: bytes, keys: int) -> Detector:
    return Detector(key, keys_tried=keys)


def _sound_detector(key: bytes, keys: int) -> SoundDetector:
    return SoundDetector(key, keys_tried=keys)


def _first(findings: Iterator[F]) -> F:
    """The first that found something, or else the one that came nearest."""
    best: F | None = None
    for finding in findings:
        if finding.found:
            return finding
        if best is None or finding.confidence > best.confidence:
            best = finding
    if best is None:
        raise ValueError("a detector needs a key")
    return best
