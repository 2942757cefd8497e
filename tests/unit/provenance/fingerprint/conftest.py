"""Procedural scenes, as for the mark: fractal noise that moves past, and moving shapes."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

Frames = list[NDArray[np.uint8]]
Scene = Callable[..., Frames]


def fractal(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft2(rng.normal(size=(height, width)))
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    radius[0, 0] = 1.0
    noise = np.fft.irfft2(spectrum / radius**1.2, s=(height, width))
    return noise / noise.std()


def make_scene(
    seed: int,
    size: tuple[int, int] = (640, 360),
    count: int = 48,
    background: int | None = None,
    pan: int = 1,
) -> Frames:
    width, height = size
    rng = np.random.default_rng(seed)
    behind = rng if background is None else np.random.default_rng(background)
    ground = (120 + 30 * fractal(height, 2 * width, behind)).astype(np.float32)
    shapes = [
        (
            rng.uniform(0, width),
            rng.uniform(0, height),
            *rng.uniform(-6, 6, 2),
            rng.uniform(20, 230),
        )
        for _ in range(5)
    ]
    frames = []
    for number in range(count):
        picture = ground[:, pan * number : pan * number + width].copy()
        for index, (x, y, dx, dy, level) in enumerate(shapes):
            centre = (int((x + dx * number) % width), int((y + dy * number) % height))
            cv2.circle(picture, centre, height // (6 + index), level, -1, cv2.LINE_AA)
        frames.append(np.clip(picture, 16, 235).astype(np.uint8))
    return frames


@pytest.fixture(scope="session")
def scene() -> Scene:
    return make_scene
