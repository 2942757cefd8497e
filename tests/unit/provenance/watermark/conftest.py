"""Procedural scenes: fractal noise that moves past, and shapes that move in front of it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.watermark.keys import epoch_key

Frames = list[NDArray[np.uint8]]
Scene = Callable[..., Frames]

PAYLOAD = 0x0123_4567_89AB_CDEF


def fractal(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft2(rng.normal(size=(height, width)))
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    radius[0, 0] = 1.0
    noise = np.fft.irfft2(spectrum / radius**1.2, s=(height, width))
    return noise / noise.std()


def make_scene(seed: int, size: tuple[int, int] = (1280, 720), count: int = 6) -> Frames:
    width, height = size
    rng = np.random.default_rng(seed)
    ground = 120 + 30 * fractal(height, 2 * width, rng)
    shapes = [(rng.uniform(0, width), rng.uniform(0, height), rng.uniform(-9, 9)) for _ in range(4)]
    frames = []
    for number in range(count):
        shift = 5 * number
        picture = ground[:, shift : shift + width].astype(np.float32)
        for index, (x, y, speed) in enumerate(shapes):
            centre = (int((x + speed * number) % width), int(y))
            cv2.circle(picture, centre, height // (6 + index), 60.0 + 40 * index, -1)
        frames.append(np.clip(picture, 16, 235).astype(np.uint8))
    return frames


@pytest.fixture(scope="session")
def scene() -> Scene:
    return make_scene


@pytest.fixture(scope="session")
def key() -> bytes:
    return epoch_key(b"a master secret of 32 bytes, ok?", 1, "video")


@pytest.fixture(scope="session")
def payload() -> int:
    return PAYLOAD
