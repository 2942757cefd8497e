"""The ground: a tiled texture on the floor, filtered so that it does not shimmer."""

from __future__ import annotations

import math

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from generator.paint import Easel
from generator.textures import LINEAR, image


class Ground:
    """A texture level is chosen for every band of depth, separately along and across.

    Seen at a slant, a square of ground is far shorter than it is wide, so one mipmap level for
    both directions would either shimmer or blur.
    """

    def __init__(self, texture: NDArray[np.generic], metres: float) -> None:
        """Take an (n, n, 3 or 4) premultiplied texture that covers `metres` squared."""
        self._texture = np.clip(texture, 0, 255).astype(np.uint8)
        self._metres = metres
        self._levels: dict[tuple[int, int], skia.Image] = {}

    def draw(
        self,
        easel: Easel,
        across: tuple[float, float],
        along: tuple[float, float],
        *,
        y: float = 0.0,
    ) -> None:
        """Draw from `across[0]` to `across[1]` in x and `along[0]` to `along[1]` in z, metres."""
        view = easel.view
        density = self._texture.shape[0] / self._metres
        height = max(abs(view.y - y), 0.3)
        near, far = max(along[0], view.z + 0.25), along[1]
        while near < far - 1e-6:
            d = max(near - view.z, 0.3)
            end = min(far, near + max(0.35 * d, 0.5))
            levels = (
                _level(density * d / view.focal),
                _level(density * d * d / (view.focal * height)),
            )
            self._band(easel, across, (near, end), y, levels)
            near = end

    def _picture(self, levels: tuple[int, int]) -> skia.Image:
        if levels not in self._levels:
            n = self._texture.shape[0]
            size = (max(4, n >> levels[0]), max(4, n >> levels[1]))
            self._levels[levels] = image(
                cv2.resize(self._texture, size, interpolation=cv2.INTER_AREA)
            )
        return self._levels[levels]

    def _band(
        self,
        easel: Easel,
        across: tuple[float, float],
        along: tuple[float, float],
        y: float,
        levels: tuple[int, int],
    ) -> None:
        picture = self._picture(levels)
        mu, mv = self._metres / picture.width(), self._metres / picture.height()
        base = math.floor(along[0] / self._metres) * self._metres
        box = skia.Rect.MakeLTRB(
            across[0] / mu,
            (along[0] - base) / mv,
            across[1] / mu,
            (along[1] - base) / mv,
        )
        tile = skia.TileMode.kRepeat
        canvas = easel.canvas
        canvas.save()
        canvas.concat(easel.view.plane((0.0, y, base), (mu, 0.0, 0.0), (0.0, 0.0, mv)))
        canvas.drawRect(box, skia.Paint(Shader=picture.makeShader(tile, tile, LINEAR)))
        canvas.restore()


def _level(texels: float) -> int:
    return max(0, min(8, math.floor(math.log2(max(texels, 1e-6)) + 0.4)))
