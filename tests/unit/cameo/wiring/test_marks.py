"""A detector over several keys: order, threshold, and how often frames are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from cameo.wiring import marks
from cameo.wiring.marks import KeysDetector, KeysSoundDetector

ONE, TWO, THREE = (bytes([n]) * 32 for n in (1, 2, 3))


@dataclass
class Found:
    found: bool
    confidence: float
    payload: int | None = None
    threshold: float = 10.0
    geometry: object | None = None


@dataclass
class Scripted:
    """Stands in for the core's detector: finds the mark of one key."""

    key: bytes
    keys_tried: int
    made: list[tuple[bytes, int]] = field(default_factory=list)

    marked: Any = None
    heights: Any = None

    def detect(self, frames: Iterable[Any], fps: float) -> Found:
        assert fps == 24.0
        self.searched.append((self.key, len(list(frames))))
        height = self.heights.get(self.key, 1.0)
        return Found(found=self.key == self.marked, confidence=height, payload=7)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> type[Scripted]:
    class Kind(Scripted):
        searched: list[tuple[bytes, int]] = []  # noqa: RUF012 - one list for all of a test
        built: list[tuple[bytes, int]] = []  # noqa: RUF012
        marked = None
        heights: dict[bytes, float] = {}  # noqa: RUF012

        def __init__(self, key: bytes, *, keys_tried: int) -> None:
            self.key, self.keys_tried = key, keys_tried
            self.built.append((key, keys_tried))

    monkeypatch.setattr(marks, "Detector", Kind)
    return Kind


class Again:
    """Frames that begin anew at each reading."""

    passes = 0

    def __iter__(self) -> Iterator[Any]:
        self.passes += 1
        return iter([np.zeros((4, 4), np.uint8)] * 3)


def test_it_stops_at_the_first_key_that_finds(script: Any):
    script.marked = TWO
    frames = Again()
    found = KeysDetector(lambda: (ONE, TWO, THREE)).detect(frames, 24.0)
    assert found.found
    assert script.searched == [(ONE, 3), (TWO, 3)]
    assert frames.passes == 2


def test_the_number_of_keys_goes_into_each_threshold(script: Any):
    KeysDetector(lambda: (ONE, TWO, THREE)).detect(Again(), 24.0)
    assert script.built == [(ONE, 3), (TWO, 3), (THREE, 3)]


def test_nothing_found_tells_the_nearest(script: Any):
    script.heights = {ONE: 3.0, TWO: 8.0, THREE: 5.0}
    found = KeysDetector(lambda: (ONE, TWO, THREE)).detect(Again(), 24.0)
    assert (found.found, found.confidence) == (False, 8.0)


def test_frames_that_can_be_read_once_are_enough(script: Any):
    script.marked = TWO
    assert KeysDetector(lambda: (ONE, TWO)).detect(iter(Again()), 24.0).found
    assert script.searched == [(ONE, 3), (TWO, 3)]


def test_a_new_epoch_is_tried_from_its_beginning_on(script: Any):
    held = [ONE]
    detector = KeysDetector(lambda: tuple(held))
    detector.detect(Again(), 24.0)
    detector.detect(Again(), 24.0)
    assert script.built == [(ONE, 1)]
    held.insert(0, TWO)
    detector.detect(Again(), 24.0)
    assert script.built == [(ONE, 1), (TWO, 2), (ONE, 2)]


def test_without_keys_nothing_is_said(script: Any):
    with pytest.raises(ValueError, match="key"):
        KeysDetector(tuple).detect(Again(), 24.0)


def test_stills_are_tried_with_their_own_keys_first(script: Any):
    script.heights = {}
    detector = KeysDetector(lambda: (ONE,), stills=lambda: (TWO, THREE))
    detector.detect(Again(), 24.0)
    assert script.searched == [(ONE, 3)]
    assert script.built == [(ONE, 1)]


def test_a_still_counts_all_keys(monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[bytes, int, float]] = []

    class Kind:
        def __init__(self, key: bytes, *, keys_tried: int) -> None:
            self.key, self.keys_tried = key, keys_tried

        def detect(self, _frames: Any, fps: float) -> Found:
            asked.append((self.key, self.keys_tried, fps))
            return Found(found=self.key == ONE, confidence=1.0)

    monkeypatch.setattr(marks, "Detector", Kind)
    assert KeysDetector(lambda: (ONE,), stills=lambda: (TWO, THREE)).detect(Again(), 0.0).found
    assert asked == [(TWO, 3, 0.0), (THREE, 3, 0.0), (ONE, 3, 0.0)]


def test_sound_is_searched_with_every_key(monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[bytes, int]] = []

    class Kind:
        def __init__(self, key: bytes, *, keys_tried: int) -> None:
            self.key, self.keys_tried = key, keys_tried

        def detect(self, samples: Any, rate: int) -> Found:
            assert (len(samples), rate) == (4, 16_000)
            asked.append((self.key, self.keys_tried))
            return Found(found=self.key == TWO, confidence=1.0)

    monkeypatch.setattr(marks, "SoundDetector", Kind)
    detector = KeysSoundDetector(lambda: (ONE, TWO, THREE))
    assert detector.detect(np.zeros(4, np.float32), 16_000).found
    assert asked == [(ONE, 3), (TWO, 3)]
