"""Pictures, films and sounds that tests make themselves, small and quick."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from cameo.media.encode import encode_file, to_yuv420p

Rgb = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]


def scene(size: tuple[int, int], seed: int = 0) -> Rgb:
    """A picture with large shapes and a texture."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(30, 220, (9, 16, 3)).astype(np.float32)
    shapes = cv2.resize(base, size, interpolation=cv2.INTER_CUBIC)
    texture = rng.normal(0, 25, (size[1], size[0], 3)).astype(np.float32)
    return np.clip(shapes + 2 * cv2.GaussianBlur(texture, (0, 0), 1.5), 0, 255).astype(np.uint8)


def film(
    path: Path,
    size: tuple[int, int],
    frames: int,
    *,
    samples: Samples | None = None,
    seed: int = 0,
    still: bool = False,
    black: bool = False,
    bit_depth: int = 8,
    fps: int = 24,
) -> Path:
    """A pan over a scene, or one that stands still, or black frames."""
    width, height = size
    wide = scene((width + 64, height + 64), seed)
    made = []
    for number in range(frames):
        at = 0 if still else number % 60
        shown = wide[at // 2 :][:height, at:][:, :width] * (0 if black else 1)
        planar = to_yuv420p(np.ascontiguousarray(shown.astype(np.uint8)))
        made.append(planar if bit_depth == 8 else planar.astype(np.uint16) * 4)
    encode_file(
        path,
        made,
        samples,
        fps=fps,
        size=size,
        codec="h264" if bit_depth == 8 else "h265",
        bit_depth=8 if bit_depth == 8 else 10,
    )
    return path


def speech(seconds: float, rate: int, channels: int = 1, seed: int = 9) -> Samples:
    """Noise in the band of speech that comes and goes like syllables, ``(N, channels)``."""
    count = round(seconds * rate)
    noise = np.random.default_rng(seed).normal(0, 1, count)
    band = butter(2, [200, min(3500, rate * 0.45)], "bandpass", fs=rate, output="sos")
    syllables = 0.3 + 0.7 * np.abs(np.sin(2 * np.pi * 1.7 * np.arange(count) / rate))
    voice = sosfilt(band, noise) * syllables
    voice = (voice / np.abs(voice).max() * 0.4).astype(np.float32)
    return np.stack([np.roll(voice, 7 * k) * (1 - 0.1 * k) for k in range(channels)], axis=1)
