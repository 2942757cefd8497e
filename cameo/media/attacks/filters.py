"""What smooths, sharpens or covers with noise."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from cameo.media.attacks.clip import U8, Clip
from cameo.media.attacks.graph import filtered

Step = Callable[[Clip], Clip]

_FIELDS = 8  # grain fields that a clip draws from, each shifted anew


def blurred(sigma: float) -> Step:
    """Gaussian blur; chroma, half as fine, gets half the sigma."""
    return _each(lambda plane, share: cv2.GaussianBlur(plane, (0, 0), sigma / share))


def median(side: int = 3) -> Step:
    """The median of a square."""
    return _each(lambda plane, share: cv2.medianBlur(plane, side if share == 1 else 3))


def sharpened(amount: float = 1.0) -> Step:
    """Unsharp masking with a sigma of 1.2 pixels."""

    def one(plane: U8, share: int) -> U8:
        if share == 2:
            return plane
        soft = cv2.GaussianBlur(plane, (0, 0), 1.2)
        return np.asarray(cv2.addWeighted(plane, 1 + amount, soft, -amount, 0), dtype=np.uint8)

    return _each(one)


def denoised(clip: Clip) -> Clip:
    """Bilateral in space, then recursive in time where little changes: the idea of hqdn3d."""
    smooth = _each(lambda plane, _share: cv2.bilateralFilter(plane, 5, 14.0, 3.0))(clip)
    return Clip.of_planes(tuple(_settled(plane) for plane in smooth.planes()), clip)  # type: ignore[arg-type]


def nlmeans(clip: Clip) -> Clip:
    """FFmpeg's non-local means, light: strength 2, patches of 3, search of 3 pixels."""
    return filtered(clip, [("nlmeans", "s=2:p=3:r=3")])


def noisy(strength: int) -> Step:
    """FFmpeg's `noise`, new in every frame; its sigma is the strength over the root of 3."""
    return lambda clip: filtered(clip, [("noise", f"alls={strength}:allf=t")])


def grained(sigma: float = 6.0, seed: int = 5) -> Step:
    """Film grain: soft, new in every frame, strongest in the middle tones."""

    def step(clip: Clip) -> Clip:
        rng = np.random.default_rng(seed)
        luma, u, v = clip.planes()
        fields = [_grain(rng, (luma.shape[1], luma.shape[2])) for _ in range(_FIELDS)]
        level = np.arange(256, dtype=np.float32)
        weight = sigma * (0.35 + 0.65 * np.sqrt(np.clip(1 - ((level - 120) / 120) ** 2, 0, 1)))
        out = np.empty_like(luma)
        for index, plane in enumerate(luma):
            shift = tuple(int(s) for s in rng.integers(0, 4096, 2))
            field = np.roll(fields[index % _FIELDS], shift, axis=(0, 1))
            grainy = plane + np.asarray(cv2.LUT(plane, weight.astype(np.float32))) * field
            out[index] = np.clip(np.rint(grainy), 0, 255)
        return Clip.of_planes((out, u, v), clip)

    return step


def _grain(rng: np.random.Generator, shape: tuple[int, int]) -> cv2.typing.MatLike:
    field = cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), 0.8)
    return field / field.std()


def _settled(planes: U8, threshold: float = 10.0) -> U8:
    out, kept = np.empty_like(planes), planes[0].astype(np.float32)
    for index, plane in enumerate(planes):
        change = plane.astype(np.float32) - kept
        # The larger the change, the more of it is taken over at once.
        kept = kept + change * np.clip(0.35 + np.abs(change) / threshold, 0, 1)
        out[index] = np.rint(kept)
    return out


def _each(work: Callable[[U8, int], cv2.typing.MatLike]) -> Step:
    """One plane after another; the second argument is 1 for luma and 2 for chroma."""

    def step(clip: Clip) -> Clip:
        y, u, v = (
            np.stack([np.asarray(work(plane, share), dtype=np.uint8) for plane in planes])
            for planes, share in zip(clip.planes(), (1, 2, 2), strict=True)
        )
        return Clip.of_planes((y, u, v), clip)

    return step
